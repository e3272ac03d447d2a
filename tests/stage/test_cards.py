"""Cards: every template on every canvas keeps all its text inside, apart and large enough to be read."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage

from signage.content.templates import STAFF_TEMPLATES
from signage.content.values import Card, Kind, MediaFile
from signage.stage.canvas import Canvas
from signage.stage.cards import CardFailure, CardPages, CardRenderer, composer_of, missing_fonts
from signage.stage.photos import Photos
from signage.stage.templates.sheet import Commission
from signage.stage.theme import Measures, Theme, load_theme
from signage.stage.typeset import Face, Line, clean

pytestmark = pytest.mark.usefixtures("qapp")

TODAY = date(2026, 11, 23)
SAMPLES: Mapping[str, Mapping[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden/cards/samples.json").read_text(encoding="utf-8")
)
SIZES = [(960, 540), (1920, 1080), (1080, 1920), (480, 1080), (384, 192), (800, 800), (768, 128), (256, 128)]
SHOWN = [(template, name) for template in SAMPLES for name in SAMPLES[template]]


@dataclass(frozen=True)
class Drawn:
    """One line that a card drew: its text, the area that its ink may take, and its size."""

    text: str
    area: QRectF
    size_px: int


class RecordingCanvas(Canvas):
    """A canvas that remembers its lines."""

    def __init__(self, size: QSize) -> None:
        super().__init__(size)
        self.drawn: list[Drawn] = []

    def line(self, line: Line, x: float, baseline: float, ink: QColor) -> None:
        super().line(line, x, baseline, ink)
        area = QRectF(x, baseline - line.above, line.width, line.above + line.below)
        self.drawn.append(Drawn(line.text, self._painter.transform().mapRect(area), line.size_px))


def photo_paths(fields: Mapping[str, Any]) -> list[str]:
    named = [*fields.get("photos", []), fields.get("photo"), fields.get("picture")]
    return sorted({path for path in (*named, *(one.get("photo") for one in fields.get("people", []))) if path})


def write_photo(path: Path, width: int = 320, height: int = 200) -> None:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#4FA06A"))
    assert image.save(str(path))


@pytest.fixture(scope="module")
def theme(qapp: object) -> Theme:
    return load_theme()


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory, qapp: object) -> Path:
    folder = tmp_path_factory.mktemp("media")
    for shown in SAMPLES.values():
        for fields in shown.values():
            for path in photo_paths(fields):
                write_photo(folder / path)
    return folder


def card_of(template: str, fields: Mapping[str, Any]) -> Card:
    photos = tuple(MediaFile(path, Kind.PICTURE, "0", 1, 1, (320, 200)) for path in photo_paths(fields))
    return Card(template, json.dumps(fields), photos)


def draw(theme: Theme, media: Path, card: Card, size: tuple[int, int]) -> list[list[Drawn]]:
    """Give what each page of a card drew."""
    canvases: list[RecordingCanvas] = []

    def make(size: QSize) -> RecordingCanvas:
        canvases.append(RecordingCanvas(size))
        return canvases[-1]

    compose = composer_of(card.template)
    assert compose is not None
    photos = Photos(card.photos, lambda file: media / file.path)
    mood = theme.moods[card.template]
    compose(Commission(card.fields, photos, TODAY, theme, mood, Measures(theme, *size), lambda: True, make))
    return [canvas.drawn for canvas in canvases]


def texts_in(value: Any, key: str = "") -> Iterator[str]:
    """Give the texts of a card's fields that people are to read; photos, choices and links are none."""
    if key in ("photo", "photos", "picture", "pattern", "date", "link"):
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from texts_in(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)


def letters_of(text: str) -> Counter[str]:
    return Counter(char for char in text if not char.isspace())


def check(theme: Theme, pages: list[list[Drawn]], fields: Mapping[str, Any], size: tuple[int, int]) -> None:
    canvas = QRectF(0, 0, *size).adjusted(-0.6, -0.6, 0.6, 0.6)
    measures = Measures(theme, *size)
    for page in pages:
        for line in page:
            assert canvas.contains(line.area), f"{line.text} is cut off: {line.area} on {size}"
            assert line.size_px >= measures.least_px(theme.label), f"{line.text} is {line.size_px} px on {size}"
        for one, other in combinations(page, 2):
            shared = one.area.intersected(other.area)
            is_touching = shared.width() > 1.5 and shared.height() > 1.5
            assert not is_touching, f"{one.text!r} lies on {other.text!r} on {size}"
    drawn = letters_of("".join(line.text for page in pages for line in page))
    face = Face(theme.sans, 1.5)
    for text in texts_in(fields):
        lost = letters_of(clean(text, face)) - drawn
        assert not lost, f"{text!r} lost {''.join(lost)} on {size}"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(("template", "name"), SHOWN)
