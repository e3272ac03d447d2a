"""A playlist's value in, what its page shows out; the form that was sent in, the value that it means out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from signage.content.templates import TEMPLATES
from signage.content.values import Screen
from signage.office.console.shell import Words
from signage.office.edit.checking import Fault
from signage.office.edit.forms import (
    HEAD_KEYS,
    FormField,
    WindowForm,
    card_fields,
    date_text,
    filled,
    filled_window,
    kind_of,
    listed_words,
    shown,
    window_form,
    with_key,
)
from signage.office.edit.merging import Place
from signage.office.fieldwords import field_words
from signage.office.said import NOTHING, Said, named

_MOST_ENTRIES = 1000
_KINDS = {"file": ("文件", "File"), "folder": ("文件夹", "Folder"), "text": ("字幕", "Text"), "": ("其他", "Other")}


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as its page shows it. `id` names its fields: `e.ID.seconds`."""

    id: str
    kind: str
    raw: str
    label: str
    kind_words: tuple[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)
    fields: Sequence[FormField] = ()
    picture: str = ""
    template: str = ""
    faults: Mapping[str, Sequence[Fault]] = field(default_factory=dict)
    length: Said = NOTHING

    @property
    def said(self) -> str:
        """Give the entry as it is written, for what no form shows."""
        return json.dumps(json.loads(self.raw), ensure_ascii=False, indent=1)

    @property
    def has_faults(self) -> bool:
        return any(self.faults.values())

    @property
    def all_faults(self) -> list[Fault]:
        return [fault for faults in self.faults.values() for fault in faults]

    @property
    def other_faults(self) -> list[Fault]:
        """Give those that stand beside none of the fields: of a key that no form knows, of an entry without a form."""
        of_card = {one.name.removeprefix("f.") for one in self.fields}
        of_kind = {
            "file": {"file", "seconds"},
            "folder": {"folder", "limit", "seconds"},
            "text": {"text"},
            "template": {"seconds"},
        }
        known = {"from", "until"} | of_kind[self.kind] | of_card if self.kind else set()
        return [fault for name, faults in self.faults.items() if name not in known for fault in faults]


@dataclass(frozen=True, slots=True)
class WindowView:
    """A time in which a playlist may play, as the fields of the form."""

    id: str
    raw: str
    form: WindowForm | None


@dataclass(frozen=True, slots=True)
class PlaylistView:
    """A playlist's page: the head's texts, which screens and tags are ticked, windows and entries."""

    head_raw: str
    texts: Mapping[str, str]
    where: Sequence[tuple[str, str, bool]]
    windows: Sequence[WindowView]
    entries: Sequence[EntryView]
    faults: Mapping[str, Sequence[Fault]]


def view_of(
    value: Mapping[str, Any],
    screens: Iterable[Screen],
    folders: Sequence[str],
    faults: Iterable[Fault] = (),
    picture: str = "",
    lengths: Sequence[Said] = (),
) -> PlaylistView:
    """Give what the page shows. `picture` is the address of an entry's picture, with `{}` for its number.

    `lengths` says how long each entry plays, as far as that is known.
    """
    by_field: dict[str, list[Fault]] = {}
    for fault in faults:
        by_field.setdefault(fault.field, []).append(fault)
    entries = [
        entry_view(
            entry,
            str(at),
            folders,
            picture.format(at) if picture else "",
            _faults_of(by_field, at),
            lengths[at] if at < len(lengths) else NOTHING,
        )
        for at, entry in enumerate(listed(value.get("play")))
    ]
    windows = [
        WindowView(str(at), json.dumps(window, ensure_ascii=False), window_form(window))
        for at, window in enumerate(listed(value.get("when")))
    ]
    head = {key: part for key, part in value.items() if key not in ("play", "when")}
    texts = {key: str(value.get(key) or "") for key in ("title", "zone", "weight", "priority")}
    texts["expires"] = date_text(value.get("expires"))
    return PlaylistView(json.dumps(head, ensure_ascii=False), texts, _where(value, screens), windows, entries, by_field)


def entry_view(
    entry: Any,
    number: str,
    folders: Sequence[str],
    picture: str = "",
    faults: Mapping[str, Sequence[Fault]] | None = None,
    length: Said = NOTHING,
) -> EntryView:
    """Give one entry of the page."""
    kind, raw = kind_of(entry, folders), json.dumps(entry, ensure_ascii=False)
    if not kind:
        return EntryView(number, "", raw, raw[:80], _KINDS[""], faults=faults or {}, length=length)
    texts = shown(entry, kind)
    if kind == "template":
        template = TEMPLATES[entry["template"]]
        label = texts[f"f.{template.fields[0].name}"].replace("\n", " ")
        words = (template.zh, template.label_en)
        fields = card_fields(entry)
        return EntryView(number, kind, raw, label, words, texts, fields, picture, template.name, faults or {}, length)
    return EntryView(number, kind, raw, texts[kind], _KINDS[kind], texts, (), picture, "", faults or {}, length)


