"""紧急 with a file: whatever a phone or a desk sends is made ready for screens, told on the way, and shown at once."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image
from starlette.testclient import TestClient

from signage.content.values import Kind
from signage.office.console.roles import Role
from signage.office.desk import Desk
from signage.office.publish import publish
from signage.office.server import make_office_app
from signage.office.urgent import orders_out
from signage.release.layout import blob_path
from signage.release.orders import Order
from tests.browsers import chromium, needs_chromium, served, visit
from tests.content.stores import film, pdf
from tests.office.desk import PASSPHRASE, let_sign_in, make_store
from tests.office.documents import docx, needs_libreoffice

Browser = Callable[..., TestClient]
SECRET = {"key": "urgent", "passphrase": PASSPHRASE}
LIMIT_S = 60.0


@pytest.fixture
def on_air(desk: Desk, tmp_path: Path) -> None:
    publish(desk.office(lambda _name: PASSPHRASE), make_store(tmp_path / "other", {"a.png": b"a"}))


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (400, 300), "green")).save(out)
    return out.getvalue()


def send(client: TestClient, name: str, content: bytes) -> dict[str, object]:
    answer = client.post("/urgent/files", files={"upload": (name, content)})
    assert answer.status_code == 200, answer.text
    said: dict[str, object] = answer.json()
    end_s = time.monotonic() + LIMIT_S
    while not said.keys() & {"is_ready", "fault"}:
        assert time.monotonic() < end_s
        threading.Event().wait(0.02)
        said = client.get(f"/urgent/files/{said['id']}").json()
    return said


def order(client: TestClient, **data: object):
    return client.post("/urgent/order", data={"what": "file", **SECRET, **data}, follow_redirects=False)


def order_now(desk: Desk) -> Order:
    return orders_out(desk.office())[-1]


def test_a_photo_that_was_sent_before_is_shown_as_screens_can_show_it(
    desk: Desk, browser: Browser, on_air: None
) -> None:
    client = browser(Role.DUTY)

    said = send(client, "IMG_0001.HEIC", heic())
    picture = client.get(f"/urgent/files/{said['id']}/picture")
    done = order(client, sent=said["id"])

    item = order_now(desk).item
    assert (said["is_ready"], said["pages"], said["has_picture"]) == (True, 1, True)
    assert picture.headers["content-type"] == "image/webp"
    assert done.status_code == 303
    assert item is not None
    assert item.media is not None
    assert (item.name, item.media.mime) == ("IMG_0001.HEIC", "image/jpeg")
    blob = desk.published / blob_path(item.sha256)
    with Image.open(blob) as shown:
        assert (shown.format, shown.size) == ("JPEG", (400, 300))
    assert list((desk.folder / "uploads").iterdir()) == []
    assert client.get(f"/urgent/files/{said['id']}").status_code == 404


@needs_libreoffice
def test_a_word_document_is_shown_page_by_page(desk: Desk, browser: Browser, on_air: None) -> None:
    client = browser(Role.DUTY)

    said = send(client, "防汛.docx", docx("第一页", "第二页"))
    order(client, sent=said["id"])

    item = order_now(desk).item
    assert item is not None
    assert item.media is not None
    assert (said["pages"], item.kind, item.media.mime, item.media.pages) == (2, Kind.PAGE, "application/pdf", 2)
    assert "正在紧急插播：防汛.docx<" in client.get("/urgent").text


def test_a_form_that_carries_the_file_itself_waits_for_its_conversion(
    desk: Desk, browser: Browser, on_air: None, tmp_path: Path
) -> None:
    content = film(tmp_path / "a.wmv", 1, codec="wmv2", container="asf")

    done = browser(Role.DUTY).post(
        "/urgent/order", data={"what": "file", **SECRET}, files={"upload": ("a.wmv", content)}, follow_redirects=False
    )

    item = order_now(desk).item
    assert done.status_code == 303
    assert item is not None
    assert item.media is not None
    assert item.media.mime == "video/mp4"


def test_a_file_that_cannot_be_shown_is_refused_with_its_name_and_reason(
    desk: Desk, browser: Browser, on_air: None
) -> None:
    client = browser(Role.DUTY)

    said = send(client, "坏.pdf", b"%PDF-1.4\n" + bytes(2000))
    done = order(client, sent=said["id"])
    nothing = client.post("/urgent/files", data={"x": "y"})

    assert str(said["fault"]).startswith("坏.pdf：文件不完整")
    assert str(desk.folder) not in str(said["fault"])
    assert done.status_code == 409
    assert "坏.pdf：文件不完整" in done.text
    assert (nothing.status_code, nothing.json()["fault"]) == (422, "请选择文件")
    assert orders_out(desk.office()) == []


def test_a_wrong_passphrase_does_not_cost_the_file_that_was_sent(
    desk: Desk, browser: Browser, on_air: None, tmp_path: Path
) -> None:
    client = browser(Role.DUTY)
    said = send(client, "plan.pdf", pdf(tmp_path / "a.pdf"))

    wrong = order(client, sent=said["id"], passphrase="wrong")
    right = order(client, sent=said["id"])

    assert (wrong.status_code, right.status_code) == (409, 303)
    assert f'name="sent" value="{said["id"]}"' in wrong.text


def test_a_file_is_of_the_session_that_sent_it_until_that_sends_another_or_ends(
    desk: Desk, browser: Browser, on_air: None
) -> None:
    mine, other = browser(Role.DUTY, name="值班一"), browser(Role.DUTY, name="值班二")
    first = send(mine, "a.HEIC", heic())

    stolen = other.get(f"/urgent/files/{first['id']}"), other.get(f"/urgent/files/{first['id']}/picture")
    shown = order(other, sent=first["id"])
    second = send(mine, "b.HEIC", heic())
    replaced = mine.get(f"/urgent/files/{first['id']}")
    mine.post("/logout")

    assert [one.status_code for one in (*stolen, shown, replaced)] == [404, 404, 409, 404]
    assert second["is_ready"]
    assert list((desk.folder / "uploads").iterdir()) == []


@needs_chromium
def test_on_a_phone_the_page_tells_how_far_the_file_is_and_shows_it_when_it_is_ready(
    desk: Desk, on_air: None, tmp_path: Path
) -> None:
    let_sign_in(desk, "值班一", Role.DUTY)
    film(tmp_path / "现场.wmv", 3, codec="wmv2", container="asf")
    (tmp_path / "坏.pdf").write_bytes(b"%PDF-1.4\n" + bytes(2000))

    with served(make_office_app(desk)) as url, chromium() as engine, visit(engine, url, "值班一", 390) as phone:
        phone.go("/urgent/file")
        phone.page.set_input_files("#upload", tmp_path / "坏.pdf")
        phone.page.wait_for_selector("#sent-state.bad")
        fault = phone.page.inner_text("#sent-state")
        phone.look("refused")
        phone.page.set_input_files("#upload", tmp_path / "现场.wmv")
        phone.page.fill("[name=passphrase]", PASSPHRASE)
        phone.page.click("button.go")
        phone.page.wait_for_url("**/urgent")
        phone.look("sent")

    item = order_now(desk).item
    assert fault.startswith("坏.pdf：文件不完整")
    assert item is not None
    assert item.media is not None
    assert (item.name, item.media.mime) == ("现场.wmv", "video/mp4")
