"""Urgent orders from the office to a screen, also by a stick, also while a release is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from signage.base.clock import ManualClock
from signage.content.values import Item, MediaFile, Store
from signage.office.blobs import has_bytes
from signage.office.ingest import converter
from signage.office.ingest.atonce import AtOnce, CancelledError, NotShowableError, Ready
from signage.office.ingest.recipe import Recipe
from signage.office.office import Office
from signage.office.people import add_person, revoke_person
from signage.office.publish import publish
from signage.office.urgent import file_item, give_order, orders_out, text_item
from signage.release.errors import ReleaseError
from signage.release.layout import blob_path
from signage.release.orders import OrderKind, order_for, verify_order
from signage.release.verify import Refused
from tests.content.stores import film
from tests.office.desk import SCREENS, Follower, add_reviewer


def obeyed(screen: Follower) -> OrderKind | None:
    outcome = screen.look()
    assert outcome.news.orders is not None, outcome
    order = order_for(SCREENS[screen.screen], outcome.news.orders, screen.clock.now_ms())
    return order.kind if order else None


def made_ready(path: Path) -> Ready:
    folder = path.with_suffix(".ready")
    folder.mkdir()
    return AtOnce(path, path.name, Recipe(((1920, 1080),)), folder).run()


def shown_of(path: Path) -> Item:
    return file_item(made_ready(path), path.name)


def test_a_text_file_is_taken_over_with_as_words(tmp_path: Path) -> None:
    path = tmp_path / "台风.txt"
    path.write_bytes("台风红色预警\r\n请勿外出".encode("gb18030"))
    os.utime(path, (1_700_000_000, 1_700_000_000))

    item = shown_of(path)

    assert item.card is not None
    assert item.card.fields == {"title": "台风红色预警", "body": "请勿外出"}


def test_a_blackout_reaches_the_screens_that_it_names_and_ends_with_resume(
    office: Office, store: Store, screen: Follower
) -> None:
    publish(office, store)
    give_order(office, OrderKind.BLACKOUT, screens=["hall"])
    other = obeyed(screen)
    given = give_order(office, OrderKind.BLACKOUT, screens=["indoor"])
    mine = obeyed(screen)

    give_order(office, OrderKind.RESUME)

    assert other is None
    assert given.screens == ("gate", "hall")
    assert mine is OrderKind.BLACKOUT
    assert obeyed(screen) is None


def test_an_order_works_before_anything_is_published(office: Office, screen: Follower) -> None:
    give_order(office, OrderKind.BLACKOUT)

    assert obeyed(screen) is OrderKind.BLACKOUT


def test_an_order_reaches_a_screen_that_refuses_the_release(office: Office, store: Store, screen: Follower) -> None:
    publish(office, store)
    screen.look()
    add_reviewer(office, "li", 1)
    give_order(office, OrderKind.TAKEOVER, item=text_item("停水"))

    outcome = screen.look()

    assert isinstance(outcome, Refused)
    assert outcome.news.orders is not None
    assert [order.kind for order in outcome.news.orders] == [OrderKind.TAKEOVER]


def test_a_takeover_of_a_file_brings_its_blob(tmp_path: Path, office: Office, store: Store, clock: ManualClock) -> None:
    publish(office, store)
    Image.new("RGB", (40, 20), "red").save(tmp_path / "台风.png")

    given = give_order(
        office,
        OrderKind.TAKEOVER,
        item=shown_of(tmp_path / "台风.png"),
        source=tmp_path / "台风.png",
        lasts_ms=60_000,
    )

    assert given.order.item is not None
    blob = office.repository.folder / blob_path(given.order.item.sha256)
    assert blob.read_bytes() == (tmp_path / "台风.png").read_bytes()
    assert given.order.until_ms == clock.now_ms() + 60_000


def test_a_takeover_ends_by_its_own_time(office: Office, store: Store, clock: ManualClock, screen: Follower) -> None:
    publish(office, store)
    give_order(office, OrderKind.TAKEOVER, item=text_item("停水"), lasts_ms=60_000)
    before = obeyed(screen)

    clock.advance(60_000)

    assert before is OrderKind.TAKEOVER
    assert obeyed(screen) is None


def test_an_order_from_a_stick_is_checked_by_the_keys_that_the_screen_knows(
    office: Office, store: Store, screen: Follower
) -> None:
    publish(office, store)
    outcome = screen.look()
    given = give_order(office, OrderKind.BLACKOUT)
    keys = screen.restart().news.order_keys

    assert keys is not None
    assert outcome.news.order_keys is not None
    assert verify_order(given.envelope, keys) == given.order


def test_a_revoked_person_orders_nothing(office: Office, store: Store, screen: Follower) -> None:
    add_person(office, "duty", "urgent")
    given = give_order(office, OrderKind.BLACKOUT, people=["duty"])
    revoke_person(office, "duty")
    publish(office, store)

    outcome = screen.look()

    assert outcome.news.orders is None
    assert "urgent" in outcome.news.order_fault
    assert outcome.news.order_keys is not None
    with pytest.raises(ReleaseError):
        verify_order(given.envelope, outcome.news.order_keys)


def test_the_next_order_leaves_out_those_of_a_revoked_person(office: Office, store: Store, screen: Follower) -> None:
    add_person(office, "duty", "urgent")
    give_order(office, OrderKind.BLACKOUT, screens=["gate"], people=["duty"])
    revoke_person(office, "duty")
    publish(office, store)

    given = give_order(office, OrderKind.BLACKOUT, screens=["hall"])
    outcome = screen.look()

    assert outcome.news.order_fault == ""
    assert outcome.news.orders == (given.order,)


def test_sequences_rise_even_if_the_clock_falls_back(office: Office, clock: ManualClock) -> None:
    first = give_order(office, OrderKind.BLACKOUT)
    clock.jump(-86_400_000)

    second = give_order(office, OrderKind.RESUME)

    assert second.order.sequence > first.order.sequence


def test_what_a_resume_has_ended_is_not_kept(office: Office) -> None:
    for _ in range(5):
        give_order(office, OrderKind.BLACKOUT)

    give_order(office, OrderKind.RESUME)
    give_order(office, OrderKind.RESUME)

    assert [order.kind for order in orders_out(office)] == [OrderKind.RESUME]


def test_a_resume_of_some_screens_leaves_the_others_black(office: Office, store: Store, screen: Follower) -> None:
    publish(office, store)
    give_order(office, OrderKind.BLACKOUT)

    give_order(office, OrderKind.RESUME, screens=["hall"])

    assert obeyed(screen) is OrderKind.BLACKOUT


def test_a_screen_that_nobody_knows_is_asked_about(office: Office, store: Store) -> None:
    publish(office, store)

    with pytest.raises(ReleaseError, match="did you mean 'gate'"):
        give_order(office, OrderKind.BLACKOUT, screens=["gaet"])
    assert orders_out(office) == []


@pytest.mark.parametrize(
    ("content", "said"), [(b"no picture", "png：文字|后缀"), (b"", "空的"), (b"\x89PNG\r\n\x1a\n1234", "无法解码")]
)
def test_a_file_that_cannot_be_shown_is_no_takeover_and_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.png").write_bytes(content)

    with pytest.raises(NotShowableError, match=said):
        made_ready(tmp_path / "x.png")
    with pytest.raises(NotShowableError, match="不存在"):
        AtOnce(tmp_path / "none.png", "none.png", Recipe(), tmp_path).run()


def test_what_is_still_written_is_no_takeover(tmp_path: Path) -> None:
    with (tmp_path / "x.txt").open("wb", buffering=0) as writer:
        writer.write("半".encode())
        with pytest.raises(NotShowableError, match="还在写入"):
            made_ready(tmp_path / "x.txt")


def test_a_photo_of_a_phone_is_converted_and_one_that_complies_is_not(tmp_path: Path) -> None:
    heif = pillow_heif.from_pillow(Image.new("RGB", (3000, 2000), "green"))
    heif.save(tmp_path / "IMG_1.HEIC")
    Image.new("RGB", (1920, 1080), "red").save(tmp_path / "plain.jpg", quality=90)

    photo, plain = made_ready(tmp_path / "IMG_1.HEIC"), made_ready(tmp_path / "plain.jpg")

    assert isinstance(photo.finding, MediaFile)
    assert (photo.finding.mime, photo.finding.size_px) == ("image/jpeg", (1920, 1280))
    assert has_bytes(photo.file, photo.finding.sha256)
    assert plain.file == tmp_path / "plain.jpg"


def test_a_conversion_that_nobody_wants_any_more_ends(tmp_path: Path) -> None:
    film(tmp_path / "a.wmv", 2, codec="wmv2", container="asf")
    (tmp_path / "ready").mkdir()
    work = AtOnce(tmp_path / "a.wmv", "a.wmv", Recipe(), tmp_path / "ready")

    with pytest.raises(CancelledError):
        work.run(lambda _percent: work.cancel())


def test_a_decoder_that_dies_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crash.py").write_text("import os, sys\nsys.stdin.readline()\nos.abort()\n")
    monkeypatch.setattr(converter, "CHILD", [str(tmp_path / "crash.py")])
    Image.new("RGB", (40, 20), "red").save(tmp_path / "a.png")

    with pytest.raises(NotShowableError, match=r"its decoder ended with -6\) \(a.png：无法解码"):
        made_ready(tmp_path / "a.png")


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001])
def test_a_text_that_nobody_could_read_is_no_takeover(text: str) -> None:
    with pytest.raises(ReleaseError, match="characters"):
        text_item(text)


def test_the_first_of_several_lines_is_the_title() -> None:
    item = text_item("停水通知\n今晚 22 时起\n请储水")

    assert item.card is not None
    assert json.loads(item.card.fields_json) == {"title": "停水通知", "body": "今晚 22 时起\n请储水"}
