"""A notice's link can be scanned from its card, and takes no room where it could not be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from signage.content.values import Card
from signage.stage.cards import CardPages, CardRenderer

pytestmark = pytest.mark.usefixtures("qapp")
LINK = "http://192.168.1.20:8080/public"
SHORT = {"title": "居务公开", "body": "请到一楼大厅查看。", "office": "石榴里社区居民委员会", "date": "2026-10-12"}


@pytest.fixture
def renderer(qapp: object) -> Iterator[CardRenderer]:
    made = CardRenderer(lambda file: Path(file.path))
    yield made
    made.close()


def pages(renderer: CardRenderer, size: tuple[int, int], **fields: str) -> tuple[QImage, ...]:
    card = Card("notice", json.dumps({**SHORT, **fields}))
    outcome = renderer.render_now(card, QSize(*size), date(2026, 11, 23))
    assert isinstance(outcome, CardPages)
    return outcome.pages


def codes(page: QImage) -> list[str]:
    rgb = page.convertToFormat(QImage.Format.Format_RGBX8888)
    image = Image.frombytes("RGBX", (rgb.width(), rgb.height()), bytes(rgb.constBits())).convert("L")
    return [found.text for found in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("size", [(960, 540), (1920, 1080), (540, 960), (3840, 2160), (192, 1080), (320, 960)])
def test_the_link_can_be_scanned(renderer: CardRenderer, size: tuple[int, int]) -> None:
    assert codes(pages(renderer, size, link=LINK)[-1]) == [LINK]


def test_of_several_pages_the_last_has_the_code_and_no_text_is_lost(renderer: CardRenderer) -> None:
    long = "".join(f"第{number}条　居民应当爱护公共设施，保持楼道清洁，不乱堆放杂物。\n" for number in range(1, 40))

    shown = pages(renderer, (960, 540), body=long, link=LINK)

    assert len(shown) > 2
    assert [codes(page) for page in shown] == [[]] * (len(shown) - 1) + [[LINK]]


def test_a_wall_with_too_few_pixels_shows_the_notice_without_it(renderer: CardRenderer) -> None:
    small = pages(renderer, (256, 128), link=LINK)

    assert [page.constBits().tobytes() for page in small] == [
        page.constBits().tobytes() for page in pages(renderer, (256, 128))
    ]