def value_of(form: FormData, folders: Sequence[str]) -> dict[str, Any]:
    """Give what the sent form means, with everything that it does not show as it was.

    Raises:
        ValueError: it is no form of this page.
    """
    head = _object(form, "head_raw")
    for key, usual in (("title", ""), ("zone", "main"), ("weight", "1"), ("priority", "normal"), ("expires", "")):
        text = _text(form, key)
        before = date_text(head.get(key)) if key == "expires" else str(head.get(key) or "")
        if text != before and not (text == usual and not head.get(key)):
            head = with_key(head, key, text or None, HEAD_KEYS)
    ticked = [str(word) for word in form.getlist("where")]
    if set(ticked) != set(listed_words(head.get("where"))):
        head = with_key(head, "where", ticked or None, HEAD_KEYS)
    windows = [_window(form, str(number)) for number in form.getlist("window")]
    if "when_raw" in form:
        old = plain_value(_text(form, "when_raw") or "null")
        windows_now: Any = old if windows == listed(old) else windows
        if windows_now:
            head = with_key(head, "when", windows_now, HEAD_KEYS)
    entries = [entry_of(form, str(number), folders) for number in form.getlist("entry")[:_MOST_ENTRIES]]
    old_play = plain_value(_text(form, "play_raw") or "null")
    return with_key(head, "play", old_play if entries == listed(old_play) else entries, HEAD_KEYS)


def entry_of(form: FormData, number: str, folders: Sequence[str]) -> Any:
    """Give what the fields of one entry mean.

    Raises:
        ValueError: there are none of it.
    """
    raw = plain_value(_text(form, f"e.{number}.raw"))
    kind = kind_of(raw, folders)
    start = f"e.{number}."
    texts = {name.removeprefix(start): text for name, text in form.items() if name.startswith(start)}
    return filled(raw, kind, {key: text for key, text in texts.items() if isinstance(text, str)}) if kind else raw


def plain_value(text: str) -> Any:
    """Give the value of a hidden field: what YAML could have said, in JSON.

    Raises:
        ValueError: it is no JSON, or holds what no YAML of a store holds.
    """
    try:
        value = json.loads(text)
        _refuse_others(value)
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    return value


def _refuse_others(value: Any) -> None:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _refuse_others(part)
    if not (value is None or isinstance(value, dict | list | str)):
        raise ValueError("must be texts, lists and mappings")


def place_words(place: Place, t: Words) -> str:
    """Give a place as people say it: `第 2 条 · 时长`."""
    parts = []
    for step in place:
        if isinstance(step, int):
            parts.append(t(f"第 {step + 1} 条", f"number {step + 1}"))
        elif step != "play" or len(place) == 1:
            words = field_words(step) or named(step)
            parts.append(t(words.zh, words.en))
    return " · ".join(parts) or t("整份文件", "the whole file")


def value_words(value: Any, t: Words) -> str:
    """Give a value in a few words."""
    if value is None:
        return t("（没有）", "(nothing)")
    if isinstance(value, str):
        return value if len(value) <= 120 else value[:119] + "…"
    if isinstance(value, list):
        return t(f"{len(value)} 条", f"{len(value)} entries") + ": " + json.dumps(value, ensure_ascii=False)[:160]
    return json.dumps(value, ensure_ascii=False)[:160]


def _faults_of(by_field: Mapping[str, Sequence[Fault]], at: int) -> Mapping[str, Sequence[Fault]]:
    """Give the faults of one entry by its own field: `seconds`, `title`; "" for the entry itself."""
    start = f"play.{at}"
    found: dict[str, list[Fault]] = {}
    for name, faults in by_field.items():
        if name == start or name.startswith(start + "."):
            found.setdefault(name.removeprefix(start).lstrip(".").partition(".")[0], []).extend(faults)
    return found


def _where(value: Mapping[str, Any], screens: Iterable[Screen]) -> list[tuple[str, str, bool]]:
    """Give (word, title, ticked) of every screen and tag, and of words that nothing bears."""
    ticked = listed_words(value.get("where"))
    known: dict[str, str] = {}
    for screen in screens:
        known[screen.name] = screen.title
        for tag in sorted(screen.tags):
            known.setdefault(tag, "")
    for word in ticked:
        known.setdefault(word, "?")
    return [(word, title, word in ticked) for word, title in known.items()]


def _window(form: FormData, number: str) -> Any:
    raw = plain_value(_text(form, f"w.{number}.raw") or "{}")
    if not isinstance(raw, dict):
        return raw
    if f"w.{number}.hours" not in form:
        return raw
    days = frozenset(int(str(day)) for day in form.getlist(f"w.{number}.day") if str(day) in "1234567")
    day_class = _text(form, f"w.{number}.class")
    return filled_window(
        raw,
        WindowForm(
            _text(form, f"w.{number}.from"),
            _text(form, f"w.{number}.until"),
            frozenset() if day_class in ("workday", "holiday") else days,
            day_class if day_class in ("workday", "holiday") else "",
            _text(form, f"w.{number}.hours"),
            _text(form, f"w.{number}.lunar"),
        ),
    )


def _object(form: FormData, name: str) -> dict[str, Any]:
    value = plain_value(_text(form, name) or "{}")
    if not isinstance(value, dict):
        raise ValueError(f"{name}: must be an object")
    return value


def listed(value: Any) -> list[Any]:
    """Give what a key of a playlist lists: one thing may stand without a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
