"""The JSON Schemas say what the reader says: what it takes they accept, and what it refuses they mark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from signage.content.playlistfile import read_playlist_file
from signage.content.schema import json_schemas
from signage.content.screens import read_calendar_file, read_screens_file
from signage.content.templates import STAFF_TEMPLATES, TEMPLATES

jsonschema = pytest.importorskip("jsonschema")

STORE = Path(__file__).parents[2] / "playlists"


class EditorLoader(yaml.SafeLoader):
    """Reads as editors do (YAML 1.2: a date and `18:30` are text), with true numbers and booleans."""


EditorLoader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] in ("int", "float", "null") and letter != "0"
    ]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def marked(kind: str, text: str) -> list[str]:
    """Give the faults that an editor with the schema marks in the text."""
    validator = jsonschema.Draft7Validator(json_schemas()[kind])
    said: Any = yaml.load(text, EditorLoader)
    return [fault.message for fault in validator.iter_errors(said)]


def test_each_schema_is_valid_and_stands_alone():
    for schema in json_schemas().values():
        jsonschema.Draft7Validator.check_schema(schema)
        assert "$ref" not in json.dumps(schema)


GOOD = """\
title: 社区工作动态
where: outdoor
weight: 2.5
priority: urgent
expires: 2026-12-31
when:
  - {days: [mon-fri, 周六, 7], hours: ["07:00-22:00", sunrise+0:30-sunset], lunar: 6-24, from: 2026-01-01}
play:
  - a.jpg
  - {file: a.jpg, seconds: 1m30s, fit: cover, transition: cut, until: 2026/12/31}
  - {folder: t, order: newest, limit: 5, seconds: 12}
  - {template: work-update, title: 标题, text: 正文, photo: a.jpg, seconds: 15}
  - {template: civility, text: 文明养犬, by: 社区居委会}
  - {template: unity-poster, headline: 一家亲, yi: ꆈꌠ, english: One family, pattern: pomegranate}
  - {template: notice, title: 公告, body: 内容, office: 居委会, date: 2026年10月}
  - {template: event, title: 植树, when: 周六, where: 公园, date: 2027-03-12, text: 带水}
  - {template: honours, title: 光荣榜, people: [张三, {name: 李四, photo: b.jpg, reason: 助人}]}
  - {template: table, title: 收支, columns: [项目, 金额], rows: [[收入, 12.50], [支出, ~]], note: 略}
"""


def test_what_the_reader_takes_the_schema_accepts():
    assert read_playlist_file(GOOD.encode(), "x", "x").problems == ()
    assert marked("playlist", GOOD) == []


@pytest.mark.parametrize(
    "text",
    [
        "tilte: x\nplay: a.jpg",
        "title: x",
        "play: []",
        "play: [{file: a, fit: zoom}]",
        "play: [{file: a, seconds: -3}]",
        "play: [{flie: a}]",
        "play: [{template: notice, title: a}]",
        "play: [{template: notices, title: a, body: b}]",
        "play: [{template: civility, text: a, color: red}]",
        "play: a\nwhen: {days: someday}",
        "play: a\nwhen: {hour: '07:00-08:00'}",
        "play: a\nwhere:",
        "play: a\npriority: high",
        "play: a\nexpires: tomorrow",
        "play: a\nzone: top",
    ],
)
def test_what_the_reader_refuses_the_schema_marks(text):
    assert read_playlist_file(text.encode(), "x", "x").is_broken
    assert marked("playlist", text)


def test_screens_and_the_calendar_have_schemas_too():
    screens = "screens:\n  gate: {tags: [a], size: 960x540, rotate: 90, layout: banner, place: 24.92, 102.48: x}\n"
    good = "screens:\n  gate: {tags: [a], size: 960x540, rotate: 90, layout: banner, place: '24.92, 102.48'}\n  hall:\n"
    calendar = "years: 2027\nholidays: [2027-01-01~2027-01-03]\nworkdays: 2027-01-30\n"

    assert read_screens_file(good.encode(), "x").problems == ()
    assert marked("screens", good) == []
    assert read_screens_file(screens.encode(), "x").problems
    assert marked("screens", screens)
    assert read_calendar_file(calendar.encode(), "x").problems == ()
    assert marked("calendar", calendar) == []
    assert marked("calendar", "holiday: [2027-01-01]")


def test_every_template_and_every_field_is_offered_in_two_languages():
    entries = json_schemas()["playlist"]["properties"]["play"]["anyOf"][0]["items"]["anyOf"]
    cards = {
        entry["properties"]["template"]["const"]: entry
        for entry in entries
        if "template" in entry.get("properties", {})
    }

    assert set(cards) == set(STAFF_TEMPLATES)
    for name, card in cards.items():
        for field in TEMPLATES[name].fields:
            about = card["properties"][field.name]["description"]
            assert field.zh in about
            assert field.en in about


def test_every_key_of_a_playlist_is_described():
    for key, schema in json_schemas()["playlist"]["properties"].items():
        assert schema.get("description"), key


@pytest.mark.parametrize("path", sorted(STORE.rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_demo_store_fits_the_schemas(path):
    kind = path.stem if path.stem in ("screens", "calendar") else "playlist"

    assert marked(kind, path.read_text(encoding="utf-8")) == []
