"""What is on air and what is proposed in, every difference out: what a reviewer looks at before signing.

Nothing that a screen would show differently is left out: a last comparison of the whole finds what no rule here names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from signage.content.values import Item, Kind, MediaFile, Playlist
from signage.office.itemwords import item_text
from signage.office.said import NOTHING, Said, joined, named
from signage.office.screenwords import screen_facts
from signage.office.whenwords import NONE, TITLE, is_usual, playlist_facts
from signage.release.manifest import Manifest, encode_content
from signage.schedule.programme import is_for


class ChangeKind(StrEnum):
    """What became of something. `words` say it to staff."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @property
    def words(self) -> Said:
        return _KINDS[self]


_KINDS = {
    ChangeKind.ADDED: Said("新增", "added"),
    ChangeKind.REMOVED: Said("撤下", "removed"),
    ChangeKind.CHANGED: Said("改动", "changed"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be different. `place` is the playlist or screen in which; `what` names the thing.

    `before` and `after` say it, a line for each thing; `item_before` and `item_after` are there where there is
    something to see. `screen` names the screen that it is a difference of.
    """

    kind: ChangeKind
    place: Said
    what: Said
    before: Said = NOTHING
    after: Said = NOTHING
    item_before: Item | None = None
    item_after: Item | None = None
    screen: str = ""

    def __str__(self) -> str:
        said = " → ".join("，".join(part.zh.split("\n")) for part in (self.before, self.after) if part)
        return f"{self.kind.words}　{self.place}　{self.what}　{said}".rstrip()


_ALL, _DETAIL = Said("全部", "Everything"), Said("播放的先后次序或细节有改动", "The running order, or a detail")
_WHOLE = Said("整个播放列表", "The whole playlist")


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
        found.append(Difference(ChangeKind.CHANGED, _ALL, _DETAIL))
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
        old, new = (joined(map(named, sorted(screens & stay)), "、", ", ") or NONE for screens in (was, becomes))
        what = Said("播放的屏幕", "Screens that play it")
        yield Difference(ChangeKind.CHANGED, named(playlist.title or name), what, old, new)


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
        place = Said(f"屏幕 {name}", f"Screen {name}")
        if was is None and becomes is not None:
            yield Difference(ChangeKind.ADDED, place, named(becomes.title or name), screen=name)
        elif becomes is None and was is not None:
            yield Difference(ChangeKind.REMOVED, place, named(was.title or name), screen=name)
        elif was is not None and becomes is not None:
            for found in _facts(place, screen_facts(was), screen_facts(becomes)):
                yield replace(found, screen=name)


def _facts(place: Said, was: Mapping[Said, Said], becomes: Mapping[Said, Said]) -> Iterator[Difference]:
    for name, text in becomes.items():
        if was[name] != text:
            yield Difference(ChangeKind.CHANGED, place, name, was[name] or NONE, text or NONE)


def _playlist(was: Playlist | None, becomes: Playlist | None) -> Iterator[Difference]:
    known = becomes or was
    assert known is not None
    place = named(known.title or known.name)
    if was is None:
        yield Difference(ChangeKind.ADDED, place, _WHOLE, after=_summary(known))
    elif becomes is None:
        yield Difference(ChangeKind.REMOVED, place, _WHOLE, before=_summary(known))
    else:
        yield from _facts(place, playlist_facts(was), playlist_facts(becomes))
    yield from _items(place, items_of(was), items_of(becomes))
    if was and becomes and _order(was, becomes) != _order(becomes, was):
        yield Difference(ChangeKind.CHANGED, place, Said("播放次序", "Order"), _mode(was), _mode(becomes))


def _summary(playlist: Playlist) -> Said:
    count = len(items_of(playlist))
    facts = [
        Said(f"{name.zh} {text.zh}", f"{name.en}: {text.en}")
        for name, text in playlist_facts(playlist).items()
        if name != TITLE and not is_usual(name, text)
    ]
    items = Said(f"{count} 个素材", f"{count} {'item' if count == 1 else 'items'}")
    return joined([items, *facts], "\n", "\n")


def _order(playlist: Playlist, other: Playlist) -> list[object]:
    """Give the running order of the items that the other has as often."""
    mine, others = (Counter(item.name for item in items_of(one)) for one in (playlist, other))
    common = {name for name, count in mine.items() if others[name] == count}
    return [
        (entry.shuffled, entry.limit, [item.name for item in entry.items if item.name in common])
        for entry in playlist.entries
        if any(item.name in common for item in entry.items)
    ]


def _mode(playlist: Playlist) -> Said:
    is_shuffled = any(entry.shuffled for entry in playlist.entries)
    return Said("随机", "shuffled") if is_shuffled else Said("按次序", "as listed")


def items_of(playlist: Playlist | None) -> list[Item]:
    """Give the items of a playlist in order."""
    return [item for entry in playlist.entries for item in entry.items] if playlist else []


def _items(place: Said, was: list[Item], becomes: list[Item]) -> Iterator[Difference]:
    """Tell items apart by name; of several that are called alike, by content first."""
    old, new = _bare(was), _bare(becomes)
    gone, come = list((Counter(old) - Counter(new)).elements()), list((Counter(new) - Counter(old)).elements())
    for item in come:
        before = next((one for one in gone if one.name == item.name), None)
        if before is None:
            yield Difference(ChangeKind.ADDED, place, _name(item), after=item_text(item), item_after=item)
            continue
        gone.remove(before)
        yield Difference(
            ChangeKind.CHANGED, place, _name(item), item_text(before, item), item_text(item, before), before, item
        )
    for item in gone:
        yield Difference(ChangeKind.REMOVED, place, _name(item), before=item_text(item), item_before=item)


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


def _name(item: Item) -> Said:
    return named(item.name.partition(":")[2] if item.card and ":" in item.name else item.name)


def is_pictured(item: Item | None) -> bool:
    """Tell whether there is something to see of an item besides its words."""
    return item is not None and item.kind not in (Kind.TICKER, Kind.SLATE, Kind.OFF)


def _calendar(before: Mapping[str, Manifest], after: Mapping[str, Manifest]) -> Iterator[Difference]:
    old, new = _days(before), _days(after)
    for what, was in old.items():
        gone, come = (joined(map(named, sorted(days)), "、", ", ") for days in (was - new[what], new[what] - was))
        if gone or come:
            yield Difference(
                ChangeKind.CHANGED,
                Said("日历", "Calendar"),
                what,
                Said(f"去掉 {gone.zh}", f"without {gone.en}") if gone else NOTHING,
                Said(f"加上 {come.zh}", f"with {come.en}") if come else NOTHING,
            )


def _days(manifests: Mapping[str, Manifest]) -> dict[Said, set[str]]:
    calendars = [one.store.calendar for one in manifests.values()]
    return {
        Said("收录年份", "Years covered"): {str(year) for one in calendars for year in one.years},
        Said("放假日期", "Holidays"): {str(day) for one in calendars for day in one.holidays},
        Said("调休上班", "Make-up workdays"): {str(day) for one in calendars for day in one.workdays},
    }
