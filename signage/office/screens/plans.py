"""A stretch of time in; what was planned then by the releases on air, and when urgent orders stood above it, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from signage.base.errors import SignageError
from signage.content.values import Screen
from signage.office.database.tables import OnAirRow
from signage.office.desk import Desk
from signage.office.drafts import decode_once
from signage.office.publish import on_air
from signage.office.urgent import orders_out
from signage.release.manifest import Manifest
from signage.release.orders import order_for

Stretch = tuple[int, int]
Aired = tuple[Mapping[str, Manifest] | None, int, int]
"""The manifest of each screen, None where that release is not kept any more; from when, until when."""


def releases_between(desk: Desk, start_ms: int, end_ms: int) -> Iterator[Aired]:
    """Give what was on air within [start_ms, end_ms), and from when until when.

    Before the office took note for the first time, the oldest release that it knows of was on air.
    """
    with desk.database.reading() as session:
        known = list(session.execute(select(OnAirRow.number, OnAirRow.since_ms).order_by(OnAirRow.since_ms)))
    office = desk.office()
    for index, (number, noted_ms) in enumerate(known):
        since_ms = noted_ms if index else 0
        until_ms = known[index + 1].since_ms if index + 1 < len(known) else end_ms
        if until_ms <= start_ms or since_ms >= end_ms:
            continue
        stretch = max(start_ms, since_ms), min(end_ms, until_ms)
        try:
            decoded = [decode_once(data) for data in on_air(office, number).values()]
        except SignageError:
            yield None, *stretch
            continue
        yield {name: manifest for manifest in decoded for name in manifest.store.screens}, *stretch


def order_now(desk: Desk, screen: Screen) -> Stretch | None:
    """Give since when an order that is out now stands above this screen's programme: its row comes when it is over."""
    now_ms = desk.clock.now_ms()
    try:
        order = order_for(screen, orders_out(desk.office()), now_ms)
    except SignageError:
        return None
    return (order.issued_ms, now_ms) if order else None


def without(start_ms: int, end_ms: int, taken: Sequence[Stretch]) -> list[Stretch]:
    """Give what is left of [start_ms, end_ms) when these stretches are taken out of it."""
    left, at_ms = [], start_ms
    for since_ms, until_ms in sorted(taken):
        if until_ms <= at_ms or since_ms >= end_ms:
            continue
        if since_ms > at_ms:
            left.append((at_ms, since_ms))
        at_ms = max(at_ms, until_ms)
    if at_ms < end_ms:
        left.append((at_ms, end_ms))
    return left
