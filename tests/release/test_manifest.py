"""The manifest: what was previewed is what is signed is what is shown, and nothing else can be read from its bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage.base.moments import to_ms
from signage.content.store import read_store
from signage.content.values import (
    CalendarData,
    Card,
    DayClass,
    Edge,
    Entry,
    Fit,
    Hours,
    Item,
    Kind,
    MediaFile,
    Playlist,
    Priority,
    Screen,
    Store,
    SunEvent,
    Transition,
    Window,
)
from signage.release.errors import ReleaseError
from signage.release.manifest import Manifest, decode_manifest, digests_in, encode_content, encode_manifest
from signage.release.parts import INLINE_BYTES, Part, join, parts_of, split
from signage.schedule.programme import Programme

DEMO = Path(__file__).parents[2]
SHA = "ab" * 32
FILE = MediaFile("unity/长桌宴 1.jpg", Kind.PICTURE, SHA, 10, 0, (3, 4), mime="image/jpeg")


def manifest_of(*items: Item, **more: Any) -> Manifest:
    playlist = Playlist("daily", "每日", (Entry(tuple(items)),))
    media = {item.media.path: item.media for item in items if item.media}
    return Manifest("gate", 3, 5, Store(Path(), (playlist,), {"gate": Screen("gate")}, media=media, **more))


def item_of(media: MediaFile) -> Item:
    return Item(media.path, media.kind, media.sha256, 10_000, media=media)


def lines_of(manifest: Manifest) -> list[dict[str, Any]]:
    return [json.loads(line) for line in encode_manifest(manifest).splitlines()]


def as_bytes(lines: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def test_the_demo_plays_the_same_after_the_way_through_a_manifest() -> None:
    store = read_store(DEMO)
    start_ms = to_ms(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))

    shown = decode_manifest(encode_manifest(Manifest("demo", 1, 1, store))).store

    for name, screen in store.screens.items():
        assert shown.screens[name] == screen
        for zone in ("main", "side", "ticker"):
            before = Programme(store, screen, zone).slots(start_ms, start_ms + 3_600_000)
            after = Programme(shown, screen, zone).slots(start_ms, start_ms + 3_600_000)
            assert [plain(slot.item) for slot in before] == [plain(slot.item) for slot in after]


def plain(item: Item) -> Item:
    """Give the item without when its files were last touched, which no manifest says."""
    card = item.card and replace(item.card, photos=tuple(replace(one, mtime_ns=0) for one in item.card.photos))
    return replace(item, card=card, media=item.media and replace(item.media, mtime_ns=0))


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
dates = st.dates(date(2020, 1, 1), date(2099, 12, 31))
edges = st.builds(Edge, st.integers(-86_400, 86_400), st.none() | st.sampled_from(SunEvent))
hours = st.lists(st.builds(Hours, edges, edges), max_size=2).map(tuple)
windows = st.builds(
    Window,
    st.none() | dates,
    st.none() | dates,
    st.frozensets(st.integers(1, 7)),
    st.frozensets(st.sampled_from(DayClass)),
    st.frozensets(st.tuples(st.integers(-12, 12), st.integers(1, 30)), max_size=2),
    hours,
)
digests = st.integers(0, 2**32).map(lambda number: f"{number:064x}")
cards = st.builds(
    lambda name, text, digest, length: Item(
        f"{name}:{text}", Kind.CARD, digest, length, card=Card(name, json.dumps({"text": text}))
    ),
    texts,
    texts,
    digests,
    st.integers(1, 100_000),
)
pictures = st.builds(
    lambda number, length, fit, change, page: Item(
        f"p{number}.png#page={page}",
        Kind.PAGE,
        f"{number:064x}",
        length,
        fit,
        change,
        MediaFile(f"p{number}.png", Kind.PAGE, f"{number:064x}", number + 1, 0, (7, 5), pages=3),
        page,
    ),
    st.integers(0, 20),
    st.integers(1, 100_000),
    st.sampled_from(Fit),
    st.sampled_from(Transition),
    st.integers(1, 3),
)
entries = st.builds(Entry, st.lists(cards | pictures, max_size=4).map(tuple), st.booleans(), st.none() | st.integers(1))
playlists = st.builds(
    Playlist,
    texts,
    texts,
    st.lists(entries, max_size=3).map(tuple),
    st.sampled_from(["main", "side", "ticker"]),
    st.frozensets(texts, max_size=2),
    st.lists(windows, max_size=2).map(tuple),
    st.fractions(Fraction(0), Fraction(9), max_denominator=9),
    st.sampled_from(Priority),
    st.none() | dates,
)
screens = st.builds(
    Screen,
    texts,
    texts,
    st.frozensets(texts, max_size=2),
    st.none() | st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
    st.sampled_from([0, 90, 180, 270]),
    hours,
    st.sampled_from(["full", "banner", "side"]),
    st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    sound=st.booleans(),
)
calendars = st.builds(CalendarData, st.frozensets(st.integers(2000, 2100)), st.frozensets(dates), st.frozensets(dates))


@given(st.lists(playlists, max_size=3), st.lists(screens, min_size=1, max_size=2), calendars)
def test_every_value_comes_back_as_it_was(made: list[Playlist], screens: list[Screen], calendar: CalendarData) -> None:
    store = Store(Path(), tuple(made), {screen.name: screen for screen in screens}, calendar)

    data = encode_manifest(Manifest("gate", 3, 5, store))
    back = decode_manifest(data)

    assert back.store.playlists == store.playlists
    assert back.store.screens == store.screens
    assert back.store.calendar == store.calendar
    assert encode_manifest(back) == data


def test_touching_a_file_changes_nothing_in_the_manifest() -> None:
    touched = replace(FILE, mtime_ns=99)

    assert encode_manifest(manifest_of(item_of(FILE))) == encode_manifest(manifest_of(item_of(touched)))


def test_replacing_a_file_changes_one_line() -> None:
    other = replace(FILE, sha256="cd" * 32)

    before, after = (encode_content(manifest_of(item_of(one)).store).splitlines() for one in (FILE, other))

    assert len([pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]) == 1


@pytest.mark.parametrize(
    "path",
    [
        "../secret.png",
        "a/../../b.png",
        "/etc/passwd",
        "C:/Windows/x.png",
        "C:x.png",
        "a\\..\\b.png",
        "a//b.png",
        "./a.png",
        "a/.",
        "..",
        "",
        "a\0b.png",
        "a\nb.png",
        "cafe\u0301.png",
        "x" * 1025,
    ],
)
def test_a_path_that_could_leave_its_folder_is_refused(path: str) -> None:
    lines = lines_of(manifest_of(item_of(FILE)))
    for line in lines:
        if "file" in line:
            line["file"]["path"] = path
        if "item" in line:
            line["item"]["media"] = path

    with pytest.raises(ReleaseError, match="path"):
        decode_manifest(as_bytes(lines))


@pytest.mark.parametrize(
    ("key", "field", "value"),
    [
        ("signage", "format", 2),
        ("signage", "number", 0),
        ("signage", "number", True),
        ("signage", "channel", "../x"),
        ("signage", "channel", "a/b"),
        ("file", "sha256", "../../etc/passwd"),
        ("file", "sha256", SHA.upper()),
        ("file", "length_bytes", -1),
        ("file", "length_bytes", "10"),
        ("file", "length_bytes", 10.5),
        ("file", "kind", "program"),
        ("file", "run", "rm"),
        ("item", "duration_ms", 0),
        ("item", "media", "not-listed.png"),
        ("item", "duration_ms", 10**12),
        ("item", "card", {"template": "notice", "fields_json": "{}"}),
        ("screen", "rotate", 45),
        ("screen", "layout", "none"),
        ("screen", "timezone", "../../etc/localtime"),
        ("screen", "timezone", "Nowhere/At-all"),
        ("playlist", "weight", "-1"),
        ("playlist", "weight", "1/0"),
        ("playlist", "priority", 7),
        ("playlist", "expires", "tomorrow"),
    ],
)
def test_what_no_manifest_may_say_is_refused(key: str, field: str, value: object) -> None:
    lines = lines_of(manifest_of(item_of(FILE)))
    for line in lines:
        if key in line:
            line[key][field] = value

    with pytest.raises(ReleaseError):
        decode_manifest(as_bytes(lines))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"signage":{"format":1,"channel":"a","number":1,"made_ms":1}}\n',
        b'{"signage":{"format":1,"channel":"a","number":1,"made_ms":1}}\n{"screen":{}}',
        b'{"signage":{"format":1,"channel":"a","number":1,"made_ms":1}}\n{"shell":{}}\n',
        b'{"signage":{"format":1,"channel":"a","number":1,"made_ms":1}}\n{"item":{}}\n',
        b'{"signage":{"format":1,"channel":"a","number":1,"made_ms":1}}\n{"entry":{"items":[]}}\n',
        b'{"signage":{"format":1,"channel":"a","number":1,"made_ms":1}}\n{"screen":{}}\n{"screen":{}}\n',
    ],
    ids=range(12),
)
def test_bytes_that_are_no_manifest_are_refused(data: bytes) -> None:
    with pytest.raises(ReleaseError):
        decode_manifest(data)


@given(st.data())
def test_a_manifest_with_a_byte_changed_is_read_or_refused_but_never_breaks(data: st.DataObject) -> None:
    whole = encode_manifest(manifest_of(item_of(FILE)))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]

    try:
        decode_manifest(changed)
    except ReleaseError:
        return


def test_a_cut_manifest_is_refused() -> None:
    whole = encode_manifest(manifest_of(item_of(FILE)))

    with pytest.raises(ReleaseError):
        decode_manifest(whole[:-1])


def test_the_digests_are_found_without_reading_it_all() -> None:
    assert digests_in(encode_manifest(manifest_of(item_of(FILE)))) == {SHA}


def many(count: int, changed: int | None = None) -> bytes:
    files = [
        replace(FILE, path=f"{number:05}.png", sha256=f"{number + (10**9 if number == changed else 0):064x}")
        for number in range(count)
    ]
    return encode_manifest(manifest_of(*map(item_of, files)))


def test_a_short_manifest_is_its_own_target() -> None:
    data = many(3)

    assert split(data) == (data, {})
    assert parts_of(data) == ()


def test_a_long_manifest_comes_together_from_its_parts() -> None:
    data = many(700)

    target, parts = split(data)

    assert len(data) > INLINE_BYTES > len(target)
    assert len(parts) > 10
    assert join(target, parts.__getitem__) == data


@pytest.mark.parametrize("changed", [0, 1, 333, 698, 699])
def test_a_change_of_one_file_changes_one_part(changed: int) -> None:
    parts, others = split(many(700))[1], split(many(700, changed))[1]

    assert len(others.keys() - parts.keys()) <= 2


def test_a_part_with_other_bytes_is_refused() -> None:
    target, parts = split(many(700))
    last = parts_of(target)[-1]

    with pytest.raises(ReleaseError, match="other bytes"):
        join(target, lambda part: parts[part] if part != last else parts[part][:-1] + b" ")


@pytest.mark.parametrize(
    "listed",
    [[["../x", 5]], [[SHA, 0]], [[SHA, True]], [[SHA]], [[5, 5]], [[SHA, 10**12]], "x", [[SHA, 5, 5]]],
    ids=range(8),
)
def test_a_list_of_parts_that_cannot_be_is_refused(listed: object) -> None:
    target = json.dumps({"signage-parts": {"head": "{}", "parts": listed}}).encode()

    with pytest.raises(ReleaseError):
        join(target, lambda part: b"12345")


def test_a_part_is_a_blob_by_its_digest() -> None:
    target, parts = split(many(700))

    assert set(parts_of(target)) == set(parts)
    assert all(isinstance(part, Part) and part.length_bytes == len(data) for part, data in parts.items())
