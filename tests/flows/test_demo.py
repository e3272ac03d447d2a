"""The repository's own store comes in: the demo must be whole, small, alive for years and varied at any hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from signage.base.moments import to_ms
from signage.content.store import read_store
from signage.content.templates import STAFF_TEMPLATES
from signage.content.values import Item, Kind, Priority, Store
from signage.schedule.programme import Programme

REPOSITORY = Path(__file__).parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")
MEDIA_LIMIT_BYTES = 8_000_000
SOON_MS = 180_000


@pytest.fixture(scope="module")
def demo() -> Store:
    return read_store(REPOSITORY)


def _items(store: Store) -> Iterator[Item]:
    for playlist in store.playlists:
        for entry in playlist.entries:
            yield from entry.items


def test_the_demo_has_no_problem(demo: Store) -> None:
    assert demo.problems == ()
    assert set(demo.screens) == {"default", "gate", "hall", "portrait"}


def test_the_demo_uses_every_template_kind_zone_and_priority(demo: Store) -> None:
    items = list(_items(demo))

    assert {item.card.template for item in items if item.card and item.kind is Kind.CARD} == set(STAFF_TEMPLATES)
    assert {item.kind for item in items} == set(Kind) - {Kind.SLATE, Kind.OFF}
    assert {playlist.zone for playlist in demo.playlists} == {"main", "side", "ticker"}
    assert {playlist.priority for playlist in demo.playlists} == set(Priority)


def test_the_demos_media_are_small_enough_for_a_repository() -> None:
    files = [path for path in (REPOSITORY / "media").rglob("*") if path.is_file()]

    assert sum(path.stat().st_size for path in files) < MEDIA_LIMIT_BYTES


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-28", "2027-03-02", "2028-06-06", "2030-01-09"])
def test_who_tries_the_demo_at_any_hour_sees_picture_film_card_and_page_within_three_minutes(
    demo: Store, day: str
) -> None:
    programme = Programme(demo, demo.screens["default"])
    start = datetime.fromisoformat(day).replace(tzinfo=SHANGHAI)

    for hour in range(24):
        now_ms = to_ms(start + timedelta(hours=hour, minutes=7, seconds=13))
        kinds = {slot.item.kind for slot in programme.slots(now_ms, now_ms + SOON_MS)}

        assert {Kind.PICTURE, Kind.VIDEO, Kind.CARD, Kind.PAGE} <= kinds, f"{day} {hour}:07"


@pytest.mark.parametrize("screen", ["default", "gate", "hall", "portrait"])
def test_the_urgent_sample_is_never_on_air(demo: Store, screen: str) -> None:
    programme = Programme(demo, demo.screens[screen])
    noon_ms = to_ms(datetime(2026, 11, 23, 12, tzinfo=SHANGHAI))

    shown = {slot.playlist for slot in programme.slots(noon_ms, noon_ms + 3 * 86_400_000)}

    assert "urgent-sample" not in shown
    assert "work-updates" in shown
