"""The orders that are out and what screens say of themselves in; who obeys which order, and who has not said so, out.

Nothing is believed of a screen that is silent: what it confirmed before it went offline is told as that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from signage.content.values import Item, Screen
from signage.office.database.tables import AuditRow, ScreenRow
from signage.office.desk import Desk
from signage.office.drafts import decode_once
from signage.office.publish import on_air
from signage.office.urgent import orders_out
from signage.release.orders import Order, OrderKind, order_for


class Answer(StrEnum):
    """What a screen says of what it should do."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFLINE = "offline"
    UNKNOWN = "unknown"
    """It was never let in at the console: it may play, but tells nothing."""


@dataclass(frozen=True, slots=True)
class ScreenDuty:
    """One screen: the order that it should obey (None: play its programme), and whether it says that it does.

    `did_confirm` tells of a screen that is offline whether it had confirmed the order before.
    """

    name: str
    title: str
    order: Order | None
    answer: Answer
    heard_ms: int | None = None
    did_confirm: bool = False
    shows: str = ""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that some screen should obey now, with the screens that should."""

    order: Order
    by: str
    text: str
    screens: tuple[ScreenDuty, ...]

    @property
    def confirmed(self) -> int:
        return sum(one.answer is Answer.CONFIRMED for one in self.screens)

    @property
    def silent(self) -> tuple[ScreenDuty, ...]:
        """Give the screens that cannot be counted on: offline, or never let in."""
        return tuple(one for one in self.screens if one.answer in (Answer.OFFLINE, Answer.UNKNOWN))


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the person on duty has to know now. `was_resumed` tells that an order was ended lately."""

    screens: tuple[ScreenDuty, ...]
    orders: tuple[OpenOrder, ...] = ()
    was_resumed: bool = False
    places: Mapping[str, Screen] = field(default_factory=dict)

    @property
    def free(self) -> tuple[ScreenDuty, ...]:
        """Give the screens that should play their programme."""
        return tuple(one for one in self.screens if one.order is None)

    @property
    def playing(self) -> int:
        """Count the screens that should play their programme and say that they do."""
        return sum(one.answer is Answer.CONFIRMED for one in self.free)


def situation(desk: Desk) -> Situation:
    """Give it as of now.

    Raises:
        SignageError: what is published cannot be read.
    """
    office, now_ms = desk.office(), desk.clock.now_ms()
    orders = orders_out(office)
    places = {name: one for data in on_air(office).values() for name, one in decode_once(data).store.screens.items()}
    with desk.database.reading() as session:
        rows = {row.name: row for row in session.scalars(select(ScreenRow).where(ScreenRow.revoked_ms.is_(None)))}
        said = select(AuditRow).where(AuditRow.subject.in_([order.id for order in orders]))
        givers = {row.subject: row.person for row in session.scalars(said)}
    oldest_ms = now_ms - desk.settings.read().offline_after_s * 1000
    screens = tuple(
        _duty(places.get(name) or Screen(name), rows.get(name), orders, now_ms, oldest_ms)
        for name in sorted(places.keys() | rows.keys())
    )
    open_now = {one.order.id: one.order for one in screens if one.order is not None}
    open_orders = [
        OpenOrder(
            order,
            givers.get(order.id, ""),
            order_text(order.item),
            tuple(one for one in screens if one.order is not None and one.order.id == order.id),
        )
        for order in sorted(open_now.values(), key=lambda order: order.sequence, reverse=True)
    ]
    was_resumed = any(order.kind is OrderKind.RESUME for order in orders)
    return Situation(screens, tuple(open_orders), was_resumed, places)


def _duty(screen: Screen, row: ScreenRow | None, orders: Sequence[Order], now_ms: int, oldest_ms: int) -> ScreenDuty:
    order = order_for(screen, orders, now_ms)
    title = screen.title or screen.name
    if row is None:
        return ScreenDuty(screen.name, title, order, Answer.UNKNOWN)
    heartbeat: Mapping[str, Any] = row.heartbeat or {}
    obeys = _obeys(order, heartbeat, [one for one in orders if one.is_for(screen)])
    if row.heard_ms is None or row.heard_ms < oldest_ms:
        return ScreenDuty(screen.name, title, order, Answer.OFFLINE, row.heard_ms, did_confirm=obeys)
    answer = Answer.CONFIRMED if obeys else Answer.WAITING
    return ScreenDuty(screen.name, title, order, answer, row.heard_ms, obeys, _shown(heartbeat))


def _obeys(order: Order | None, heartbeat: Mapping[str, Any], known: Sequence[Order]) -> bool:
    in_force, noted = str(heartbeat.get("order_in_force") or ""), heartbeat.get("orders") or ()
    is_black = bool(heartbeat.get("is_blackout"))
    if order is None:
        resumes = [one.id for one in known if one.kind is OrderKind.RESUME]
        return bool(heartbeat) and not in_force and not is_black and all(one in noted for one in resumes)
    return in_force == order.id and is_black == (order.kind is OrderKind.BLACKOUT)


def _shown(heartbeat: Mapping[str, Any]) -> str:
    zones = heartbeat.get("on_air") or ()
    return str(zones[0].get("item", "")) if zones and isinstance(zones[0], Mapping) else ""


def order_text(item: Item | None) -> str:
    """Give what a takeover says: the title of its card, or its file's name."""
    if item is None:
        return ""
    if item.card:
        return str(item.card.fields.get("title", ""))
    return item.media.path if item.media else item.name