def test_all_text_is_drawn_inside_apart_and_large_enough(
    theme: Theme, media: Path, template: str, name: str, size: tuple[int, int]
) -> None:
    fields = SAMPLES[template][name]

    pages = draw(theme, media, card_of(template, fields), size)

    assert pages
    check(theme, pages, fields, size)


PIECES = [
    "社区",
    "居民",
    "的",
    "道闸启用",
    "，",
    "。",
    "《公约》",
    "“家”",
    "12.5%",
    "Wi-Fi ",
    "https://example.cn/a/long/path?q=1234567",
]
PIECES += ["\n", " ", "མི་རིགས་", "ئىتتىپاق ", "ꆀꉢꐯꐥ", "ᠦᠨᠳᠦᠰᠦᠲᠡᠨ ", "𠮷野", "😀", "\u202e", "……"]


def texts(most: int) -> st.SearchStrategy[str]:
    made = st.lists(st.sampled_from(PIECES), min_size=1, max_size=most).map("".join).map(str.strip)
    return made.filter(lambda text: bool(clean(text)))


def lines(most: int = 8) -> st.SearchStrategy[str]:
    return texts(most).map(lambda text: text.replace("\n", " ")[:60])


CELLS = st.one_of(lines(4), st.just("1,234.50"), st.just("-"))
CARDS = st.one_of(
    st.tuples(
        st.just("work-update"),
        st.fixed_dictionaries(
            {"headline": lines(12)},
            optional={
                "body": texts(60),
                "date": st.sampled_from(["2026-11-05", "2026年10月"]),
                "photos": st.lists(st.sampled_from(["gate.png", "garden.png"]), min_size=1, max_size=4),
            },
        ),
    ),
    st.tuples(st.just("civility"), st.fixed_dictionaries({"text": texts(14)}, optional={"by": lines(4)})),
    st.tuples(
        st.just("unity-poster"),
        st.fixed_dictionaries(
            {"headline": lines(6)},
            optional={name: lines(10) for name in ("yi", "tibetan", "uyghur", "mongolian", "english")},
        ),
    ),
    st.tuples(
        st.just("notice"),
        st.fixed_dictionaries(
            {"title": lines(10), "body": texts(90)},
            optional={
                "office": lines(6),
                "date": st.just("2026-11-05"),
                "link": st.just("http://192.168.1.20:8080/public"),
            },
        ),
    ),
    st.tuples(
        st.just("event"),
        st.fixed_dictionaries(
            {"title": lines(10)},
            optional={
                "when": lines(8),
                "where": lines(8),
                "text": texts(40),
                "date": st.sampled_from(["2026-11-23", "2026-12-24", "2020-01-01"]),
                "photo": st.just("gate.png"),
            },
        ),
    ),
    st.tuples(
        st.just("honours"),
        st.fixed_dictionaries(
            {
                "title": lines(8),
                "people": st.lists(
                    st.fixed_dictionaries(
                        {"name": lines(3)}, optional={"reason": lines(12), "photo": st.just("gate.png")}
                    ),
                    min_size=1,
                    max_size=14,
                ),
            },
            optional={"reason": texts(10)},
        ),
    ),
    st.integers(1, 6).flatmap(
        lambda columns: st.tuples(
            st.just("table"),
            st.fixed_dictionaries(
                {
                    "title": lines(8),
                    "columns": st.lists(lines(2), min_size=columns, max_size=columns),
                    "rows": st.lists(
                        st.lists(
                            st.one_of(lines(4), st.just("1,234.50"), st.just("-")), min_size=columns, max_size=columns
                        ),
                        min_size=1,
                        max_size=12,
                    ),
                },
                optional={"note": texts(8)},
            ),
        )
    ),
    st.tuples(st.just("slate"), st.fixed_dictionaries({}, optional={"title": lines(10)})),
)


@settings(max_examples=80)
@given(CARDS, st.sampled_from(SIZES))
def test_whatever_is_written_is_drawn_inside_apart_and_large_enough(
    theme: Theme, media: Path, written: tuple[str, dict[str, Any]], size: tuple[int, int]
) -> None:
    template, fields = written

    pages = draw(theme, media, card_of(template, fields), size)

    check(theme, pages, fields, size)


