"""What an entry or a window of a playlist says in, the fields of its form out, and what the filled form says, back.

Values are plain, as YAML has them: texts, lists, mappings. A field that nobody changed keeps what the file says, to the
letter; keys that no form shows stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from signage.content.notation import NotationError, parse_date
from signage.content.templates import STAFF_TEMPLATES, TEMPLATES, Field, FieldType
from signage.content.whenwords import parse_days

SHOW_KEYS = ("seconds", "fit", "transition", "from", "until")
KINDS = ("file", "folder", "template", "text")
HEAD_KEYS = ("title", "zone", "where", "when", "weight", "priority", "expires", "play")
_WINDOW_KEYS = ("from", "until", "days", "hours", "lunar")
_USUAL = {"fit": "contain", "transition": "fade", "order": "name"}
_DAY_WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CELL_MARK = re.compile(r"\s*(?:\t|\|)\s*")


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `rows` over 1 is a text of several lines; `other` says what kind of help it needs."""

    name: str
    zh: str
    en: str
    value: str
    limit: int = 0
    is_required: bool = False
    rows: int = 1
    kind: str = "text"
    choices: tuple[str, ...] = ()


def kind_of(entry: Any, folders: Sequence[str] = ()) -> str:
    """Give 'file', 'folder', 'template', 'text', or '' for what no form can show."""
    if isinstance(entry, str):
        return "folder" if entry.strip("/\\") in folders and entry.strip("/\\") else "file"
    if not isinstance(entry, dict):
        return ""
    if "template" in entry:
        return "template" if entry["template"] in STAFF_TEMPLATES else ""
    return next((kind for kind in KINDS if kind in entry), "")


def shown(entry: Any, kind: str) -> dict[str, str]:
    """Give the text of every field of an entry's form, by name."""
    said = {kind: entry} if isinstance(entry, str) else dict(entry)
    texts = {key: date_text(said.get(key)) if key in ("from", "until") else _text(said.get(key)) for key in SHOW_KEYS}
    if kind == "template":
        template = TEMPLATES[said["template"]]
        for field in template.fields:
            texts[f"f.{field.name}"] = _FIELD_TEXTS.get(field.type, _text)(_written(said, field)[1])
    else:
        texts[kind] = _text(said.get(kind))
    if kind == "folder":
        texts |= {"order": _text(said.get("order")), "limit": _text(said.get("limit"))}
    return texts


def card_fields(entry: Mapping[str, Any]) -> list[FormField]:
    """Give the fields of a card's template, filled."""
    texts = shown(entry, "template")
    return [
        FormField(
            f"f.{field.name}",
            field.zh,
            field.en,
            texts[f"f.{field.name}"],
            0 if field.type in _LISTS else field.limit,
            field.is_required,
            _ROWS.get(field.type, 1),
            field.type.name.lower(),
            field.choices,
        )
        for field in TEMPLATES[entry["template"]].fields
    ]


def filled(entry: Any, kind: str, texts: Mapping[str, str]) -> Any:
    """Give what the entry says once its form is filled in so; `entry` itself where nothing was changed."""
    before = shown(entry, kind)
    changed = {name: _lines(text) for name, text in texts.items() if name in before and _lines(text) != before[name]}
    # A form has one choice for what is usual, whether it is written or left out.
    changed = {name: text for name, text in changed.items() if text or _USUAL.get(name) != before[name]}
    if not changed:
        return entry
    if isinstance(entry, str) and changed.keys() == {kind}:
        return changed[kind].strip()
    said = {kind: entry} if isinstance(entry, str) else dict(entry)
    order = [*KINDS, "order", "limit", "seconds"]
    template = TEMPLATES.get(said.get("template", ""))
    order += [field.name for field in template.fields] if template else []
    for name, text in changed.items():
        field = template.field(name.removeprefix("f.")) if template and name.startswith("f.") else None
        key = _written(said, field)[0] if field else name
        parse = _FIELD_VALUES.get(field.type, _value) if field else _value
        said = with_key(said, key, parse(text, said.get(key)) if text.strip() else None, [*order, *SHOW_KEYS])
    return said


def with_key(said: Mapping[str, Any], key: str, value: Any, order: Sequence[str]) -> dict[str, Any]:
    """Give the mapping with a key set, or taken out for None; a new one at its place in the usual order."""
    if value is None:
        return {name: part for name, part in said.items() if name != key}
    if key in said:
        return {**said, key: value}
    names = list(said)
    before = set(order[: order.index(key)]) if key in order else set(names)
    at = max((names.index(name) + 1 for name in names if name in before), default=0)
    return {name: value if name == key else said[name] for name in (*names[:at], key, *names[at:])}


@dataclass(frozen=True, slots=True)
class WindowForm:
    """One window as its form shows it. `days` are ISO weekdays; `day_class` is '', 'workday' or 'holiday'."""

    first: str = ""
    last: str = ""
    days: frozenset[int] = frozenset()
    day_class: str = ""
    hours: str = ""
    lunar: str = ""


