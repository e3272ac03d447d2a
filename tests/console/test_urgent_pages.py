"""紧急: two clicks, the right people, and never a claim that a silent screen obeys."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select
from starlette.testclient import TestClient

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.base.files import write_durably
from signage.office.console.roles import Role
from signage.office.database.tables import AuditRow, ScreenRow, SessionRow
from signage.office.desk import Desk
from signage.office.emergency import Answer, situation
from signage.office.people import add_person
from signage.office.publish import publish
from signage.office.urgent import orders_out
from signage.release.layout import blob_path
from signage.release.orders import Order, OrderKind, decode_orders, urgent_keys, verify_order
from tests.office.desk import COST, PASSPHRASE, make_store

Browser = Callable[..., TestClient]
SECRET = {"key": "urgent", "passphrase": PASSPHRASE}


@pytest.fixture
def on_air(desk: Desk, tmp_path) -> None:
    """Two screens, gate and hall, are on air; both have been let in and were heard a moment ago."""
    publish(desk.office(lambda _name: PASSPHRASE), make_store(tmp_path / "other", {"a.png": b"a"}))
    for name in ("gate", "hall"):
        hear(desk, name)


def hear(desk: Desk, name: str, order: Order | None = None, noted: tuple[Order, ...] = ()) -> None:
    """Have a screen say which order it obeys, and which others it has noted."""
    said = {
        "order_in_force": order.id if order else "",
        "is_blackout": bool(order and order.kind is OrderKind.BLACKOUT),
        "orders": [one.id for one in noted],
    }
    with desk.database.writing() as session:
        session.merge(
            ScreenRow(name=name, token_sha256=name * 8, enrolled_ms=0, heard_ms=desk.clock.now_ms(), heartbeat=said)
        )


def give(client: TestClient, what: str, **data: object):
    return client.post("/urgent/order", data={"what": what, **data}, follow_redirects=False)


def order_now(desk: Desk) -> Order:
    return orders_out(desk.office())[-1]


def answers(desk: Desk) -> dict[str, Answer]:
    return {one.name: one.answer for one in situation(desk).screens}


def test_a_blackout_is_counted_by_what_screens_say(desk: Desk, browser: Browser, on_air: None) -> None:
    client = browser(Role.DUTY)

    sent = give(client, "blackout", **SECRET)
    before = client.get("/urgent/situation").text
    hear(desk, "gate", order_now(desk))
    half = client.get("/urgent/situation").text
    hear(desk, "hall", order_now(desk))
    whole = client.get("/urgent/situation").text

    assert sent.headers["location"] == "/urgent"
    assert "0 / 2" in before
    assert "1 / 2" in half
    assert "2 / 2" in whole
    assert ("✓" in half, "✓" in whole) == (False, True)


def test_a_screen_that_is_offline_is_never_counted_as_dark(
    desk: Desk, browser: Browser, on_air: None, clock: ManualClock
) -> None:
    client = browser(Role.DUTY)
    give(client, "blackout", **SECRET)
    for name in ("gate", "hall"):
        hear(desk, name, order_now(desk))
    clock.advance(120_000)
    hear(desk, "gate", order_now(desk))

    page = client.get("/urgent/situation").text

    assert "1 / 2" in page
    assert "✓" not in page
    assert "没有确认的屏幕：hall" in page
    assert "那时已经确认" in page
    assert "断开屏幕电源" in page
    assert answers(desk) == {"gate": Answer.CONFIRMED, "hall": Answer.OFFLINE}


def test_a_screen_that_obeys_another_order_has_not_confirmed(desk: Desk, browser: Browser, on_air: None) -> None:
    client = browser(Role.DUTY)
    give(client, "takeover", text="停水", **SECRET)
    first = order_now(desk)
    give(client, "blackout", **SECRET)
    hear(desk, "gate", first)
    hear(desk, "hall", order_now(desk))

    assert answers(desk) == {"gate": Answer.WAITING, "hall": Answer.CONFIRMED}


def test_going_on_is_confirmed_by_screens_that_took_note_of_it(desk: Desk, browser: Browser, on_air: None) -> None:
    client = browser(Role.DUTY)
    give(client, "blackout", **SECRET)
    black = order_now(desk)
    for name in ("gate", "hall"):
        hear(desk, name, black)
    give(client, "resume", **SECRET)
    still_dark = client.get("/urgent/situation").text
    hear(desk, "gate", None, (order_now(desk),))

    page = client.get("/urgent/situation").text

    assert "0 / 2" in still_dark
    assert "1 / 2" in page
    assert "已要求恢复正常播出" in page


def test_a_screen_that_was_never_let_in_cannot_confirm(desk: Desk, browser: Browser, on_air: None) -> None:
    with desk.database.writing() as session:
        session.delete(session.get(ScreenRow, "hall"))
    client = browser(Role.DUTY)
    give(client, "blackout", **SECRET)
    hear(desk, "gate", order_now(desk))

    assert answers(desk) == {"gate": Answer.CONFIRMED, "hall": Answer.UNKNOWN}
    assert "1 / 2" in client.get("/urgent/situation").text


def test_once_unlocked_an_order_needs_no_passphrase_until_signing_out(
    desk: Desk, browser: Browser, on_air: None
) -> None:
    client, other = browser(Role.DUTY, name="值班一"), browser(Role.DUTY, name="值班二")

    locked = give(client, "blackout")
    unlocked = client.post("/urgent/unlock", data=SECRET, follow_redirects=False)
    sent = give(client, "blackout")
    others = give(other, "resume")
    client.post("/logout")
    with desk.database.writing() as session:
        assert len(session.scalars(select(SessionRow)).all()) == 1
    again = client.post("/login", data={"name": "值班一", "password": "a password for tests"}, follow_redirects=False)
    after = give(client, "resume")

    assert [one.status_code for one in (locked, unlocked, sent, others, again, after)] == [409, 303, 303, 409, 303, 409]
    assert 'name="passphrase"' in after.text
    assert order_now(desk).kind is OrderKind.BLACKOUT


def test_an_unlocked_key_is_let_go_of_after_twelve_hours(
    desk: Desk, browser: Browser, on_air: None, clock: ManualClock
) -> None:
    client = browser(Role.DUTY)
    client.post("/urgent/unlock", data=SECRET)
    for _ in range(13):
        clock.advance(3_600_000)
        client.get("/urgent")

    assert give(client, "blackout").status_code == 409
    assert orders_out(desk.office()) == []


def test_a_takeover_says_the_text_on_the_screens_chosen_for_as_long_as_chosen(
    desk: Desk, browser: Browser, on_air: None
) -> None:
    data = {"text": "停水通知\r\n今天停水", "scope": "some", "screen": ["hall"], "lasts": "600", **SECRET}

    done = give(browser(Role.DUTY), "takeover", **data)

    order = order_now(desk)
    assert done.status_code == 303
    assert order.screens == {"hall"}
    assert order.until_ms == order.issued_ms + 600_000
    assert order.item is not None
    assert order.item.card is not None
    assert order.item.card.fields == {"title": "停水通知", "body": "今天停水"}
    assert situation(desk).orders[0].by == "person-duty"


def test_a_file_is_shown_and_its_bytes_are_published(desk: Desk, browser: Browser, on_air: None) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 36), "red").save(picture, "PNG")

    done = browser(Role.DUTY).post(
        "/urgent/order",
        data={"what": "file", **SECRET},
        files={"upload": ("../../台风:路径.png", picture.getvalue())},
        follow_redirects=False,
    )

    order = order_now(desk)
    assert done.status_code == 303
    assert order.item is not None
    assert order.item.name == "台风_路径.png"
    assert (desk.published / blob_path(order.item.sha256)).read_bytes() == picture.getvalue()
    assert list((desk.folder / "uploads").iterdir()) == []


def test_a_file_of_the_library_is_shown_under_its_own_name(desk: Desk, browser: Browser, on_air: None) -> None:
    client, wanted = browser(Role.DUTY), "台风路径.png"
    Image.new("RGB", (64, 36), "red").save(desk.store / "media" / wanted)
    (desk.store / "playlists" / "storm.yaml").write_text(f"title: 台风\nplay:\n  - {wanted}\n", "utf-8")
    for _ in range(500):
        if wanted in desk.keeper.refresh().store.media:
            break

    done = give(client, "file", library=wanted, **SECRET)
    stranger = give(client, "file", library="../playlists/screens.yaml", **SECRET)

    assert (done.status_code, stranger.status_code) == (303, 409)
    assert [order.item.name for order in orders_out(desk.office()) if order.item] == [wanted]


def test_some_screens_without_any_chosen_is_a_slip(desk: Desk, browser: Browser, on_air: None) -> None:
    answer = give(browser(Role.DUTY), "blackout", scope="some", **SECRET)

    assert answer.status_code == 409
    assert "请选择屏幕" in answer.text
    assert orders_out(desk.office()) == []


def test_the_signed_order_can_be_carried_on_a_stick(desk: Desk, browser: Browser, on_air: None) -> None:
    client = browser(Role.DUTY)
    give(client, "blackout", **SECRET)
    order = order_now(desk)

    stick = client.get(f"/urgent/orders/{order.id}.order.json")
    none = client.get("/urgent/orders/ffffffff.order.json")

    trusted = urgent_keys(desk.office().repository.targets().signed)
    assert verify_order(stick.content, trusted) == order
    assert none.status_code == 404


def test_two_people_on_duty_are_needed_where_the_keys_say_so(desk: Desk, browser: Browser, on_air: None) -> None:
    office = desk.office(lambda _name: PASSPHRASE)
    office._scrypt_cost = COST
    add_person(office, "deng", "urgent", threshold=2)
    client = browser(Role.DUTY)

    one = give(client, "blackout", **SECRET)
    two = give(client, "blackout", key=["urgent", "deng"], passphrase=[PASSPHRASE, PASSPHRASE])

    role = desk.office().repository.role("urgent")
    assert (one.status_code, two.status_code) == (409, 303)
    assert role is not None
    data = desk.office().repository.read_target("urgent/orders.json", role.signed.targets["urgent/orders.json"])
    assert len(decode_orders(data, urgent_keys(desk.office().repository.targets().signed))) == 1


@pytest.mark.parametrize("path", ["/urgent/order", "/urgent/unlock", "/urgent/lock"])
def test_orders_are_for_people_on_duty(desk: Desk, browser: Browser, on_air: None, path: str) -> None:
    data = {"what": "blackout", **SECRET}

    refused = {role for role in Role if browser(role).post(path, data=data, follow_redirects=False).status_code == 403}

    assert refused == set(Role) - {Role.DUTY}
    assert browser().post(path, data=data, follow_redirects=False).headers["location"].startswith("/login")


def test_the_duty_passphrase_is_kept_nowhere(
    desk: Desk, browser: Browser, on_air: None, caplog: pytest.LogCaptureFixture
) -> None:
    client, secret = browser(Role.DUTY), "a-wrong-duty-passphrase-1729"

    pages = [
        client.post("/urgent/unlock", data={"key": "urgent", "passphrase": secret}),
        give(client, "blackout", key="urgent", passphrase=secret),
        client.post("/urgent/unlock", data={"key": "../keys/urgent", "passphrase": PASSPHRASE}),
        client.post("/urgent/unlock", data=SECRET),
        give(client, "blackout"),
    ]

    with desk.database.reading() as session:
        audit = [f"{row.action}{row.subject}{row.detail}" for row in session.scalars(select(AuditRow))]
    told = "".join(one.text for one in pages) + "".join(audit) + caplog.text
    kept = [path for path in desk.folder.rglob("*") if path.is_file()]
    assert secret not in told
    assert PASSPHRASE not in told
    assert str(desk.folder) not in told
    assert not [path for path in kept if any(one.encode() in path.read_bytes() for one in (secret, PASSPHRASE))]
    assert sum(line.startswith("key.refused") for line in audit) == 2
    assert any(line.startswith("urgent.blackout") for line in audit)


def test_frequent_texts_are_the_offices_own(desk: Desk, browser: Browser, on_air: None) -> None:
    client = browser(Role.DUTY)

    client.post("/urgent/texts", data={"texts": "停气通知\n今天停气\n\n\n防汛\n水位上涨"})

    assert re.findall(r'class="choice" href="[^"]*">([^<]*)<', client.get("/urgent").text) == ["停气通知", "防汛"]
    assert "水位上涨" in client.get("/urgent/takeover?use=1").text
    assert "停水" not in client.get("/urgent/takeover?use=99").text


def test_on_a_full_disk_an_order_goes_out_in_the_room_of_pictures_that_can_be_drawn_again(
    desk: Desk, browser: Browser, on_air: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, picture = browser(Role.DUTY), desk.folder / "thumbnails" / "ab" / "abcd.webp"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"x" * 1000)
    write = write_durably

    def full(path: Path, content: bytes) -> None:
        if picture.exists():
            raise SignageError(f"{path}: cannot be written (No space left on device)")
        write(path, content)

    monkeypatch.setattr("signage.release.repository.write_durably", full)
    monkeypatch.setattr("signage.office.console.pages.urgent._LEAST_FREE_BYTES", 1 << 60)

    sent = give(client, "blackout", **SECRET)

    assert sent.status_code == 303
    assert order_now(desk).kind is OrderKind.BLACKOUT
    assert not picture.exists()


def test_pictures_that_can_be_drawn_again_do_not_take_the_last_room(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signage.office.thumbnails._LEAST_FREE_BYTES", 1 << 60)

    desk.studio.kept.put("abcd", b"x")

    assert desk.studio.kept.get("abcd") is None
