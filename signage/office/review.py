"""What is on air and what is proposed in, every difference out: what a reviewer looks at before signing.

Nothing that a screen would show differently is left out: a last comparison of the whole finds what no rule here names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from signage.content.values import Item, Kind, MediaFile, Playlist, Screen
from signage.office.whenzh import hours_text, length_zh, playlist_facts, span_text
from signage.release.manifest import Manifest, encode_content
from signage.schedule.programme import is_for


class ChangeKind(StrEnum):
    """What became of something. `title_zh` says it to staff."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @property
    def title_zh(self) -> str:
        return {"added": "新增", "removed": "撤下", "changed": "改动"}[self]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be different. `place` is the playlist or screen in which; `what` names the thing.

    `before` and `after` say it in Chinese; `item_before` and `item_after` are there where there is something to see.
    """

    kind: ChangeKind
    place: str
    what: str
    before: str = ""
    after: str = ""
    item_before: Item | None = None
    item_after: Item | None = None

    def __str__(self) -> str:
        said = " → ".join(part for part in (self.before, self.after) if part)
        return " ".join(f"{self.kind.title_zh}　{self.place}　{self.what}　{said}".split("\n")).rstrip()


def differences(before: Mapping[str, Manifest], after: Mapping[str, Manifest]) -> list[Difference]:
    """Give every difference, screens first, then playlist by playlist; empty when screens would show the same."""
    old, new = _playlists(before), _playlists(after)
    found = [*_screens(before, after)]
    for name in sorted(old.keys() | new.keys()):
        found += _playlist(old.get(name), new.get(name))
        found += _reach(name, before, after, new.get(name) or old.get(name))
    found += _calendar(before, after)
    if not found and {channel: encode_content(one.store) for channel, one in before.items()} != {
        channel: encode_content(one.store) for channel, one in after.items()
    }:
        found.append(Difference(ChangeKind.CHANGED, "全部", "播放的先后次序或细节有改动"))
    return found


def _playlists(manifests: Mapping[str, Manifest]) -> dict[str, Playlist]:
    return {playlist.name: playlist for one in manifests.values() for playlist in one.store.playlists}


def _reach(
    name: str, before: Mapping[str, Manifest], after: Mapping[str, Manifest], playlist: Playlist | None
) -> Iterator[Difference]:
    """Tell which of the screens that stay come to play a playlist that is in both, or cease to."""
    was, becomes = _players(name, before), _players(name, after)
    stay = {screen for one in before.values() for screen in one.store.screens}
    stay &= {screen for one in after.values() for screen in one.store.screens}
    if playlist and was and becomes and was & stay != becomes & stay:
        before_text, after_text = ("、".join(sorted(screens & stay)) or "无" for screens in (was, becomes))
        yield Difference(ChangeKind.CHANGED, playlist.title or name, "播放的屏幕", before_text, after_text)


def _players(name: str, manifests: Mapping[str, Manifest]) -> set[str]:
    return {
        screen.name
        for one in manifests.values()
        for playlist in one.store.playlists
        if playlist.name == name
        for screen in one.store.screens.values()
        if is_for(playlist, screen)
    }


def _screens(before: Mapping[str, Manifest], after: Mapping[str, Manifest]) -> Iterator[Difference]:
    old = {name: screen for one in before.values() for name, screen in one.store.screens.items()}
    new = {name: screen for one in after.values() for name, screen in one.store.screens.items()}
    for name in sorted(old.keys() | new.keys()):
        was, becomes = old.get(name), new.get(name)
        if was is None and becomes is not None:
            yield Difference(ChangeKind.ADDED, f"屏幕 {name}", becomes.title or name)
        elif becomes is None and was is not None:
            yield Difference(ChangeKind.REMOVED, f"屏幕 {name}", was.title or name)
        elif was is not None and becomes is not None:
            yield from _facts(f"屏幕 {name}", _screen_facts(was), _screen_facts(becomes))


def _screen_facts(screen: Screen) -> dict[str, str]:
    return {
        "名称": screen.title,
        "标签": "、".join(sorted(screen.tags)),
        "画面": "×".join(map(str, screen.size_px)) if screen.size_px else "全屏",
        "位置": f"{screen.position_px[0]},{screen.position_px[1]}，旋转 {screen.rotate}°",
        "版式": screen.layout,
        "开屏时间": hours_text(screen.hours),
        "地点": ",".join(map(str, screen.place)) if screen.place else "",
        "时区": screen.timezone.key,
        "声音": "有" if screen.sound else "无",
    }


def _facts(place: str, was: Mapping[str, str], becomes: Mapping[str, str]) -> Iterator[Difference]:
    for name, text in becomes.items():
        if was[name] != text:
            yield Difference(ChangeKind.CHANGED, place, name, was[name] or "无", text or "无")


def _playlist(was: Playlist | None, becomes: Playlist | None) -> Iterator[Difference]:
    known = becomes or was
    assert known is not None
    place = known.title or known.name
    if was is None:
        yield Difference(ChangeKind.ADDED, place, "整个播放列表", after=_summary(known))
    elif becomes is None:
        yield Difference(ChangeKind.REMOVED, place, "整个播放列表", before=_summary(known))
    else:
        yield from _facts(place, playlist_facts(was), playlist_facts(becomes))
    yield from _items(place, items_of(was), items_of(becomes))
    if was and becomes and _order(was, becomes) != _order(becomes, was):
        yield Difference(ChangeKind.CHANGED, place, "播放次序", _mode(was), _mode(becomes))


def _summary(playlist: Playlist) -> str:
    facts = playlist_facts(playlist)
    count = len(items_of(playlist))
    said = [f"{name} {text}" for name, text in facts.items() if name != "标题" and _USUAL.get(name) != text]
    return "；".join([f"{count} 个素材", *said])


_USUAL = {"截止": "无", "优先级": "普通", "播放占比": "1 份", "区域": "主画面"}
"""What goes without saying of a new playlist."""


def _order(playlist: Playlist, other: Playlist) -> list[object]:
    """Give the running order of the items that the other has as often."""
    mine, others = (Counter(item.name for item in items_of(one)) for one in (playlist, other))
    common = {name for name, count in mine.items() if others[name] == count}
    return [
        (entry.shuffled, entry.limit, [item.name for item in entry.items if item.name in common])
        for entry in playlist.entries
        if any(item.name in common for item in entry.items)
    ]


def _mode(playlist: Playlist) -> str:
    return "随机" if any(entry.shuffled for entry in playlist.entries) else "按次序"


def items_of(playlist: Playlist | None) -> list[Item]:
    """Give the items of a playlist in order."""
    return [item for entry in playlist.entries for item in entry.items] if playlist else []


def _items(place: str, was: list[Item], becomes: list[Item]) -> Iterator[Difference]:
    """Tell items apart by name; of several that are called alike, by content first."""
    old, new = _bare(was), _bare(becomes)
    gone, come = list((Counter(old) - Counter(new)).elements()), list((Counter(new) - Counter(old)).elements())
    for item in come:
        before = next((one for one in gone if one.name == item.name), None)
        if before is None:
            yield Difference(ChangeKind.ADDED, place, _name(item), after=_item_text(item), item_after=item)
            continue
        gone.remove(before)
        yield Difference(
            ChangeKind.CHANGED, place, _name(item), _item_text(before, item), _item_text(item, before), before, item
        )
    for item in gone:
        yield Difference(ChangeKind.REMOVED, place, _name(item), before=_item_text(item), item_before=item)


def _bare(items: Iterable[Item]) -> list[Item]:
    """Give the items without the times of their files: a manifest holds none, and copying again is no change."""
    return [
        replace(
            item,
            media=_timeless(item.media) if item.media else None,
            card=replace(item.card, photos=tuple(map(_timeless, item.card.photos))) if item.card else None,
        )
        for item in items
    ]


def _timeless(media: MediaFile) -> MediaFile:
    return replace(media, mtime_ns=0)


def _name(item: Item) -> str:
    return item.name.partition(":")[2] if item.card and ":" in item.name else item.name


def _item_text(item: Item, other: Item | None = None) -> str:
    """Give what is said of an item; beside another version of it, only what differs."""
    facts = _item_facts(item)
    if other is not None:
        beside = _item_facts(other)
        return "，".join(text for name, text in facts.items() if beside[name] != text)
    shown = [facts["时长"], *([facts["内容"]] if item.card else [])]
    return "，".join([*shown, *([facts["日期"]] if item.from_date or item.until_date else [])])


def _item_facts(item: Item) -> dict[str, str]:
    return {
        "时长": length_zh(item.duration_ms),
        "内容": card_text(item) if item.card else f"文件 {item.sha256[:8]}",
        "日期": span_text(item.from_date, item.until_date),
        "模板": f"模板 {item.card.template}" if item.card else "",
        "照片": _photos(item),
        "填充": f"填充 {item.fit}",
        "转场": f"转场 {item.transition}",
    }


def _photos(item: Item) -> str:
    photos = item.card.photos if item.card else ()
    return "照片 " + "、".join(f"{photo.path} {photo.sha256[:8]}" for photo in photos) if photos else "没有照片"


def card_text(item: Item) -> str:
    """Give every word that a card shows."""
    return " / ".join(_words(item.card.fields if item.card else {}))


def _words(said: object) -> Iterator[str]:
    if isinstance(said, dict):
        for value in said.values():
            yield from _words(value)
    elif isinstance(said, list):
        for value in said:
            yield from _words(value)
    elif said is not None:
        yield str(said)


def is_pictured(item: Item | None) -> bool:
    """Tell whether there is something to see of an item besides its words."""
    return item is not None and item.kind not in (Kind.TICKER, Kind.SLATE, Kind.OFF)


def _calendar(before: Mapping[str, Manifest], after: Mapping[str, Manifest]) -> Iterator[Difference]:
    old, new = _days(before), _days(after)
    for what, was in old.items():
        gone, come = sorted(was - new[what]), sorted(new[what] - was)
        if gone or come:
            yield Difference(
                ChangeKind.CHANGED,
                "日历",
                what,
                f"去掉 {'、'.join(gone)}" if gone else "",
                f"加上 {'、'.join(come)}" if come else "",
            )


def _days(manifests: Mapping[str, Manifest]) -> dict[str, set[str]]:
    calendars = [one.store.calendar for one in manifests.values()]
    return {
        "收录年份": {str(year) for one in calendars for year in one.years},
        "放假日期": {str(day) for one in calendars for day in one.holidays},
        "调休上班": {str(day) for one in calendars for day in one.workdays},
    }
