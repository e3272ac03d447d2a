"""The stage: answers each cue once, changes without a black frame, tells what was seen, and outlives bad items."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QImage

from signage.content.values import Card, Fit, Kind, Screen, Transition
from signage.stage import loading
from tests.stage.conftest import Theatre
from tests.stage.films import make_film, make_picture

RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 220)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    for name, colour in (("red.png", RED), ("green.png", GREEN), ("blue.png", BLUE)):
        make_picture(tmp_path / name, (160, 90), colour)
    make_film(tmp_path / "film.mp4", size=(160, 90), count=40)
    Image.new("RGB", (160, 90), BLUE).save(tmp_path / "page.pdf")
    frames = [Image.new("RGB", (32, 18), colour) for colour in (RED, GREEN)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:], duration=500, loop=0)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    return tmp_path


def test_a_picture_is_ready_then_shown_and_told_in_that_order(theatre, media):
    cue = theatre.play(theatre.cue("red.png"))

    assert theatre.told == [("ready", cue.number), ("shown", cue.number)]
    assert theatre.colour() == RED


@pytest.mark.parametrize(
    ("path", "kind", "wanted"),
    [("page.pdf", Kind.PAGE, BLUE), ("moving.gif", Kind.ANIMATION, RED), ("film.mp4", Kind.VIDEO, (16, 16, 16))],
)
def test_every_kind_of_file_is_shown(theatre, media, path, kind, wanted):
    theatre.play(theatre.cue(path, kind))

    assert theatre.colour() == pytest.approx(wanted, abs=12)


def test_outside_its_hours_the_screen_is_black(theatre, media):
    theatre.play(theatre.cue("red.png"))
    theatre.play(theatre.cue(kind=Kind.OFF))

    assert theatre.colour() == (0, 0, 0)


def test_a_card_is_painted(theatre, media):
    card = Card("slate", '{"title": "石榴里社区"}')

    theatre.play(theatre.cue(kind=Kind.SLATE, card=card))

    picture = theatre.look()
    assert len({picture.pixel(x, y) for x in range(0, 160, 4) for y in range(0, 90, 4)}) > 5


@pytest.mark.parametrize("elapsed_ms", [60, 200, 300, 450, 590])
def test_a_fade_mixes_both_pictures_and_is_never_darker_than_both(theatre, media, elapsed_ms):
    theatre.play(theatre.cue("red.png"))
    theatre.play(theatre.cue("green.png", transition=Transition.FADE))

    theatre.pass_time(elapsed_ms)

    red, green, _ = theatre.colour()
    share = elapsed_ms / 600
    eased = share * share * (3 - 2 * share)
    assert red == pytest.approx(220 - 200 * eased, abs=4)
    assert green == pytest.approx(20 + 180 * eased, abs=4)


def test_after_a_fade_only_the_new_picture_is_there_and_nothing_moves(theatre, media):
    theatre.play(theatre.cue("red.png"))
    theatre.play(theatre.cue("green.png", transition=Transition.FADE))

    theatre.pass_time(650)

    assert theatre.colour() == GREEN
    assert not theatre.stage.is_moving


def test_a_slide_shows_the_new_picture_coming_from_the_right(theatre, media):
    theatre.play(theatre.cue("red.png"))
    theatre.play(theatre.cue("green.png", transition=Transition.SLIDE))

    theatre.pass_time(300)

    assert theatre.colour(20) == RED
    assert theatre.colour(140) == GREEN
    assert theatre.colour(78) == RED
    assert theatre.colour(82) == GREEN


def test_a_cut_is_there_with_the_first_frame(theatre, media):
    theatre.play(theatre.cue("red.png"))
    theatre.play(theatre.cue("green.png", transition=Transition.CUT))

    assert theatre.colour() == GREEN


def test_a_change_within_a_change_goes_on_from_the_newer_picture(theatre, media):
    theatre.play(theatre.cue("red.png"))
    theatre.play(theatre.cue("green.png", transition=Transition.FADE))
    theatre.pass_time(100)

    theatre.play(theatre.cue("blue.png", transition=Transition.FADE))

    assert theatre.colour() == pytest.approx(GREEN, abs=3)


@pytest.mark.parametrize("transition", list(Transition))
def test_no_frame_is_black_while_mixed_items_change(theatre, media, transition):
    kinds = [
        ("red.png", Kind.PICTURE),
        ("film.mp4", Kind.VIDEO),
        ("page.pdf", Kind.PAGE),
        ("moving.gif", Kind.ANIMATION),
    ]
    theatre.play(theatre.cue("green.png"))
    darkest = 255

    for path, kind in kinds * 3:
        theatre.play(theatre.cue(path, kind, transition=transition))
        for _ in range(8):
            picture = theatre.pass_time(80)
            darkest = min(darkest, *(max(picture.pixelColor(x, 45).getRgb()[:3]) for x in (3, 80, 156)))

    assert darkest >= 14


def test_a_film_shows_the_frame_that_the_clock_says(theatre, media):
    theatre.play(theatre.cue("film.mp4", Kind.VIDEO))

    first, later = theatre.colour()[1], None
    for _ in range(15):
        theatre._qtbot.wait(20)
        later = theatre.pass_time(100).pixelColor(80, 45).green()

    assert first == pytest.approx(16, abs=5)
    assert later == pytest.approx(16 + 8 * 15, abs=9)


def test_a_film_that_is_joined_shows_what_is_on_air(theatre, media):
    theatre.play(theatre.cue("film.mp4", Kind.VIDEO, begun_s_ago=2.0))

    assert theatre.colour()[1] == pytest.approx(16 + 8 * 20, abs=9)


def test_a_film_runs_on_evenly_when_the_wall_clock_is_set(theatre, media):
    theatre.play(theatre.cue("film.mp4", Kind.VIDEO))

    theatre.clock.jump(3_600_000)
    theatre._qtbot.wait(30)
    theatre.pass_time(200)

    assert theatre.colour()[1] == pytest.approx(16 + 8 * 2, abs=9)


@pytest.mark.qt_log_ignore("JPEG", extend=True)
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("broken.jpg", Kind.PICTURE),
        ("broken.mp4", Kind.VIDEO),
        ("gone.png", Kind.PICTURE),
        ("broken.jpg", Kind.ANIMATION),
        ("broken.jpg", Kind.PAGE),
    ],
)
def test_what_cannot_be_shown_fails_by_name_and_what_is_on_screen_stays(theatre, media, path, kind):
    theatre.play(theatre.cue("red.png"))

    cue = theatre.prepare(theatre.cue(path, kind))

    assert theatre.told[-1] == ("failed", cue.number)
    assert path in theatre.reasons[cue.number]
    assert theatre.colour() == RED


def test_a_film_that_breaks_on_screen_says_so_and_keeps_its_last_frame(theatre, media):
    whole = make_film(
        media / "whole.mkv", count=60, size=(320, 180), codec="mpeg4", paint=lambda i: (40 + 3 * i, 99, 9)
    )
    (media / "cut.mkv").write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    cue = theatre.play(theatre.cue("cut.mkv", Kind.VIDEO))

    for _ in range(1000):
        if ("failed", cue.number) in theatre.told:
            break
        theatre._qtbot.wait(5)
        theatre.pass_time(100)

    assert ("failed", cue.number) in theatre.told
    assert theatre.colour()[1] > 60


def test_a_picture_for_which_there_was_no_memory_is_not_shown_as_black(theatre, media, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(loading, "load_picture", lambda *_: QImage())
        empty = theatre.prepare(theatre.cue("red.png"))
    theatre.play(theatre.cue("green.png"))

    assert "not enough memory" in theatre.reasons[empty.number]
    assert theatre.colour() == GREEN


def test_a_bug_in_loading_one_cue_does_not_stop_the_next(theatre, media, monkeypatch, expect_log):
    expect_log("could not be decoded")

    def explode(*_: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(loading, "load_picture", explode)
        broken = theatre.prepare(theatre.cue("red.png"))
    theatre.play(theatre.cue("green.png"))

    assert theatre.reasons[broken.number] == "a bug"
    assert theatre.colour() == GREEN


def test_a_discarded_cue_is_not_answered_and_lets_its_thread_go(theatre, media):
    cue = theatre.cue("film.mp4", Kind.VIDEO)
    theatre.stage.prepare(cue)

    theatre.stage.discard(cue)
    theatre.play(theatre.cue("red.png"))

    assert ("ready", cue.number) not in theatre.told
    theatre._qtbot.waitUntil(lambda: not any(t.name.startswith("film-") for t in threading.enumerate()))


def test_discarding_what_is_unknown_is_harmless(theatre, media):
    theatre.stage.discard(theatre.cue("red.png"))

    assert theatre.told == []


def test_a_zone_that_the_layout_does_not_have_fails(theatre, media):
    cue = theatre.prepare(theatre.cue("red.png", zone="side"))

    assert "no zone 'side'" in theatre.reasons[cue.number]


def test_each_zone_of_a_layout_shows_its_own_cue(theatre, media):
    theatre.resize(960, 540)
    theatre.stage.set_screen(Screen(layout="side"))

    theatre.play(theatre.cue("red.png", fit=Fit.STRETCH))
    theatre.play(theatre.cue("blue.png", zone="side", fit=Fit.STRETCH))

    assert theatre.colour(200, 270) == RED
    assert theatre.colour(900, 400) == BLUE


def test_the_ticker_is_ready_at_once_and_its_words_are_seen(theatre, media):
    theatre.resize(960, 540)
    theatre.stage.set_screen(Screen(layout="banner"))
    before = theatre.look().copy(0, 500, 960, 40)

    theatre.play(theatre.cue(kind=Kind.TICKER, zone="ticker", card=theatre.texts("民族团结一家亲"), begun_s_ago=5))
    theatre.pass_time(2000)

    assert theatre.look().copy(0, 500, 960, 40) != before


def test_what_is_on_screen_stays_when_the_output_changes_its_size(theatre, media):
    theatre.play(theatre.cue("red.png", fit=Fit.STRETCH))

    theatre.resize(320, 180)

    assert theatre.colour(300, 160) == RED


@pytest.mark.parametrize(("rotate", "corner"), [(0, (12, 22)), (90, (66, 22)), (180, (66, 46)), (270, (12, 46))])
def test_the_canvas_lies_where_the_screen_says_turned_clockwise(theatre, media, rotate, corner):
    size = (30, 60) if rotate in (90, 270) else (60, 30)
    marked = Image.new("RGB", size, GREEN)
    marked.paste(RED, (0, 0, 8, 8))
    marked.save(media / "marked.png")

    theatre.stage.set_screen(Screen(size_px=size, position_px=(10, 20), rotate=rotate))
    theatre.play(theatre.cue("marked.png", fit=Fit.STRETCH))

    assert theatre.window.canvas_px == size
    assert theatre.colour(*corner) == RED
    assert theatre.colour(40, 35) == GREEN
    assert theatre.colour(5, 35) == (0, 0, 0)
    assert theatre.colour(75, 35) == (0, 0, 0)
    assert theatre.colour(40, 55) == (0, 0, 0)


TABLE = Card(
    "table",
    json.dumps(
        {
            "headline": "公开",
            "columns": ["日期", "事项", "结果"],
            "rows": [["11 月", f"第 {number} 项工作安排与说明", "已经完成"] for number in range(60)],
        }
    ),
)


def test_pages_of_a_card_are_turned_by_the_clock_with_a_fade(theatre, media):
    theatre.resize(640, 360)
    theatre.play(theatre.cue(kind=Kind.CARD, card=TABLE, seconds=40))
    pages = pages_of(theatre)
    turn_ms = 40_000 // pages
    first = theatre.look()

    before = theatre.pass_time(turn_ms - 50)
    during = theatre.pass_time(350)
    second = theatre.pass_time(600)

    assert pages > 2
    assert before == first
    assert first != during != second != first
    assert not darker_than_both(during, first, second)


def pages_of(theatre: Theatre) -> int:
    showing = theatre.stage._zones["main"].showing
    assert showing is not None
    return len(showing.view._pages)


def darker_than_both(mixed: QImage, one: QImage, other: QImage) -> bool:
    grey = QImage.Format.Format_Grayscale8
    a, b, c = (image.scaled(32, 18).convertToFormat(grey) for image in (mixed, one, other))
    return any(
        a.pixelColor(x, y).red() + 12 < min(b.pixelColor(x, y).red(), c.pixelColor(x, y).red())
        for x in range(32)
        for y in range(18)
    )


def test_a_card_that_is_joined_shows_the_page_that_is_on(theatre, media):
    theatre.resize(640, 360)
    theatre.play(theatre.cue(kind=Kind.CARD, card=TABLE, seconds=40, begun_s_ago=39.9))
    last = theatre.look()

    later = theatre.pass_time(50)

    assert pages_of(theatre) > 2
    assert later == last
    assert not theatre.stage.is_moving


def test_closing_frees_every_thread_and_timer(theatre, media):
    theatre.play(theatre.cue("film.mp4", Kind.VIDEO))
    theatre.prepare(theatre.cue("moving.gif", Kind.ANIMATION))

    theatre.close()

    assert not theatre.stage.is_moving
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(("film-", "pictures"))]
