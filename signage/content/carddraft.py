"""One entry of `play` with a template in, a CardDraft out: fields validated by the template's model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from signage.base.errors import Problem
from signage.base.yaml import Document
from signage.content import faults
from signage.content.cardmodels import CARD_MODELS
from signage.content.drafts import CardDraft, Reference, Show
from signage.content.filemodels import EntryModel
from signage.content.mediapath import PathError, clean_path
from signage.content.notation import shorten
from signage.content.spelling import closest, did_you_mean
from signage.content.templates import PEOPLE_FIELDS, STAFF_TEMPLATES, TEMPLATES, FieldType, Template

Place = tuple[str | int, ...]
Draft = Callable[[Show], CardDraft]


def read_card(
    value: dict[str, Any], template_name: str | None, file: str, document: Document, place: Place
) -> tuple[tuple[EntryModel, Draft] | None, list[Problem]]:
    """Give the validated entry with the maker of its draft, or None with what is wrong.

    `template_name` is given for the ticker; otherwise the entry's `template` says it.
    """
    reader = _CardReader(file, document, place)
    template = TEMPLATES[template_name] if template_name else reader.template(value.get("template"))
    card = reader.read(value, template) if template else None
    return card, reader.problems


class _CardReader:
    def __init__(self, file: str, document: Document, place: Place) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._document = document
        self._place = place

    def template(self, word: Any) -> Template | None:
        if isinstance(word, str) and word in STAFF_TEMPLATES:
            return TEMPLATES[word]
        if word is None:
            return None  # an empty key is a problem already
        guess = did_you_mean(closest(word, STAFF_TEMPLATES) if isinstance(word, str) else None)
        got = shorten(word) if isinstance(word, str) else "of that kind"
        known = ", ".join(STAFF_TEMPLATES)
        self._add(
            ("template",),
            f"template: there is no template {got}{guess.en or f' (there are {known})'}",
            f"template：没有模板“{got}”{guess.zh or f'（可用：{known}）'}",
        )
        return None

    def read(self, value: dict[str, Any], template: Template) -> tuple[EntryModel, Draft] | None:
        fields, written_as = self._own_names(value, template)
        try:
            model = CARD_MODELS[template.name].model_validate(fields)
        except ValidationError as error:
            keys = (
                *faults.keys_of(CARD_MODELS[template.name]),
                "template",
                *(n for f in template.fields for n in f.other_names),
            )
            found = faults.problems_of(error, self._file, self._document, self._place, {0: keys, 2: PEOPLE_FIELDS})
            self.problems += found
            return None
        said = model.model_dump(include={field.name for field in template.fields}, exclude_none=True)
        photos = self._photos(said, template, written_as)
        self._check_rows(said, written_as)
        if self.problems:
            return None
        fields_json = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        line = self._document.line_of(self._place)
        title = shorten(str(said.get(template.fields[0].name, "")), 30)
        characters = _characters(said, photos)

        def draft(show: Show) -> CardDraft:
            return CardDraft(template.name, fields_json, title, characters, tuple(photos), line, show)

        return model, draft

    def _own_names(self, value: dict[str, Any], template: Template) -> tuple[dict[str, Any], dict[str, str]]:
        """Replace other names of fields by their own, and remember how they were written, for the lines."""
        fields: dict[str, Any] = {}
        written_as: dict[str, str] = {}
        for key, content in value.items():
            if key == "template":
                continue
            field = template.field(key)
            own = field.name if field else key
            if own in written_as:
                self._add(
                    (key,),
                    f"{key}: says the same as '{written_as[own]}'; keep one",
                    f"{key}：与 {written_as[own]} 重复，只保留一个",
                )
                continue
            fields[own] = content
            written_as[own] = key
        return fields, written_as

    def _photos(self, said: dict[str, Any], template: Template, written_as: dict[str, str]) -> list[Reference]:
        """Clean every photo path inside `said`, and list them."""
        found: list[Reference] = []
        for field in template.fields:
            if field.name not in said:
                continue
            place: Place = (written_as[field.name],)
            content = said[field.name]
            if field.type is FieldType.PHOTO:
                said[field.name] = self._photo(content, place, found)
            elif field.type is FieldType.PHOTOS:
                said[field.name] = [self._photo(path, (*place, at), found) for at, path in enumerate(content)]
            elif field.type is FieldType.PEOPLE:
                for at, person in enumerate(content):
                    if "photo" in person:
                        person["photo"] = self._photo(person["photo"], (*place, at, "photo"), found)
        return found

    def _photo(self, written: str, place: Place, found: list[Reference]) -> str:
        try:
            reference = Reference(clean_path(written), self._document.line_of([*self._place, *place]))
        except PathError as error:
            key = next(step for step in reversed(place) if isinstance(step, str))
            self._add(place, f"{key}: {error}", f"{key}：{error.zh}")
            return written
        found.append(reference)
        return reference.path

    def _check_rows(self, said: dict[str, Any], written_as: dict[str, str]) -> None:
        if "rows" not in said or "columns" not in said:
            return
        width = len(said["columns"])
        for at, row in enumerate(said["rows"]):
            if len(row) != width:
                self._add(
                    (written_as["rows"], at),
                    f"rows: has {len(row)} cells where there are {width} columns",
                    f"rows：这一行有 {len(row)} 格，而表头有 {width} 列",
                )

    def _add(self, place: Place, message: str, message_zh: str) -> None:
        line = self._document.line_of([*self._place, *place])
        self.problems.append(Problem(self._file, line, message, message_zh=message_zh))


def _characters(said: Any, photos: list[Reference]) -> int:
    """Count the characters that a person reads on the card."""
    paths = {photo.path for photo in photos}
    if isinstance(said, dict):
        return sum(_characters(part, photos) for part in said.values())
    if isinstance(said, list):
        return sum(_characters(part, photos) for part in said)
    return 0 if said in paths else len(said)
