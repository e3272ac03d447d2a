"""The studio: pictures come from another process, which may die, hang or be asked by many at once."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PIL import Image

from signage.base.clock import ManualClock
from signage.content.store import StoreReader
from signage.content.values import Item, Kind, MediaFile, Store
from signage.office.studio import DrawingError, Picture, Studio
from signage.office.studioprocess import StudioProcess
from signage.office.thumbnails import ThumbnailFolder
from signage.starter import make_store

NOTICE = {"title": "停水通知", "body": "明天 9:00 到 12:00 检修水管，请提前储水。"}
ZONE = (640, 360)
AT_MS = round(datetime(2026, 11, 27, 2, 30, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    root = tmp_path_factory.mktemp("store")
    make_store(root)
    Image.new("RGB", (320, 200), "#a03020").save(root / "media" / "square.png")
    (root / "playlists" / "pictures.yaml").write_text("play: [square.png]\n", "utf-8")
    return StoreReader(root, clock=ManualClock(datetime(2031, 1, 1, tzinfo=UTC))).read()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = Studio(tmp_path / "thumbnails", ManualClock(datetime(2026, 11, 26, tzinfo=UTC)))
    yield made
    made.close()


@pytest.fixture
def troubled(tmp_path: Path) -> Iterator[Callable[[str], Studio]]:
    """Give a studio whose process is this Python program in place of the real one."""
    opened: list[Studio] = []

    def open_studio(program: str) -> Studio:
        process = StudioProcess(command=(sys.executable, "-c", program))
        opened.append(Studio(tmp_path / "thumbnails", ManualClock(datetime(2026, 11, 26, tzinfo=UTC)), process))
        return opened[-1]

    yield open_studio
    for one in opened:
        one.close()


def size_of(picture: Picture) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture.webp)).size


def first_picture(store: Store) -> Item:
    items = (item for playlist in store.playlists for entry in playlist.entries for item in entry.items)
    return next(item for item in items if item.kind is Kind.PICTURE)


def test_a_card_an_item_and_a_moment_are_drawn_by_the_real_stage(studio: Studio, store: Store) -> None:
    screen = replace(next(iter(store.screens.values())), size_px=(960, 540), layout="banner")

    card = studio.draw_card("notice", NOTICE, ZONE, width_px=320)
    item = studio.draw_item(first_picture(store), ZONE, store.path_of, width_px=160)
    moment = studio.draw_moment(store, screen, AT_MS, width_px=480)

    assert (size_of(card), size_of(item), size_of(moment)) == ((320, 180), (160, 90), (480, 270))
    assert len({card.digest, item.digest, moment.digest}) == 3
    assert moment.left_out == ()


def test_a_long_card_has_pages_each_of_which_can_be_drawn(studio: Studio) -> None:
    fields = {"title": "通知", "body": "请大家互相转告。" * 200}

    first, second = (studio.draw_card("notice", fields, ZONE, page=page) for page in (1, 2))

    assert first.pages == second.pages > 1
    assert first.webp != second.webp


def test_what_was_drawn_once_needs_no_process_again(studio: Studio, tmp_path: Path) -> None:
    drawn = studio.draw_card("notice", NOTICE, ZONE, width_px=320)
    studio.close()

    again = studio.draw_card("notice", NOTICE, ZONE, width_px=320)

    assert again == drawn
    assert studio._process.process_id is None


def test_a_countdown_is_drawn_anew_each_day_and_a_picture_is_not(studio: Studio, store: Store) -> None:
    event = {"title": "联欢会", "date": "2027-01-30"}

    events = {studio.draw_card("event", event, ZONE, today=date(2026, 11, day)).digest for day in (26, 27)}
    pictures = {
        studio.draw_item(first_picture(store), ZONE, store.path_of, today=date(2026, 11, day)).digest
        for day in (26, 27)
    }

    assert (len(events), len(pictures)) == (2, 1)


def test_an_item_whose_file_is_gone_is_named_and_the_next_is_drawn(studio: Studio, store: Store) -> None:
    gone = replace(first_picture(store), sha256="0" * 64)

    with pytest.raises(DrawingError):
        studio.draw_item(gone, ZONE, lambda media: Path("/nowhere/at-all.jpg"))

    assert studio.draw_card("civility", {"text": "慢一点"}, ZONE).webp


def test_a_process_that_was_killed_is_started_again(studio: Studio) -> None:
    studio.draw_card("civility", {"text": "您让一步"}, ZONE)
    child = studio._process._child
    assert child is not None
    child.kill()
    child.wait()

    assert studio.draw_card("civility", {"text": "路宽一分"}, ZONE).webp


def test_many_threads_may_ask_at_once(studio: Studio) -> None:
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(lambda n: studio.draw_card("civility", {"text": f"第{n % 4}句"}, ZONE), range(16)))

    assert len({picture.digest for picture in pictures}) == 4


def test_a_process_that_dies_at_a_file_is_not_asked_for_it_again_for_a_while(
    troubled: Callable[[str], Studio], tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    studio = troubled(f"import sys; sys.stdin.readline(); open({str(notes)!r}, 'a').write('x'); sys.exit(9)")

    for _ in range(3):
        with pytest.raises(DrawingError, match="exit code 9"):
            studio.draw_card("notice", NOTICE, ZONE)

    assert notes.read_text() == "x"


def test_a_process_that_does_not_answer_is_ended(
    troubled: Callable[[str], Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signage.office.studio.ITEM_LIMIT_S", 0.2)
    studio = troubled("import time; time.sleep(600)")

    with pytest.raises(DrawingError, match="no picture within"):
        studio.draw_card("notice", NOTICE, ZONE)

    assert studio._process.process_id is None


def test_a_process_that_says_something_else_is_no_picture(troubled: Callable[[str], Studio], expect_log) -> None:  # type: ignore[no-untyped-def]
    expect_log("said something else than pictures")
    studio = troubled("import sys; sys.stdin.readline(); print('hello', flush=True)")

    with pytest.raises(DrawingError):
        studio.draw_card("notice", NOTICE, ZONE)


def test_closing_does_not_wait_for_a_drawing(troubled: Callable[[str], Studio]) -> None:
    studio = troubled("import time; time.sleep(600)")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(studio.draw_card, "notice", NOTICE, ZONE)
        while studio._process.process_id is None:
            assert not waiting.done()

        studio.close()

        assert isinstance(waiting.exception(20), DrawingError)


def test_a_process_that_grew_is_renewed(studio: Studio) -> None:
    process = StudioProcess(most_drawings=1)
    studio._process.close()
    studio._process = process

    studio.draw_card("civility", {"text": "换一个"}, ZONE)

    assert process.process_id is None


def test_the_folder_of_pictures_stays_within_its_limit(tmp_path: Path) -> None:
    kept = ThumbnailFolder(tmp_path, most_bytes=1000)

    for number in range(50):
        kept.put(f"{number:064x}", b"x" * 100)

    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= 1000
    assert kept.get(f"{49:064x}") == b"x" * 100


def test_a_photo_of_a_card_is_drawn_from_where_it_lies(studio: Studio, store: Store) -> None:
    media = first_picture(store).media
    assert isinstance(media, MediaFile)
    fields = {"headline": "口袋公园", "photos": [media.path]}

    with_photo = studio.draw_card("work-update", fields, ZONE, [media], store.path_of)
    without = studio.draw_card("work-update", {"headline": "口袋公园"}, ZONE)

    assert with_photo.webp != without.webp
