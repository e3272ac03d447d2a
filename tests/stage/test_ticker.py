"""The scrolling line as QML sees it: what runs, how one text gives way to another, what it keeps in memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QColor, QImage

from signage.base.clock import ManualClock
from signage.stage.tape import make_tape, speed_of
from signage.stage.ticker import FADE_MS, PieceModel, Ticker
from signage.stage.tickerpictures import TickerPictures, TickerStyle

TEXTS = ("连然新村停车道闸今日启用", "文明养犬:出门牵绳")
STYLE = TickerStyle(
    families=("Noto Sans CJK SC", "Noto Sans Arabic"),
    text=QColor("white"),
    accent=QColor("gold"),
    strip_px=(960, 54),
)
SPEED = speed_of(STYLE.size_px)


class Line:
    """A ticker with the clock that moves it, a frame at a time."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 11, 22, 10, 3, tzinfo=UTC))
        self.owner = QObject()
        self.pictures = TickerPictures(STYLE, "ticker")
        self.ticker = Ticker(self.clock, STYLE, self.pictures, self.owner)
        self.rows = (self.ticker.property("rowA"), self.ticker.property("rowB"))

    def run(self, milliseconds: int, frame_ms: int = 20) -> None:
        for _ in range(milliseconds // frame_ms):
            self.clock.advance(frame_ms)
            self.ticker.step()

    @property
    def is_moving(self) -> bool:
        return bool(self.ticker.property("moving"))

    def places(self, row: QObject) -> dict[tuple[int, int], int]:
        """Where each piece of the row, by lap and number, stands in the strip."""
        model = pieces_of(row)
        role = next(role for role, name in model.roleNames().items() if name.data() == b"pieceX")
        lefts = [model.data(model.index(at), role) + row.property("offset") for at in range(model.rowCount())]
        return dict(zip(model.keys, lefts, strict=True))


def pieces_of(row: QObject) -> PieceModel:
    model = row.property("pieces")
    assert isinstance(model, PieceModel)
    return model


@pytest.fixture
def line(qapp) -> Iterator[Line]:
    made = Line()
    yield made
    made.ticker.stop()
    made.owner.deleteLater()


def strengths(line: Line) -> list[float]:
    return sorted(round(row.property("strength"), 2) for row in line.rows)


def test_a_text_enters_at_the_right_edge_at_its_origin(line):
    line.ticker.show(TEXTS, line.clock.now_ms())

    assert min(line.places(active(line)).values()) == STYLE.strip_px[0] - STYLE.overhang_px


def active(line: Line) -> QObject:
    return next(row for row in line.rows if row.property("strength") == 1.0)


def test_it_stands_where_the_clock_says_whenever_it_was_started(line):
    late = Line()
    origin_ms = line.clock.now_ms()
    line.ticker.show(TEXTS, origin_ms)

    line.run(5_000)
    late.clock.advance(5_000)
    late.ticker.show(TEXTS, origin_ms)

    pairs = zip(sorted(line.places(active(line)).values()), sorted(late.places(active(late)).values()), strict=True)
    assert all(abs(one - other) <= 1 for one, other in pairs)
    head = STYLE.strip_px[0] - SPEED * 5 - STYLE.overhang_px
    assert min(late.places(active(late)).values()) == head
    late.ticker.stop()
    late.owner.deleteLater()


def test_it_moves_evenly_to_the_pixel(line):
    line.ticker.show(TEXTS, line.clock.now_ms())
    line.run(20_000, frame_ms=16)
    seen = []

    for _ in range(600):
        line.run(16, frame_ms=16)
        seen.append(line.places(active(line)))

    steps = {later[key] - before[key] for before, later in pairwise(seen) for key in before.keys() & later.keys()}
    exact = SPEED * 16 / 1000
    assert steps <= {-math.floor(exact), -math.ceil(exact)}


def test_equal_texts_run_on_undisturbed_when_a_new_slot_brings_them_again(line):
    line.ticker.show(TEXTS, line.clock.now_ms())
    line.run(2_000)
    before = line.places(active(line))

    line.ticker.show([f" {text}\n" for text in TEXTS], line.clock.now_ms())

    assert line.places(active(line)) == before
    assert strengths(line) == [0.0, 1.0]


def test_a_text_that_is_replaced_fades_while_the_new_one_enters(line):
    line.ticker.show(TEXTS, line.clock.now_ms())
    line.run(3_000)

    line.ticker.show(["新的通知"], line.clock.now_ms())
    line.run(FADE_MS // 2, frame_ms=10)
    halfway = strengths(line)
    line.run(FADE_MS)

    assert halfway == [pytest.approx(0.5, abs=0.05), 1.0]
    assert strengths(line) == [0.0, 1.0]
    assert sorted(pieces_of(row).rowCount() for row in line.rows)[0] == 0


def test_a_third_text_within_the_fade_takes_the_place_of_the_first(line):
    for text in ("一", "二", "三"):
        line.ticker.show([text], line.clock.now_ms())
        line.run(100)

    assert strengths(line)[1] == 1.0
    line.run(FADE_MS)
    assert strengths(line) == [0.0, 1.0]


def test_it_rests_while_there_is_no_text(line):
    line.ticker.show([], line.clock.now_ms())
    assert not line.is_moving

    line.ticker.show(TEXTS, line.clock.now_ms())
    line.run(100)
    assert line.is_moving

    line.ticker.show([" "], line.clock.now_ms())
    assert line.is_moving
    line.run(FADE_MS + 100)
    assert not line.is_moving


def test_of_a_text_of_thousands_of_characters_only_what_is_in_view_is_held(line):
    line.ticker.show(["社区公告" * 2_500], line.clock.now_ms() - 60_000)
    most = 0

    for _ in range(300):
        line.run(100, frame_ms=100)
        most = max(most, pieces_of(active(line)).rowCount())

    assert most <= 4


def test_no_picture_of_a_long_text_is_wider_than_a_texture_may_be(qapp):
    for text in ("社区公告" * 500, "https://example.org/" + "a" * 3_000, "ئەھلىي ئۆملۈك " * 200):
        tape = make_tape([text], STYLE.size_px, STYLE.strip_px[0], STYLE.measure)

        assert tape is not None
        assert max(STYLE.draw(piece).width() for piece in tape.pieces) <= 4096


def test_cutting_a_text_changes_its_length_by_less_than_a_pixel_a_piece(qapp):
    for text in ("连然新村停车道闸今日启用," * 8, "The community clinic opens on Monday " * 8):
        tape = make_tape([text], STYLE.size_px, 100, STYLE.measure)

        assert tape is not None
        pieces = [piece for piece in tape.pieces if piece.text]
        whole = STYLE.measure(text.strip(), False)
        assert len(pieces) > 1
        assert whole - 1 <= sum(piece.width for piece in pieces) <= whole + len(pieces)


@pytest.mark.parametrize("text", ["社区公告", "ئەھلىي ئۆملۈك", "👨‍👩‍👧🎉", "gjpqy ÄÉ", ""])
def test_every_piece_has_ink_inside_its_picture_and_none_at_the_edge(qapp, text):
    tape = make_tape([text or "甲", "乙"], STYLE.size_px, 100, STYLE.measure)
    assert tape is not None
    piece = next(piece for piece in tape.pieces if piece.text == text)

    picture = STYLE.draw(piece)

    assert alphas(picture)
    assert not any(picture.pixelColor(x, y).alpha() for x in (0, picture.width() - 1) for y in range(picture.height()))


def alphas(picture: QImage) -> list[int]:
    return [alpha for alpha in bytes(picture.convertToFormat(QImage.Format.Format_Alpha8).constBits()) if alpha]


def test_a_picture_of_a_text_that_has_left_is_not_an_error(qapp):
    pictures = TickerPictures(STYLE, "ticker")

    assert pictures.requestImage("7/0", QSize(), QSize()).size() == QSize(1, 1)


def test_the_motif_has_the_accent_colour(qapp):
    tape = make_tape(TEXTS, STYLE.size_px, STYLE.strip_px[0], STYLE.measure)
    assert tape is not None

    picture = STYLE.draw(next(piece for piece in tape.pieces if not piece.text))

    middle = picture.pixelColor(picture.width() // 2, picture.height() // 2)
    assert middle == QColor(Qt.GlobalColor.transparent) or middle.name() == QColor("gold").name()
    assert middle.alpha() == 255
