"""Urgent orders: whom a screen obeys, for how long, and what passes for no order."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from securesystemslib.signer import Key

from signage.content.values import Card, Item, Kind, MediaFile, Screen
from signage.release.errors import ReleaseError
from signage.release.keys import new_key
from signage.release.orders import (
    Order,
    OrderKind,
    UrgentKeys,
    decode_orders,
    encode_order,
    encode_orders,
    files_of,
    order_for,
    verify_order,
)

DUTY, DEPUTY, STRANGER = new_key("duty"), new_key("deputy"), new_key("stranger")
ONE = UrgentKeys({key.public.keyid: key.public for key in (DUTY, DEPUTY)}, 1)
BOTH = replace(ONE, threshold=2)
GATE = Screen("gate", tags=frozenset({"outdoor"}))
TEXT = Item("takeover:停水", Kind.CARD, "ab" * 32, 15_000, card=Card("notice", '{"title":"停水"}'))
BLACK = Order("a1", 5, OrderKind.BLACKOUT, 1000)
TAKEOVER = Order("b2", 6, OrderKind.TAKEOVER, 2000, frozenset({"outdoor"}), 9000, TEXT)
RESUME = Order("c3", 7, OrderKind.RESUME, 3000)


@pytest.mark.parametrize("order", [BLACK, TAKEOVER, RESUME], ids=lambda order: order.kind)
def test_a_signed_order_comes_back_as_it_was(order: Order) -> None:
    assert verify_order(encode_order(order, [DUTY.signer]), ONE) == order


def test_an_order_of_a_stranger_is_refused() -> None:
    with pytest.raises(ReleaseError, match="0 of 1"):
        verify_order(encode_order(BLACK, [STRANGER.signer]), ONE)


def test_one_signature_is_not_two_not_even_given_twice() -> None:
    with pytest.raises(ReleaseError, match="1 of 2"):
        verify_order(encode_order(BLACK, [DUTY.signer, DUTY.signer]), BOTH)


def test_one_key_under_two_names_is_one_signature() -> None:
    twice = UrgentKeys({name: Key.from_dict(name, DUTY.public.to_dict()) for name in "ab"}, 2)
    said = json.loads(encode_order(BLACK, [DUTY.signer]))
    signature = said["signatures"][0]["sig"]
    said["signatures"] = [{"keyid": "a", "sig": signature}, {"keyid": "b", "sig": signature}]

    with pytest.raises(ReleaseError, match="1 of 2"):
        verify_order(json.dumps(said).encode(), twice)


def test_two_signatures_are_two() -> None:
    assert verify_order(encode_order(BLACK, [DUTY.signer, DEPUTY.signer]), BOTH) == BLACK


def test_no_threshold_is_never_met_by_nobody() -> None:
    with pytest.raises(ReleaseError):
        verify_order(encode_order(BLACK, []), replace(ONE, threshold=0))


def test_a_changed_order_is_refused() -> None:
    envelope = encode_order(TAKEOVER, [DUTY.signer])

    with pytest.raises(ReleaseError):
        verify_order(envelope.replace("停水".encode(), "放水".encode()), ONE)


def test_a_signature_on_something_else_is_no_order() -> None:
    payload = json.dumps({"id": "x", "sequence": 9, "kind": "blackout", "issued_ms": 1})
    signature = DUTY.signer.sign(payload.encode())
    said = {"payload": payload, "signatures": [{"keyid": signature.keyid, "sig": signature.signature}]}

    with pytest.raises(ReleaseError):
        verify_order(json.dumps(said).encode(), ONE)


@pytest.mark.parametrize(
    "order",
    [
        replace(BLACK, sequence=0),
        replace(BLACK, id=""),
        replace(BLACK, until_ms=1000),
        replace(BLACK, item=TEXT),
        replace(TAKEOVER, item=None),
        replace(TAKEOVER, item=replace(TEXT, card=None)),
        replace(
            TAKEOVER,
            item=replace(TEXT, card=None, media=MediaFile("../x.png", Kind.PICTURE, "ab" * 32, 5, 0, (1, 1))),
        ),
        replace(
            TAKEOVER, item=replace(TEXT, card=None, media=MediaFile("x.png", Kind.PICTURE, "../../x", 5, 0, (1, 1)))
        ),
    ],
    ids=range(8),
)
def test_an_order_that_cannot_be_is_refused_though_signed(order: Order) -> None:
    with pytest.raises(ReleaseError, match="no order may say"):
        verify_order(encode_order(order, [DUTY.signer]), ONE)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"payload": 5, "signatures": []}', b"[" * 5000])
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(ReleaseError):
        verify_order(data, ONE)


def test_an_envelope_without_end_is_refused() -> None:
    with pytest.raises(ReleaseError, match="allowed"):
        verify_order(b" " * 300_000, ONE)


def test_many_orders_travel_together_by_sequence() -> None:
    envelopes = [encode_order(order, [DUTY.signer]) for order in (TAKEOVER, BLACK)]

    assert decode_orders(encode_orders(envelopes), ONE) == (BLACK, TAKEOVER)


def test_one_false_order_spoils_the_lot() -> None:
    envelopes = [encode_order(BLACK, [DUTY.signer]), encode_order(TAKEOVER, [STRANGER.signer])]

    with pytest.raises(ReleaseError):
        decode_orders(encode_orders(envelopes), ONE)


@pytest.mark.parametrize(
    ("orders", "now_ms", "obeyed"),
    [
        ([], 0, None),
        ([BLACK], 5000, BLACK),
        ([TAKEOVER], 5000, TAKEOVER),
        ([TAKEOVER], 9000, None),
        ([BLACK, TAKEOVER], 5000, BLACK),
        ([BLACK, TAKEOVER, RESUME], 5000, None),
        ([RESUME, replace(BLACK, sequence=8)], 5000, replace(BLACK, sequence=8)),
        ([TAKEOVER, replace(TAKEOVER, id="new", sequence=9)], 5000, replace(TAKEOVER, id="new", sequence=9)),
        ([replace(BLACK, screens=frozenset({"hall"}))], 5000, None),
        ([BLACK, replace(RESUME, screens=frozenset({"hall"}))], 5000, BLACK),
    ],
    ids=range(10),
)
def test_a_screen_obeys_blackout_before_takeover_and_the_latest_of_a_kind(
    orders: list[Order], now_ms: int, obeyed: Order | None
) -> None:
    assert order_for(GATE, orders, now_ms) == obeyed


def test_the_files_of_a_takeover_are_known() -> None:
    photo = MediaFile("x.png", Kind.PICTURE, "ab" * 32, 5, 0, (1, 1))
    card = replace(TEXT, card=Card("notice", "{}", (photo,)))

    assert files_of(replace(TAKEOVER, item=card)) == [photo]
    assert files_of(BLACK) == []