def window_form(window: Any) -> WindowForm | None:
    """Give the form of a window; None for what no form can show (workdays and weekdays at once, unknown words)."""
    if not isinstance(window, dict) or not window.keys() <= set(_WINDOW_KEYS):
        return None
    weekdays: set[int] = set()
    classes: set[str] = set()
    try:
        for word in _words(window.get("days")):
            numbers, day_class = parse_days(word)
            weekdays |= numbers
            classes |= {day_class.value} if day_class else set()
    except NotationError:
        return None
    if len(classes) + bool(weekdays) > 1:
        return None
    hours, lunar = ("，".join(_words(window.get(key))) for key in ("hours", "lunar"))
    first, last = (date_text(window.get(key)) for key in ("from", "until"))
    return WindowForm(first, last, frozenset(weekdays), next(iter(classes), ""), hours, lunar)


def filled_window(window: Any, form: WindowForm) -> dict[str, Any]:
    """Give what the window says once its form is filled in so."""
    before = window_form(window) or WindowForm()
    said: dict[str, Any] = dict(window)
    for key, old, new in (("from", before.first, form.first), ("until", before.last, form.last)):
        if old != new.strip():
            said = with_key(said, key, new.strip() or None, _WINDOW_KEYS)
    if (before.days, before.day_class) != (form.days, form.day_class):
        words: Any = form.day_class or [_DAY_WORDS[day - 1] for day in sorted(form.days)]
        said = with_key(said, "days", words or None, _WINDOW_KEYS)
    for key, old, new in (("hours", before.hours, form.hours), ("lunar", before.lunar, form.lunar)):
        if _words(old) != _words(new):
            parts = _words(new)
            said = with_key(said, key, (parts[0] if len(parts) == 1 else parts) or None, _WINDOW_KEYS)
    return said


def listed_words(value: Any) -> list[str]:
    """Give the words of a value that may be one word, several in a text, or a list."""
    return _words(value)


def _words(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else [value]
    texts = [part for part in parts if isinstance(part, str)]
    return [word for text in texts for word in re.split(r"\s*[,，、;；\n]\s*", text.strip()) if word]


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()


def _text(value: Any) -> str:
    return value.rstrip() if isinstance(value, str) else ""


def date_text(value: Any) -> str:
    """Give a date as a form wants it, 2026-12-31; what is none as it is written."""
    with suppress(NotationError):
        return parse_date(value).isoformat() if isinstance(value, str) else ""
    return str(value) if value else ""


def _written(said: Mapping[str, Any], field: Field) -> tuple[str, Any]:
    """Give the name under which a field stands in an entry, and what it says."""
    name = next((name for name in (field.name, *field.other_names) if name in said), field.name)
    return name, said.get(name)


def _value(text: str, _old: Any) -> str:
    """Give a text of several lines with the line break that ends a block text."""
    text = _lines(text).lstrip("\n")
    return f"{text}\n" if "\n" in text else text.strip()


def _paths_text(value: Any) -> str:
    return "\n".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else _text(value)


def _paths(text: str, _old: Any) -> Any:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _row_text(row: Any) -> str:
    if isinstance(row, list):
        return " | ".join("" if cell is None else str(cell) for cell in row)
    return _text(row)


def _rows_text(value: Any) -> str:
    return "\n".join(_row_text(row) for row in value) if isinstance(value, list) else _text(value)


def _rows(text: str, old: Any) -> list[Any]:
    known = {_row_text(row): row for row in old} if isinstance(old, list) else {}
    lines = [line for line in text.split("\n") if line.strip()]
    return [known.get(line) or [cell.strip() for cell in _CELL_MARK.split(line)] for line in lines]


def _columns(text: str, _old: Any) -> list[str]:
    return [cell for cell in _CELL_MARK.split(text.strip()) if cell]


def _person_text(person: Any) -> str:
    if not isinstance(person, dict):
        return _text(person)
    parts = [_text(person.get(key)) for key in ("name", "reason", "photo")]
    return " | ".join(parts).rstrip(" |")


def _people_text(value: Any) -> str:
    return "\n".join(map(_person_text, value)) if isinstance(value, list) else _person_text(value)


def _people(text: str, old: Any) -> list[Any]:
    known = {_person_text(person): person for person in old} if isinstance(old, list) else {}
    people: list[Any] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in _CELL_MARK.split(line)]
        said = dict(zip(("name", "reason", "photo"), cells, strict=False))
        people.append(known.get(line) or {key: cell for key, cell in said.items() if cell})
    return people


_LISTS = (FieldType.PHOTOS, FieldType.PEOPLE, FieldType.COLUMNS, FieldType.ROWS)
_ROWS = {FieldType.TEXT: 4, FieldType.PHOTOS: 3, FieldType.PEOPLE: 6, FieldType.ROWS: 8}
_FIELD_TEXTS: Mapping[FieldType, Callable[[Any], str]] = {
    FieldType.DATE: date_text,
    FieldType.PHOTOS: _paths_text,
    FieldType.COLUMNS: _row_text,
    FieldType.ROWS: _rows_text,
    FieldType.PEOPLE: _people_text,
}
_FIELD_VALUES: Mapping[FieldType, Callable[[str, Any], Any]] = {
    FieldType.PHOTOS: _paths,
    FieldType.COLUMNS: _columns,
    FieldType.ROWS: _rows,
    FieldType.PEOPLE: _people,
}