@pytest.fixture
def renderer(media: Path) -> Iterator[CardRenderer]:
    made = CardRenderer(lambda file: media / file.path)
    yield made
    made.close()


def test_every_template_that_staff_may_use_can_be_painted(theme: Theme) -> None:
    assert {
        name for name in (*STAFF_TEMPLATES, "slate") if composer_of(name) is None or name not in theme.moods
    } == set()


def test_pages_have_the_size_that_was_asked_for(renderer: CardRenderer) -> None:
    for size in (QSize(960, 540), QSize(480, 1080)):
        painted = renderer.render_now(card_of("notice", SAMPLES["notice"]["long"]), size, TODAY)

        assert isinstance(painted, CardPages)
        assert len(painted.pages) > 1
        assert all(page.size() == size for page in painted.pages)


def test_the_same_card_gives_the_same_picture(renderer: CardRenderer) -> None:
    card = card_of("work-update", SAMPLES["work-update"]["four"])

    one, other = (renderer.render_now(card, QSize(960, 540), TODAY) for _ in range(2))

    assert isinstance(one, CardPages)
    assert isinstance(other, CardPages)
    assert one.pages == other.pages


def test_a_painting_is_handed_over_on_the_thread_that_asked(renderer: CardRenderer, qtbot: Any) -> None:
    card, seen = card_of("slate", {"title": "石榴里社区"}), []

    renderer.render(card, QSize(960, 540), TODAY, lambda outcome: seen.append((outcome, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(seen))

    outcome, thread = seen[0]
    assert isinstance(outcome, CardPages)
    assert thread is threading.main_thread()
    assert outcome == renderer.render_now(card, QSize(960, 540), TODAY)


def test_paintings_come_in_the_order_of_asking(renderer: CardRenderer, qtbot: Any) -> None:
    seen: list[str] = []

    for name in ("甲", "乙", "丙"):
        renderer.render(
            card_of("slate", {"title": name}), QSize(320, 180), TODAY, lambda _, name=name: seen.append(name)
        )
    qtbot.waitUntil(lambda: len(seen) == 3)

    assert seen == ["甲", "乙", "丙"]


def test_a_cancelled_painting_is_never_handed_over(renderer: CardRenderer, qtbot: Any) -> None:
    seen: list[str] = []

    first = renderer.render(card_of("slate", {}), QSize(320, 180), TODAY, lambda _: seen.append("cancelled"))
    renderer.render(card_of("slate", {}), QSize(320, 180), TODAY, lambda _: seen.append("wanted"))
    renderer.cancel(first)
    qtbot.waitUntil(lambda: "wanted" in seen)

    assert seen == ["wanted"]
    renderer.cancel(first)


def test_nothing_is_handed_over_after_close(media: Path, qtbot: Any) -> None:
    renderer, seen = CardRenderer(lambda file: media / file.path), []

    renderer.render(card_of("slate", {}), QSize(320, 180), TODAY, seen.append)
    renderer.close()
    qtbot.wait(1)

    assert seen == []


def test_a_card_of_an_unknown_template_is_refused_with_its_name(renderer: CardRenderer) -> None:
    outcome = renderer.render_now(Card("karaoke", "{}"), QSize(960, 540), TODAY)

    assert isinstance(outcome, CardFailure)
    assert "karaoke" in outcome.reason


def test_a_zone_too_small_for_text_is_refused(renderer: CardRenderer) -> None:
    assert isinstance(renderer.render_now(card_of("slate", {}), QSize(300, 8), TODAY), CardFailure)


def test_a_card_that_breaks_its_template_fails_alone(renderer: CardRenderer, expect_log: Callable[..., None]) -> None:
    expect_log("card table cannot be painted")
    broken = card_of("table", {"title": "表", "columns": ["甲", "乙"], "rows": 7})

    outcome = renderer.render_now(broken, QSize(960, 540), TODAY)

    assert isinstance(outcome, CardFailure)
    assert isinstance(renderer.render_now(card_of("slate", {}), QSize(960, 540), TODAY), CardPages)


@pytest.mark.parametrize("damage", ["gone", "torn"])
def test_a_card_is_shown_without_a_photo_that_cannot_be_used(
    tmp_path: Path, qtbot: Any, expect_log: Callable[..., None], damage: str
) -> None:
    expect_log("photo left out: lost.png")
    if damage == "torn":
        (tmp_path / "lost.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    write_photo(tmp_path / "good.png")
    renderer = CardRenderer(lambda file: tmp_path / file.path)

    outcome = renderer.render_now(
        card_of("work-update", {"headline": "标题", "photos": ["lost.png", "good.png"]}), QSize(960, 540), TODAY
    )
    renderer.close()

    assert isinstance(outcome, CardPages)
    assert len(outcome.faults) == 1
    assert "lost.png" in outcome.faults[0]


@pytest.mark.parametrize(
    ("day", "words"),
    [("2026-11-23", "今天"), ("2026-11-24", "1"), ("2026-12-05", "12"), ("2027-11-23", "365"), ("2026-11-22", None)],
)
def test_an_event_counts_the_days_from_today(theme: Theme, media: Path, day: str, words: str | None) -> None:
    pages = draw(theme, media, card_of("event", {"title": "运动会", "where": "广场", "date": day}), (960, 540))

    drawn = [line.text for line in pages[0]]
    assert words is None or words in drawn
    assert ("天" in drawn or "今天" in drawn) is (words is not None)


def test_a_tables_figures_stand_with_their_points_below_each_other(theme: Theme, media: Path) -> None:
    rows = [["甲", "1,234.50"], ["乙", "9"], ["丙", "88.25"], ["丁", "7.5"]]

    pages = draw(theme, media, card_of("table", {"title": "表", "columns": ["项", "元"], "rows": rows}), (960, 540))

    drawn = {line.text: line.area for line in pages[0]}
    digit = drawn["9"].width()
    points = {round(drawn["1,234.50"].right() - 2 * digit), round(drawn["88.25"].right() - 2 * digit)}
    points.add(round(drawn["7.5"].right() - digit))
    assert len(points) == 1


def test_a_tables_head_is_repeated_on_every_page(theme: Theme, media: Path) -> None:
    pages = draw(theme, media, card_of("table", SAMPLES["table"]["long"]), (960, 540))

    assert len(pages) > 1
    assert all("姓名" in [line.text for line in page] for page in pages)


@pytest.mark.parametrize("size", [(240, 720), (320, 160), (540, 960)])
def test_a_tables_figures_are_never_torn(theme: Theme, media: Path, size: tuple[int, int]) -> None:
    said = {"title": "财务公开", "columns": ["项目", "收入（元）"], "rows": [["上月结余", "1,038,462.50"]]}

    pages = draw(theme, media, card_of("table", said), size)

    assert any("1,038,462.50" in line.text for page in pages for line in page)


def test_uyghur_begins_at_the_right(theme: Theme, media: Path) -> None:
    body = "مىللەتلەر ئىتتىپاقلىقى"

    pages = draw(theme, media, card_of("notice", {"title": "通知", "body": body}), (960, 540))

    area = next(line.area for line in pages[0] if line.text == body)
    assert area.left() > 960 - area.right()


def test_mongolian_runs_down_the_side(theme: Theme, media: Path) -> None:
    mongolian = "ᠦᠨᠳᠦᠰᠦᠲᠡᠨ ᠦ ᠡᠪ"

    pages = draw(theme, media, card_of("unity-poster", {"headline": "团结", "mongolian": mongolian}), (960, 540))

    area = next(line.area for line in pages[0] if line.text == mongolian)
    assert area.height() > area.width()


def test_where_the_code_leaves_no_room_beside_it_the_signature_stands_above(theme: Theme, media: Path) -> None:
    said = {"title": "停水通知", "body": "请储水。", "office": "石榴里社区居民委员会", "date": "2026-11-22"}

    pages = draw(theme, media, card_of("notice", {**said, "link": "http://example.com/n/12"}), (192, 1080))

    assert min(len(line.text) for line in pages[-1] if line.area.top() > 540) > 1


def test_short_words_of_many_scripts_stand_abreast_rather_than_small(theme: Theme, media: Path) -> None:
    words = {"yi": "ꈀꎭꎭ", "tibetan": "ཐུགས་རྗེ་ཆེ།", "uyghur": "رەھمەت", "english": "Thank you"}

    pages = draw(theme, media, card_of("unity-poster", {"headline": "卡莎莎，谢谢您", **words}), (960, 428))

    lines = {line.text: line for line in pages[0]}
    assert min(lines[word].size_px for word in words.values()) > 428 / 15
    assert lines["ꈀꎭꎭ"].area.right() < lines["ཐུགས་རྗེ་ཆེ།"].area.left()


def test_the_fonts_that_cards_name_are_installed() -> None:
    assert missing_fonts() == []
