"""A new screen on a real stage: code and QR code, then name and fingerprint, then its programme, in one window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from signage.base.clock import SystemClock
from signage.player.asrun import read_asrun
from signage.player.enrolment import Asking
from signage.player.following import Office
from signage.release.orders import OrderKind
from signage.stage.enrolling import Opening, PairingFace
from signage.stage.options import PlayOptions, RendererWish
from signage.stage.renderer import Renderer, choose_renderer
from signage.stage.window import StageWindow
from signage.wire import fingerprint
from tests.conftest import ExpectLog
from tests.player.fleetoffice import FleetOffice, fleet_office
from tests.player.office import SmallOffice
from tests.stage.films import make_picture

RED = "#dc1414"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[FleetOffice]:
    published = SmallOffice(tmp_path / "office", SystemClock())
    make_picture(tmp_path / "red.png", (160, 90), (220, 20, 20))
    published.publish({"red.png": (tmp_path / "red.png").read_bytes()})
    with fleet_office(published.root_bytes, published.folder) as office:
        office.order = published.order
        yield office


def software() -> Renderer:
    return choose_renderer(RendererWish.SOFTWARE, {})


def as_pillow(picture: QImage) -> Image.Image:
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    return Image.frombuffer("RGB", (plain.width(), plain.height()), bytes(plain.constBits()), "raw", "RGB",
                            plain.bytesPerLine(), 1)  # fmt: skip


def texts_in(picture: QImage) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(as_pillow(picture))]


def test_a_new_screen_goes_from_its_code_to_its_programme_without_a_restart(
    office: FleetOffice, tmp_path: Path, qtbot: QtBot, expect_log: ExpectLog
) -> None:
    expect_log("blackout from now on")
    options = PlayOptions(tmp_path, full_screen=False, state_dir=tmp_path / "state", office=Office((office.url,)))
    opening = Opening(options, software(), SystemClock(), welcome_s=0.3)
    opening.start()
    window = opening._window
    window.resize(1280, 720)

    qtbot.waitUntil(lambda: texts_in(window.grabWindow()) == [f"{office.url}/pair?code=BCDFGH"], timeout=60_000)
    office.accept("BCDFGH", "lobby", "门厅")
    seen: set[str] = set()

    def is_red() -> bool:
        picture = window.grabWindow()
        seen.update(picture.pixelColor(x, 600).name() for x in (300, 640, 900))
        return picture.pixelColor(640, 360).name() == RED

    qtbot.waitUntil(is_red, timeout=60_000)
    qtbot.waitUntil(lambda: bool(office.pictures), timeout=60_000)
    first = office.heartbeats[0]
    assert opening.playing is not None
    office.order(OrderKind.BLACKOUT)
    opening.playing._followed.source._take_hint({})
    qtbot.waitUntil(lambda: office.heartbeats[-1]["on_air"][0]["item"] == "off", timeout=60_000)
    qtbot.waitUntil(lambda: len(office.pictures) == 2, timeout=60_000)
    opening.close()

    assert (first["release"], first["on_air"][0]["item"]) == (1, "red.png")
    last = office.heartbeats[-1]
    assert (last["is_blackout"], last["orders"], last["order_in_force"]) == (True, ["o1"], "o1")
    assert not last["output"]["is_black"]
    assert "#000000" not in seen
    assert {row.screen for row in read_asrun(tmp_path / "state")} == {"lobby"}


@pytest.mark.parametrize("size_px", [(1920, 1080), (1080, 1920), (3840, 2160), (640, 320), (320, 160)])
def test_the_code_can_be_scanned_on_every_canvas(size_px: tuple[int, int], qtbot: QtBot) -> None:
    window = StageWindow(is_full_screen=False)
    window.resize(*size_px)
    window.show()
    face = PairingFace(window, SystemClock())
    face.ask("http://192.168.1.20:8080", Asking("BCDFGH"))
    qtbot.waitUntil(lambda: window.canvas_px == size_px)

    picture = window.grabWindow()
    face.close()
    window.close()
    window.deleteLater()

    assert texts_in(picture) == ["http://192.168.1.20:8080/pair?code=BCDFGH"]


def test_the_fingerprint_is_eight_digits_in_two_groups() -> None:
    assert fingerprint(b"root") == "4813 494D"
