"""What the person on duty wants at once in, a signed order in the published folder out: takeover, blackout, resume."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuf.api.metadata import Metadata, Targets

from signage.content.drafts import Show
from signage.content.items import shared_item
from signage.content.spelling import closest, did_you_mean
from signage.content.values import Card, Item, Kind, MediaFile, Screen
from signage.office.blobs import copy_blobs, drop_half_copied
from signage.office.drafts import decode_once
from signage.office.ingest.recipe import Recipe, recipe_for
from signage.office.office import Office
from signage.office.publish import on_air
from signage.release.errors import ReleaseError
from signage.release.layout import ORDERS_TARGET, URGENT_ROLE
from signage.release.orders import (
    MOST_ORDERS,
    Order,
    OrderKind,
    UrgentKeys,
    encode_order,
    encode_orders,
    files_of,
    split_orders,
    urgent_keys,
    verify_order,
)
from signage.release.repository import Change, make_target, sign, target_file

if TYPE_CHECKING:  # decoders take a tenth of a second to import, and a blackout needs none of them
    from signage.office.ingest.atonce import Ready

TITLE = "紧急通知"
_TEXT_MS = 15_000
_MOST_OF_A_TITLE = 24
_MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Given:
    """An order that is out: also as the envelope that a USB stick can carry, and the screens on air that it names."""

    order: Order
    envelope: bytes
    screens: tuple[str, ...]


def text_item(text: str) -> Item:
    """Give the card that a takeover shows for a text; of several lines the first is the title.

    Raises:
        ReleaseError: the text is empty or too long to be read on a screen.
    """
    text = text.strip()
    if not 0 < len(text) <= _MOST_CHARACTERS:
        raise ReleaseError(
            f"the text must have 1 to {_MOST_CHARACTERS} characters (文字须为 1 至 {_MOST_CHARACTERS} 字)"
        )
    if "\n" in text:
        title, _, body = text.partition("\n")
    else:
        title, body = (text, "") if len(text) <= _MOST_OF_A_TITLE else (TITLE, text)
    fields = json.dumps(
        {"body": body.strip(), "title": title}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    card = Card("alert", fields)
    return Item(f"takeover:{title}", Kind.CARD, card.sha256, _TEXT_MS, card=card)


def file_item(ready: Ready, name: str) -> Item:
    """Give the item of a file that was made ready (`signage.office.ingest.atonce`); people call it by `name`.

    Of a PDF it is the first page: a takeover shows all of them, one after the other.

    Raises:
        ReleaseError: it is a text that is empty or too long to be read on a screen.
    """
    if isinstance(ready.finding, MediaFile):
        return shared_item(name, ready.finding, 1, Show(), {})
    return text_item(ready.finding.text)


def recipe_of(office: Office) -> Recipe:
    """Give what a file has to be for the screens on air.

    Raises:
        SignageError: what is published cannot be read.
    """
    return recipe_for(_screens_on_air(office).values())


def give_order(
    office: Office,
    kind: OrderKind,
    *,
    screens: Collection[str] = (),
    lasts_ms: int | None = None,
    item: Item | None = None,
    source: Path | None = None,
    people: Sequence[str] = (),
) -> Given:
    """Sign an order and publish it. Empty `screens` are all; `source` is the file that `item` is of.

    Raises:
        ReleaseError: no screen is called or tagged so, or the urgent keys are not here.
        SignageError: the disk does not take it.
    """
    office.role_signers(URGENT_ROLE, people)  # asks for passphrases before others are kept waiting
    with office.repository.locked():
        named = _screens_named(office, screens)
        known = _orders_out(office)
        now_ms = office.clock.now_ms()
        # Also higher than what an office gave out elsewhere, from a copy of its keys, before now.
        sequence = max([now_ms, *(order.sequence + 1 for order, _ in known)])
        order = Order(
            id=secrets.token_hex(4),
            sequence=sequence,
            kind=kind,
            issued_ms=now_ms,
            screens=frozenset(screens),
            until_ms=now_ms + lasts_ms if lasts_ms else None,
            item=item,
        )
        signers = office.role_signers(URGENT_ROLE, people)
        envelope = encode_order(order, signers)
        if source is not None:
            drop_half_copied(office.repository.folder)
            copy_blobs([(media, source) for media in files_of(order)], office.repository.folder)
        kept = [pair for pair in known if not _is_settled(pair[0], order, now_ms)]
        if len(kept) >= MOST_ORDERS:
            raise ReleaseError(f"{len(kept)} orders are out; end some with signage resume first")
        data = encode_orders([*(raw for _, raw in kept), envelope])
        before = office.repository.role(URGENT_ROLE)
        version = max(before.signed.version if before else 0, office.number_passed) + 1
        role = Targets(version=version, expires=office.repository.expiry(URGENT_ROLE))
        role.targets[ORDERS_TARGET] = target = make_target(ORDERS_TARGET, data)
        metadata = sign(Metadata(role), signers, office.repository.delegated(URGENT_ROLE)[1])
        change = Change(files={target_file(ORDERS_TARGET, target): data}, roles={URGENT_ROLE: metadata})
        office.repository.commit(change, office.online_signers())
        return Given(order, envelope, named)


def orders_out(office: Office) -> list[Order]:
    """Give the orders that are out, by sequence."""
    return [order for order, _ in _orders_out(office)]


def envelope_of(office: Office, order_id: str) -> bytes | None:
    """Give an order that is out as the file that a USB stick can carry; None if there is none of that id."""
    return next((raw for order, raw in _orders_out(office) if order.id == order_id), None)


def _orders_out(office: Office) -> list[tuple[Order, bytes]]:
    """Give the orders that are out and still count: what a revoked key has signed counts for no screen any more."""
    role = office.repository.role(URGENT_ROLE)
    if role is None or ORDERS_TARGET not in role.signed.targets:
        return []
    data = office.repository.read_target(ORDERS_TARGET, role.signed.targets[ORDERS_TARGET])
    keys = urgent_keys(office.repository.targets().signed)
    return [(verify_order(raw, keys), raw) for raw in split_orders(data) if _counts(raw, keys)]


def _counts(envelope: bytes, keys: UrgentKeys) -> bool:
    with contextlib.suppress(ReleaseError):
        verify_order(envelope, keys)
        return True
    return False


def _is_settled(old: Order, new: Order, now_ms: int) -> bool:
    """Tell whether no screen needs the old order any more once it has the new one."""
    covers_all = not new.screens or (bool(old.screens) and old.screens <= new.screens)
    return old.is_over(now_ms) or (covers_all and new.kind is OrderKind.RESUME)


def _screens_on_air(office: Office) -> dict[str, Screen]:
    screens: dict[str, Screen] = {}
    for data in on_air(office).values():
        screens.update(decode_once(data).store.screens)
    return screens


def _screens_named(office: Office, wanted: Collection[str]) -> tuple[str, ...]:
    """Give the screens on air that names and tags mean; a slip must not leave a wall as it is."""
    screens = _screens_on_air(office)
    if not screens:
        return tuple(sorted(wanted))
    known = sorted({*screens, *(tag for screen in screens.values() for tag in screen.tags)})
    for name in wanted:
        if name not in known:
            hint = did_you_mean(closest(name, known)).en or f"; there are: {', '.join(known)}"
            raise ReleaseError(f"no screen and no tag is called '{name}'{hint}")
    chosen = [one for one in screens.values() if not wanted or one.name in wanted or not one.tags.isdisjoint(wanted)]
    return tuple(sorted(screen.name for screen in chosen))
