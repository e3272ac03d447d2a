"""What a playlist said and says now in, what the audit log keeps of it out; and that as a sentence in two languages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from signage.content.templates import TEMPLATES
from signage.office.console.playlistform import listed, place_words
from signage.office.edit.merging import differences
from signage.office.itemwords import TRANSITIONS
from signage.office.said import Said, joined
from signage.office.whenwords import CLASSES, PRIORITIES, ZONES

_MOST_CHANGES = 20
_LONGEST = 60
_VALUES = {
    **{priority.name.lower(): said for priority, said in PRIORITIES.items()},
    **{str(one): said for words in (CLASSES, ZONES, TRANSITIONS) for one, said in words.items()},
    "contain": Said("完整显示", "whole picture"),
    "cover": Said("铺满", "fill"),
    "stretch": Said("拉伸", "stretch"),
}


def changes_of(old: Any, new: Any) -> list[dict[str, Any]]:
    """Give what the log keeps: for each change its place, and what stood and stands there in a few words."""
    before, after = (value if isinstance(value, dict) else {} for value in (old, new))
    found = [*_head_changes(before, after), *_play_changes(listed(before.get("play")), listed(after.get("play")))]
    return found[:_MOST_CHANGES]


def sentence_of(detail: Mapping[str, Any], subject: str) -> Said | None:
    """Give what an edit changed; None where the log does not say it, as it did not at first."""
    changes = detail.get("changes")
    if not isinstance(changes, list) or not changes:
        return None
    title = str(detail.get("title") or subject)
    told = joined((_told(one) for one in changes if isinstance(one, dict)), "；", "; ")
    return Said(f"在“{title}”里{told.zh}", f"In “{title}”: {told.en}")


def _head_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    keys = [*before, *(key for key in after if key not in before)]
    for key in keys:
        if key != "play" and before.get(key) != after.get(key):
            yield {"place": [key], "old": _short(before.get(key)), "new": _short(after.get(key))}


def _play_changes(before: Sequence[Any], after: Sequence[Any]) -> Iterator[dict[str, Any]]:
    marks, marks_after = (
        [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in side] for side in (before, after)
    )
    gone, come = Counter(marks) - Counter(marks_after), Counter(marks_after) - Counter(marks)
    if len(before) == len(after) and (gone or come):
        for at, (one, other) in enumerate(zip(before, after, strict=True)):
            if marks[at] in gone and marks_after[at] in come:
                gone -= Counter([marks[at]])
                come -= Counter([marks_after[at]])
                yield from _entry_changes(at, one, other)
    yield from ({"place": ["play"], "old": _label(json.loads(mark)), "new": None} for mark in gone.elements())
    yield from ({"place": ["play"], "old": None, "new": _label(json.loads(mark))} for mark in come.elements())
    kept = Counter(marks) & Counter(marks_after)
    if [one for one in marks if one in kept] != [one for one in marks_after if one in kept]:
        yield {"place": ["play"], "old": None, "new": None}


def _entry_changes(at: int, old: Any, new: Any) -> Iterator[dict[str, Any]]:
    for one in differences(old, new):
        place = ["play", at, *one.place[:1]]
        yield {"place": place, "entry": _label(new), "old": _short(one.old), "new": _short(one.new)}


def _told(one: Mapping[str, Any]) -> Said:
    place, old, new = one.get("place") or [], one.get("old"), one.get("new")
    if place == ["play"]:
        if old is None and new is None:
            return Said("调整了播放次序", "reordered")
        return Said(f"拿掉了“{old}”", f"took out “{old}”") if new is None else Said(f"加入了“{new}”", f"added “{new}”")
    field = _field(place)
    if one.get("entry") and one["entry"] not in (old, new):
        field = Said(f"“{one['entry']}”的{field.zh}", f"the {field.en} of “{one['entry']}”")
    was, becomes = _value(old), _value(new)
    if old is None:
        return Said(f"把{field.zh}设为“{becomes.zh}”", f"set {field.en} to “{becomes.en}”")
    if new is None:
        return Said(f"去掉了{field.zh}（原为“{was.zh}”）", f"removed {field.en} (was “{was.en}”)")
    return Said(f"把{field.zh}由“{was.zh}”改为“{becomes.zh}”", f"changed {field.en} from “{was.en}” to “{becomes.en}”")


def _field(place: Sequence[Any]) -> Said:
    words = tuple(part for part in place if part != "play")[-1:]
    return Said(place_words(words, lambda zh, _en: zh), place_words(words, lambda _zh, en: en[:1].lower() + en[1:]))


def _value(text: Any) -> Said:
    return _VALUES.get(str(text), Said(str(text), str(text)))


def _label(entry: Any) -> str:
    """Give what people call an entry: its file, or the first field of its card."""
    if isinstance(entry, dict):
        template = TEMPLATES.get(str(entry.get("template")))
        names = [template.fields[0].name, *template.fields[0].other_names] if template else ["file", "folder", "text"]
        found = next((entry[name] for name in names if entry.get(name)), None)
        if found is not None:
            return _short(found) or ""
    return _short(entry) or ""


def _short(value: Any) -> str | None:
    if value is None:
        return None
    text = "、".join(map(_plain, value)) if isinstance(value, list) else _plain(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(one) if not isinstance(one, list) else "/".join(map(str, one)) for one in value.values())
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)
