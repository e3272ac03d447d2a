"""An urgent order in, the signed envelope out, and back with its signatures checked: takeover, blackout, resume.

The same bytes travel in the TUF target `urgent/orders.json` and as a bare `*.order.json` file on a USB stick.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import Key, Signature, Signer
from tuf.api.metadata import Targets

from signage.content.values import Item, MediaFile, Screen
from signage.release.codec import Codec
from signage.release.errors import ReleaseError
from signage.release.keys import public_bytes
from signage.release.layout import URGENT_ROLE, is_sha256
from signage.release.manifest import is_plain_path
from signage.release.strictjson import read_json

MOST_ORDERS = 100
MOST_ENVELOPE_BYTES = 200_000
FILE_ENDING = ".order.json"
_DOMAIN = b"signage order 1\n"
"""What is signed begins with it, so that no signature of an urgent key on anything else can pass for an order."""


class OrderKind(StrEnum):
    """What an urgent order has screens do."""

    TAKEOVER = "takeover"
    BLACKOUT = "blackout"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Order:
    """One urgent order. Empty `screens` means all; else names and tags. `item` is what a takeover shows:
    of a PDF all pages in turn.

    `sequence` rises with every order of an office. An order ends at `until_ms`, or with a resume of a higher sequence;
    which of several counts says `order_for`. The files of `item` are blobs like any other.
    """

    id: str
    sequence: int
    kind: OrderKind
    issued_ms: int
    screens: frozenset[str] = frozenset()
    until_ms: int | None = None
    item: Item | None = None

    def is_for(self, screen: Screen) -> bool:
        return not self.screens or screen.name in self.screens or not self.screens.isdisjoint(screen.tags)

    def is_over(self, now_ms: int) -> bool:
        return self.until_ms is not None and now_ms >= self.until_ms


def order_for(screen: Screen, orders: Iterable[Order], now_ms: int) -> Order | None:
    """Give the order that a screen obeys now; None when its programme plays."""
    return order_in_force([order for order in orders if order.is_for(screen)], now_ms)


def order_in_force(orders: Sequence[Order], now_ms: int) -> Order | None:
    """Give which of the orders that name a screen it obeys now.

    A resume ends every order before it; of what is left and not over, a blackout stands above any takeover, and of
    several alike the latest counts. So a takeover that ends by its own time leaves a blackout as it was.
    """
    ended = max((order.sequence for order in orders if order.kind is OrderKind.RESUME), default=0)
    open_now = [order for order in orders if order.sequence > ended and not order.is_over(now_ms)]
    return max(open_now, key=lambda order: (order.kind is OrderKind.BLACKOUT, order.sequence), default=None)


@dataclass(frozen=True, slots=True)
class UrgentKeys:
    """Who may give orders, and how many of them it takes; from verified targets metadata."""

    keys: Mapping[str, Key]
    threshold: int


def urgent_keys(targets: Targets) -> UrgentKeys:
    """Give the keys of the urgent role.

    Raises:
        ReleaseError: the metadata has no such role.
    """
    roles = targets.delegations.roles if targets.delegations else None
    if targets.delegations is None or not roles or URGENT_ROLE not in roles:
        raise ReleaseError("targets metadata: has no urgent role; make the keys anew with signage keys init")
    role = roles[URGENT_ROLE]
    return UrgentKeys({key_id: targets.delegations.keys[key_id] for key_id in role.keyids}, role.threshold)


def encode_order(order: Order, signers: Sequence[Signer]) -> bytes:
    """Give the envelope: the order and the signatures of these people."""
    payload = json.dumps(Codec().encode(Order, order), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    signatures = [signer.sign(_DOMAIN + payload.encode()) for signer in signers]
    said = {"payload": payload, "signatures": [{"keyid": one.keyid, "sig": one.signature} for one in signatures]}
    return json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n"


def verify_order(envelope: bytes, trusted: UrgentKeys) -> Order:
    """Give the order if enough different urgent keys have signed exactly it.

    Raises:
        ReleaseError: it is damaged, not signed by enough of them, or says what no order may say.
    """
    payload, signatures = _open(envelope)
    data = _DOMAIN + payload.encode()
    signed_by = {
        public_bytes(key) for key_id, key in trusted.keys.items() if _has_signed(key, signatures.get(key_id), data)
    }
    if len(signed_by) < max(1, trusted.threshold):
        raise ReleaseError(f"order: {len(signed_by)} of {trusted.threshold} signatures of the urgent role")
    try:
        order: Order = Codec().decode(Order, read_json(payload))
    except (ValueError, RecursionError) as error:
        raise ReleaseError("order: is no JSON") from error
    _check(order)
    return order


def decode_orders(target: bytes, trusted: UrgentKeys) -> tuple[Order, ...]:
    """Give the orders in the TUF target `urgent/orders.json`, by sequence.

    Raises:
        ReleaseError: as `verify_order`, for any of them.
    """
    orders = [verify_order(envelope, trusted) for envelope in split_orders(target)]
    return tuple(sorted(orders, key=lambda order: order.sequence))


def split_orders(target: bytes) -> list[bytes]:
    """Give the envelopes in the TUF target `urgent/orders.json`, unverified.

    Raises:
        ReleaseError: it is no list of them.
    """
    try:
        envelopes = read_json(target)["orders"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReleaseError("orders: is no list of orders") from error
    if not isinstance(envelopes, list) or len(envelopes) > MOST_ORDERS:
        raise ReleaseError(f"orders: must be a list of at most {MOST_ORDERS}")
    return [json.dumps(envelope).encode() for envelope in envelopes]


def read_orders(target: bytes) -> list[Order]:
    """Give the orders in a target that this office wrote itself; signatures are not looked at."""
    return [Codec().decode(Order, json.loads(one["payload"])) for one in json.loads(target)["orders"]]


def files_of(order: Order) -> list[MediaFile]:
    """Give the media files that a takeover shows."""
    if order.item is None:
        return []
    photos = order.item.card.photos if order.item.card else ()
    return [media for media in (order.item.media, *photos) if media is not None]


def encode_orders(envelopes: Sequence[bytes]) -> bytes:
    """Give the TUF target that holds these envelopes."""
    said = {"orders": [json.loads(envelope) for envelope in envelopes]}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _open(envelope: bytes) -> tuple[str, dict[str, Signature]]:
    if len(envelope) > MOST_ENVELOPE_BYTES:
        raise ReleaseError(f"order: {len(envelope)} bytes, more than the {MOST_ENVELOPE_BYTES} allowed")
    try:
        said = read_json(envelope)
        payload, listed = said["payload"], said["signatures"]
        signatures = {one["keyid"]: Signature(one["keyid"], one["sig"]) for one in listed}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReleaseError("order: is no signed order") from error
    if not isinstance(payload, str) or not all(isinstance(one.signature, str) for one in signatures.values()):
        raise ReleaseError("order: is no signed order")
    return payload, signatures


def _has_signed(key: Key, signature: Signature | None, data: bytes) -> bool:
    if signature is None:
        return False
    try:
        key.verify_signature(signature, data)
    except (UnverifiedSignatureError, VerificationError):
        return False
    return True


def _check(order: Order) -> None:
    is_right = (
        0 < order.sequence < 2**53
        and 0 <= order.issued_ms < 2**53
        and (order.until_ms is None or order.until_ms > order.issued_ms)
        and 0 < len(order.id) <= 64
        and (order.item is not None) == (order.kind is OrderKind.TAKEOVER)
        and (order.item is None or (order.item.media is None) != (order.item.card is None))
        and (order.item is None or order.item.duration_ms > 0)
        and all(
            is_plain_path(media.path) and is_sha256(media.sha256) and media.length_bytes > 0
            for media in files_of(order)
        )
    )
    if not is_right:
        raise ReleaseError("order: says what no order may say")
