"""The templates' fields in, one pydantic model for each template out: the common keys of an entry and the fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator, create_model
from pydantic import Field as PydanticField

from signage.content import notation
from signage.content.fieldtypes import MediaPath, OneOrMore, choice, listed, scalar, schema, text
from signage.content.filemodels import EntryModel
from signage.content.notation import NotationError
from signage.content.templates import CELL_CHARACTERS, TEMPLATES, Field, FieldType, Template

_LINK = re.compile(r"https?://[^\s/]+[^\s]*", re.IGNORECASE)
_TEXT_SCHEMA: dict[str, Any] = {"type": ["string", "number"]}


class Person(BaseModel):
    """One of the `people` of `honours`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, PlainValidator(text(CELL_CHARACTERS)), schema(**_TEXT_SCHEMA)]
    photo: MediaPath | None = None
    reason: Annotated[str, PlainValidator(text(CELL_CHARACTERS)), schema(type="string")] | None = None


def _named(value: Any) -> Any:
    """Let a bare name stand for a person."""
    return {"name": value} if isinstance(value, str) else value


def _date_text(value: str) -> str:
    return notation.parse_date(value).isoformat()


def _date_or_text(limit: int) -> Any:
    checked = text(limit)

    def validate(value: Any) -> str:
        written = checked(value)
        try:
            return _date_text(written)
        except NotationError:
            return written

    return validate


def _cell(value: Any) -> str:
    """Give the text of a cell; an empty cell is allowed."""
    return "" if value is None or value == "" else text(CELL_CHARACTERS)(value)


def _link(limit: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        value = value.strip()
        if not _LINK.fullmatch(value) or len(value) > limit:
            raise NotationError(
                f"must be an address that begins with http:// or https://, of at most {limit} characters",
                f"必须是 http:// 或 https:// 开头的网址，最多 {limit} 个字符",
            )
        return value

    return parse


def _at_most(limit: int) -> AfterValidator:
    def check(values: list[Any]) -> list[Any]:
        if len(values) > limit:
            raise NotationError(f"has {len(values)} entries; at most {limit}", f"有 {len(values)} 项，最多 {limit} 项")
        return values

    return AfterValidator(check)


def _type_of(field: Field) -> Any:
    match field.type:
        case FieldType.LINE:
            return Annotated[str, PlainValidator(text(field.limit)), schema(**_TEXT_SCHEMA, maxLength=field.limit)]
        case FieldType.TEXT:
            kept = text(field.limit, is_one_line=False)
            return Annotated[str, PlainValidator(kept), schema(**_TEXT_SCHEMA, maxLength=field.limit)]
        case FieldType.DATE:
            return Annotated[str, PlainValidator(scalar(_date_text)), schema(type="string", examples=["2026-12-31"])]
        case FieldType.DATE_OR_TEXT:
            return Annotated[str, PlainValidator(_date_or_text(field.limit)), schema(**_TEXT_SCHEMA)]
        case FieldType.PHOTO:
            return MediaPath
        case FieldType.PHOTOS:
            return Annotated[OneOrMore[MediaPath], _at_most(field.limit)]
        case FieldType.LINK:
            return Annotated[str, PlainValidator(scalar(_link(field.limit))), schema(type="string", format="uri")]
        case FieldType.CHOICE:
            words = {word: word for word in field.choices}
            return Annotated[str, PlainValidator(choice(words)), schema(enum=list(words))]
        case FieldType.PEOPLE:
            return Annotated[OneOrMore[Annotated[Person, BeforeValidator(_named)]], _at_most(field.limit)]
        case FieldType.COLUMNS:
            head = Annotated[str, PlainValidator(text(CELL_CHARACTERS)), schema(**_TEXT_SCHEMA)]
            return Annotated[OneOrMore[head], _at_most(field.limit)]
        case FieldType.ROWS:
            cell = Annotated[str, PlainValidator(_cell), schema(type=["string", "number", "null"])]
            row = Annotated[list[cell], BeforeValidator(listed)]
            return Annotated[OneOrMore[row], _at_most(field.limit)]


def _model(template: Template) -> type[EntryModel]:
    fields: dict[str, Any] = {}
    for field in template.fields:
        kind = _type_of(field)
        about = f"{field.zh} / {field.en}"
        if field.is_required:
            fields[field.name] = (kind, PydanticField(description=about))
        else:
            fields[field.name] = (kind | None, PydanticField(None, description=about))
    name = "".join(part.capitalize() for part in template.name.split("-")) + "Card"
    model: type[EntryModel] = create_model(name, __base__=EntryModel, __doc__=template.en, **fields)
    return model


CARD_MODELS: dict[str, type[EntryModel]] = {name: _model(template) for name, template in TEMPLATES.items()}
"""The model of an entry with each template, without the key `template` itself."""
