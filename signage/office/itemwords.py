"""A media item in, what it says and how it plays in words out: a card's words by its template's own fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from signage.content.templates import PATTERN_WORDS, TEMPLATES, Field, FieldType
from signage.content.values import Fit, Item, Transition
from signage.office.said import NOTHING, Said, joined, named
from signage.office.whenwords import length_text, span_text

FITS = {
    Fit.CONTAIN: Said("完整显示", "show the whole picture"),
    Fit.COVER: Said("铺满，裁去边缘", "fill the screen, edges cropped"),
    Fit.STRETCH: Said("拉伸铺满", "stretch to fill"),
}
TRANSITIONS = {
    Transition.FADE: Said("淡入", "fade"),
    Transition.CUT: Said("直接换", "cut"),
    Transition.SLIDE: Said("滑入", "slide"),
}
_OF_FILES = (FieldType.PHOTO, FieldType.PHOTOS)


def item_text(item: Item, other: Item | None = None) -> Said:
    """Give what is said of an item, a line for each thing; beside another version of it, only what differs."""
    facts = _facts(item)
    if other is not None:
        beside = _facts(other)
        return _lines(text or _absent(name) for name, text in _over(facts, beside) if beside.get(name) != text)
    shown = [facts["length"], *(text for name, text in facts.items() if name.startswith("field "))]
    return _lines([*shown, *([facts["dates"]] if item.from_date or item.until_date else [])])


def card_text(item: Item) -> Said:
    """Give every word that a card shows: a line for each field, in the order of its template."""
    return _lines(_fields(item).values())


def _lines(parts: Iterable[Said]) -> Said:
    return joined(parts, "\n", "\n")


def _over(facts: dict[str, Said], beside: dict[str, Said]) -> Iterator[tuple[str, Said]]:
    """Give the facts, with an empty one for each that only the other version has."""
    yield from facts.items()
    yield from ((name, NOTHING) for name in beside if name not in facts)


def _absent(name: str) -> Said:
    label = name.removeprefix("field ").partition("/")
    return Said(f"{label[0]}：（没有）", f"{label[2]}: (none)")


def _facts(item: Item) -> dict[str, Said]:
    facts = {"length": length_text(item.duration_ms), **_fields(item)}
    if item.card is None:
        facts["file"] = Said(f"文件 {item.sha256[:8]}", f"file {item.sha256[:8]}")
    else:
        template = TEMPLATES[item.card.template]
        facts["template"] = Said(f"模板：{template.zh}", f"Template: {template.label_en}")
        if item.card.photos:
            marks = [named(f"{photo.path} {photo.sha256[:8]}") for photo in item.card.photos]
            facts["photos"] = joined(marks, "、", ", ")
    return facts | {
        "dates": _labelled(Said("日期", "Dates"), span_text(item.from_date, item.until_date)),
        "fit": _labelled(Said("铺法", "Fit"), FITS[item.fit]),
        "transition": _labelled(Said("换法", "Transition"), TRANSITIONS[item.transition]),
    }


def _fields(item: Item) -> dict[str, Said]:
    """Give the fields of a card that say something, in the order in which a person fills them."""
    if item.card is None:
        return {}
    said, template = item.card.fields, TEMPLATES[item.card.template]
    found = {}
    for field in template.fields:
        if field.name in said:
            found[f"field {field.zh}/{field.label_en}"] = _labelled(Said(field.zh, field.label_en), _value(field, said))
    known = {field.name for field in template.fields}
    for name, value in said.items():
        if name not in known:  # a newer office's field: still nothing that a screen shows is left out
            found[f"field {name}/{name}"] = _labelled(named(name), named(" / ".join(_words(value))))
    return found


def _value(field: Field, said: dict[str, object]) -> Said:
    value = said[field.name]
    if field.type is FieldType.CHOICE and value in PATTERN_WORDS:
        return Said(*PATTERN_WORDS[str(value)])
    if field.type is FieldType.ROWS and isinstance(value, list):
        return named("\n" + "\n".join(" | ".join(_words(row)) for row in value))
    if field.type is FieldType.COLUMNS:
        return named(" | ".join(_words(value)))
    if field.type is FieldType.PEOPLE and isinstance(value, list):
        return joined((named("，".join(_person(one))) for one in value), "；", "; ")
    if field.type in _OF_FILES:
        return joined(map(named, _words(value)), "、", ", ")
    return named(" / ".join(_words(value)))


def _person(person: object) -> list[str]:
    """Give a person's name, then what else is said of them."""
    if not isinstance(person, dict):
        return list(_words(person))
    return [str(person[key]) for key in ("name", "reason", "photo") if person.get(key)]


def _labelled(label: Said, text: Said) -> Said:
    return Said(f"{label.zh}：{text.zh}", f"{label.en}: {text.en}")


def _words(said: object) -> Iterator[str]:
    if isinstance(said, dict):
        for value in said.values():
            yield from _words(value)
    elif isinstance(said, list):
        for value in said:
            yield from _words(value)
    elif said is not None:
        yield str(said)
