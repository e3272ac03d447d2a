"""The models of a store's files in, JSON Schemas out: editors complete and check playlists while staff write."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from signage.content.cardmodels import CARD_MODELS
from signage.content.filemodels import CalendarModel, FileEntry, FolderEntry, PlaylistModel, ScreenModel
from signage.content.templates import STAFF_TEMPLATES, TEMPLATES, FieldType, Template

_DIALECT = "http://json-schema.org/draft-07/schema#"
Schema = dict[str, Any]


def json_schemas() -> dict[str, Schema]:
    """Give the schema of each kind of file: `playlist`, `screens`, `calendar`. Each call gives new dicts."""
    return {"playlist": _playlist(), "screens": _screens(), "calendar": _calendar()}


def _playlist() -> Schema:
    entries = [
        {"type": "string", "description": "media/ 下的文件或文件夹 / a file or a folder of media/"},
        _inlined(FileEntry),
        _inlined(FolderEntry),
        *(_card(TEMPLATES[name]) for name in STAFF_TEMPLATES),
        _ticker(),
    ]
    schema = _inlined(PlaylistModel)
    entry: Schema = {"anyOf": entries}
    schema["properties"]["play"] = {
        "description": "播放内容，按顺序 / what plays, in order",
        "anyOf": [{"type": "array", "minItems": 1, "items": entry}, {"type": "string"}],
    }
    return _headed(schema, "播放列表 / playlist", "playlists/*.yaml：一个文件是一个播放列表 / one file is one playlist")


def _card(template: Template) -> Schema:
    schema = _inlined(CARD_MODELS[template.name])
    schema["title"] = template.name
    schema["description"] = f"{template.zh} / {template.en}"
    schema["properties"] = {"template": {"const": template.name}, **schema["properties"]}
    schema["required"] = ["template", *schema.get("required", [])]
    for field in template.fields:
        if field.type is FieldType.PEOPLE:
            _allow_bare_names(schema["properties"][field.name])
        for name in field.other_names:
            schema["properties"][name] = schema["properties"][field.name]
        if field.is_required and field.other_names:
            schema["required"].remove(field.name)
            names = (field.name, *field.other_names)
            schema.setdefault("allOf", []).append({"anyOf": [{"required": [name]} for name in names]})
    return schema


def _allow_bare_names(people: Schema) -> None:
    listing, person = people["anyOf"]
    listing["items"] = {"anyOf": [person, {"type": "string"}]}
    people["anyOf"] = [listing, person, {"type": "string"}]


def _ticker() -> Schema:
    schema = _inlined(CARD_MODELS["ticker"])
    schema["title"] = "text"
    schema["description"] = "滚动字幕（仅 zone: ticker） / scrolling text (zone ticker only)"
    return schema


def _screens() -> Schema:
    by_name: Schema = {
        "type": "object",
        "description": "各屏幕，以名称为键 / the screens by name",
        "additionalProperties": {"anyOf": [_inlined(ScreenModel), {"type": "null"}]},
    }
    schema: Schema = {**by_name, "properties": {"screens": by_name}}
    return _headed(schema, "屏幕 / screens", "playlists/screens.yaml：屏幕设置 / the screens")


def _calendar() -> Schema:
    about = "playlists/calendar.yaml：放假与调休 / days off and adjusted workdays"
    return _headed(_inlined(CalendarModel), "日历 / calendar", about)


def _headed(schema: Schema, title: str, description: str) -> Schema:
    return {"$schema": _DIALECT, **schema, "title": title, "description": description}


def _inlined(model: type[BaseModel]) -> Schema:
    """Give the model's schema without references, with a list of one also as the one thing itself."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})
    inlined: Schema = _walk(schema, definitions)
    return inlined


def _walk(node: Any, definitions: Schema) -> Any:
    if isinstance(node, list):
        return [_walk(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        referred = definitions[node["$ref"].rpartition("/")[2]]
        return _walk({**referred, **{key: part for key, part in node.items() if key != "$ref"}}, definitions)
    walked = {key: _walk(part, definitions) for key, part in node.items() if not _is_noise(key, part)}
    walked.pop("default", None)
    about = {key: walked.pop(key) for key in ("description",) if key in walked}
    if "anyOf" in walked:
        # A key that is left out has no null in its place: the reader refuses an empty value.
        options = [option for option in walked["anyOf"] if option != {"type": "null"}]
        walked = {**walked, "anyOf": options} if len(options) > 1 else options[0]
    if walked.get("type") == "array" and "items" in walked:
        walked = {"anyOf": [walked, walked["items"]]}
    return {**walked, **about}


def _is_noise(key: str, part: Any) -> bool:
    """pydantic titles every property by its English key, which hides the description in an editor."""
    return key == "title" and isinstance(part, str)
