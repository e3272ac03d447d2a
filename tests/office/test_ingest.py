"""The shared folder: complete files are taken, once; what is refused is named beside it; nothing is lost."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from signage.base.errors import Problem
from signage.content.refusal import Refusal
from signage.content.scan import scan_media
from signage.content.store import StoreReader
from signage.content.values import MediaFile
from signage.content.watch import scan_mark
from signage.content.yamlfiles import find_yaml_files
from signage.office.database.tables import MediaRow
from signage.office.ingest import converter
from signage.office.ingest.convert import Job, convert
from signage.office.ingest.recipe import Recipe
from signage.office.ingest.service import Ingest
from signage.office.ingest.states import Record, State, StateBook
from signage.office.publish import publish
from tests.content.stores import film, noisy_jpeg, pdf, picture
from tests.office.desk import make_office
from tests.office.ingesting import IngestingOffice


@pytest.fixture
def office(tmp_path):
    office = IngestingOffice(tmp_path)
    yield office
    office.close()


def reasons(office) -> list[str]:
    return sorted(str(path.relative_to(office.media)) for path in office.media.rglob("*.未采用.txt"))


def test_a_good_photo_is_accepted_as_it_is_with_a_thumbnail(office):
    office.start()
    content = picture(size=(640, 480))

    record = office.take("work/a.jpg", content)

    facts, place = office.shown("work/a.jpg")
    assert record.state is State.ACCEPTED
    assert place.read_bytes() == content
    assert (facts.path, facts.size_px, facts.length_bytes) == ("work/a.jpg", (640, 480), len(content))
    assert record.made is not None
    assert record.made.sha256 == facts.sha256
    assert (office.folder / record.made.thumbnail).stat().st_size > 0
    assert not list(office.folder.glob("renditions/??/*"))
    with office.database.reading() as session:
        row = session.scalars(select(MediaRow)).one()
    assert (row.path, row.state, row.facts["kind"], row.facts["size_px"]) == (
        "work/a.jpg",
        "accepted",
        "picture",
        [640, 480],
    )
    assert office.changes >= 1


def test_what_a_refused_file_lacks_stands_beside_it_until_it_is_mended(office):
    office.start()
    office.take("照片.jpg", noisy_jpeg()[:9000])

    (name,) = reasons(office)
    text = (office.media / name).read_bytes().decode("utf-8-sig")
    refusal = office.refusal("照片.jpg")
    office.take("照片.jpg", noisy_jpeg())

    assert name == "照片.jpg.未采用.txt"
    assert text.startswith("【未采用】照片.jpg\r\n")
    assert refusal.zh in text
    assert "重新复制" in text
    assert office.record("照片.jpg").state is State.ACCEPTED
    assert reasons(office) == []


def test_a_reason_goes_with_its_file_also_while_the_service_sleeps(office):
    office.start()
    office.take("a/照片.jpg", b"\x00\x01\x02")
    office.stop()
    (office.media / "a/照片.jpg").unlink()
    assert reasons(office) == ["a/照片.jpg.未采用.txt"]

    office.start()
    office.put("b.jpg", picture())
    office.settle()

    assert office.record("a/照片.jpg").state is State.GONE
    assert reasons(office) == []


def test_a_text_of_a_person_with_the_name_of_a_reason_is_never_touched(office):
    office.start()
    mine = office.put("照片.jpg.未采用.txt", "我自己写的".encode())
    office.take("照片.jpg", b"\x00\x01\x02")
    (office.media / "照片.jpg").unlink()
    office.put("b.jpg", picture())
    office.settle()

    assert mine.read_bytes() == "我自己写的".encode()


def test_a_reason_is_no_medium_and_starts_no_loop(office):
    ingest = office.start()
    office.take("照片.jpg", b"\x00\x01\x02")
    saved = office.changes
    for _ in range(5):
        office.clock.advance(61_000)
        ingest.hint()
        office.settle()

    assert office.changes == saved
    with office.database.reading() as session:
        assert [row.path for row in session.scalars(select(MediaRow))] == ["照片.jpg"]


def test_a_reason_of_a_long_name_finds_room(office):
    office.start()
    name = "照" * 82 + ".jpg"
    office.take(name, b"\x00\x01\x02")

    (reason,) = reasons(office)

    assert len(reason.encode()) <= 255


def test_a_file_that_a_writer_holds_waits_until_it_is_closed(office):
    ingest = office.start()
    with (office.media / "a.jpg").open("wb") as writer:
        writer.write(picture())
        writer.flush()
        for _ in range(10):
            ingest.hint()
            ingest.step()
            office.clock.advance(5_000)
        held = office.record("a.jpg")
        writer.write(b"")

    office.settle()

    assert held.state is State.WAITING
    assert office.record("a.jpg").state is State.ACCEPTED


def test_where_nobody_can_be_asked_a_file_is_taken_after_half_a_minute_of_rest(office):
    ingest = office.start(ask_writer=lambda fd: None)
    office.put("a.jpg", picture())
    ingest.step()
    office.clock.advance(29_000)
    ingest.step()
    before = office.record("a.jpg").state
    office.clock.advance(2_000)
    office.settle()

    assert before is State.WAITING
    assert office.record("a.jpg").state is State.ACCEPTED


def test_junk_is_passed_over_in_silence(office):
    office.start()
    for name in ("~$a.docx", "b.jpg.crdownload", "Thumbs.db", ".c.jpg", "README.md", "a.jpg.yaml", "~WPS1234.tmp"):
        office.put(name, b"x")
    office.take("a.jpg", picture())

    assert reasons(office) == []
    with office.database.reading() as session:
        assert [row.path for row in session.scalars(select(MediaRow))] == ["a.jpg"]


def test_a_share_that_is_away_is_not_an_empty_share(office, expect_log):
    expect_log("ingest.lookout: .*media: .*nothing is taken out")
    ingest = office.start()
    office.take("a/a.jpg", picture())
    office.media.rename(office.media.with_name("away"))
    ingest.hint()
    office.clock.advance(61_000)
    ingest.step()
    gone = office.record("a/a.jpg").state
    office.media.mkdir()
    ingest.hint()
    office.clock.advance(61_000)
    ingest.step()
    empty = office.record("a/a.jpg").state
    office.media.rmdir()
    office.media.with_name("away").rename(office.media)
    office.settle()

    assert (gone, empty, office.record("a/a.jpg").state) == (State.ACCEPTED,) * 3


def test_a_folder_that_cannot_be_read_keeps_its_files(office, monkeypatch):
    office.start()
    office.take("a/a.jpg", picture())
    real = os.scandir

    def refusing(place):
        if str(place).endswith("/media/a"):
            raise PermissionError(13, "Permission denied", str(place))
        return real(place)

    monkeypatch.setattr(os, "scandir", refusing)
    office.take("b.jpg", picture())

    assert office.record("a/a.jpg").state is State.ACCEPTED


def test_what_is_published_are_the_renditions(office, tmp_path):
    office.start()
    office.store.playlist("p", "play: a/\n")
    office.put("a/a.bmp", picture("BMP"))
    office.put("a/b.jpg", picture(text="b"))
    office.settle()
    signing = make_office(tmp_path / "signing", office.clock)

    publish(signing, office.read())

    blobs = {path.name for path in (signing.folder / "published/blobs").glob("*/*")}
    shown = {name: office.shown(name)[0].sha256 for name in ("a/a.bmp", "a/b.jpg")}
    assert set(shown.values()) <= blobs
    assert office.shown("a/a.bmp")[1].suffix == ".jpg"
    assert [item.name for entry in office.read().playlists[0].entries for item in entry.items] == ["a/a.bmp", "a/b.jpg"]


def test_a_file_that_was_moved_is_not_converted_again(office):
    office.start()
    office.take("a.bmp", picture("BMP"))
    made = office.record("a.bmp").made
    (office.media / "topic").mkdir()
    (office.media / "a.bmp").rename(office.media / "topic/b.bmp")
    before = sorted(path.stat().st_mtime_ns for path in office.folder.glob("renditions/??/*"))

    office.settle()

    assert office.record("a.bmp").state is State.GONE
    assert office.record("topic/b.bmp").made == made
    assert sorted(path.stat().st_mtime_ns for path in office.folder.glob("renditions/??/*")) == before


def test_the_older_rendition_shows_on_while_the_newer_is_made(office):
    ingest = office.start()
    office.store.playlist("p", "play: a.bmp\n")
    office.take("a.bmp", picture("BMP", text="one"))
    first = office.read()
    office.put("a.bmp", picture("BMP", text="another"))
    ingest.hint()
    office.clock.advance(1_000)
    ingest.step()
    between = office.read()
    office.settle()
    after = office.read()

    assert first.playlists == between.playlists
    assert first.media["a.bmp"].sha256 != after.media["a.bmp"].sha256


def test_a_restart_takes_nothing_twice(office):
    office.start()
    office.take("a.bmp", picture("BMP"))
    office.take("b.jpg", b"\0\1\2")
    office.stop()
    changes = office.changes

    office.start()
    office.settle()

    assert office.changes == changes
    assert office.record("a.bmp").state is State.CONVERTED
    assert office.refusal("b.jpg")


def test_lost_renditions_are_made_again_after_a_restart(office):
    office.start()
    office.take("a.bmp", picture("BMP"))
    office.take("b.jpg", picture())
    office.stop()
    shutil.rmtree(office.folder / "renditions")
    shutil.rmtree(office.folder / "media-thumbnails")

    office.start()
    office.settle()

    assert office.shown("a.bmp")[1].exists()
    assert len(list(office.folder.glob("media-thumbnails/??/*"))) == 2


def made_of_all(office) -> dict[str, str]:
    """Give by path what is shown of each file: its digest."""
    return {path: file.sha256 for path, file in office.read().media.items()}


def sizes(office) -> dict[str, tuple[int, int]]:
    return {path: file.size_px for path, file in office.read().media.items()}


def test_larger_screens_have_only_those_made_anew_whose_originals_are_larger(office, tmp_path):
    office.store.playlist("screens", "gate: {size: 320x180}\n")
    office.store.playlist("p", "play: [large.jpg, fits.jpg, turned.jpg, plan.pdf, notice.txt, large.mp4, fits.wmv]\n")
    office.put("large.jpg", noisy_jpeg((1200, 900)))
    office.put("fits.jpg", noisy_jpeg((200, 150)))
    office.put("turned.jpg", picture("TIFF", (240, 180)))
    office.put("plan.pdf", pdf(tmp_path / "plan.pdf"))
    office.put("notice.txt", "停水".encode())
    office.put("large.mp4", film(tmp_path / "large.mp4", 1, size=(640, 360)))
    office.put("fits.wmv", film(tmp_path / "fits.wmv", 1, codec="wmv2", container="asf", size=(320, 180)))
    office.start()
    office.settle()
    before, small = made_of_all(office), sizes(office)
    all_moments = {one.path: one.changed_ms for one in office.ingest._records.all()}
    office.clock.advance(60_000)

    office.store.playlist("screens", "gate: {size: 640x360}\n")
    office.ingest.hint()
    office.ingest.step()
    meanwhile = made_of_all(office)
    office.settle()
    after = {one.path: one.changed_ms for one in office.ingest._records.all()}

    assert meanwhile == before
    assert {path for path in after if after[path] != all_moments[path]} == {"large.jpg", "large.mp4"}
    assert (small["large.jpg"], small["large.mp4"]) == ((320, 240), (320, 180))
    assert (sizes(office)["large.jpg"], sizes(office)["large.mp4"]) == ((640, 480), (640, 360))


def test_what_is_known_of_originals_outlives_a_restart(office):
    office.store.playlist("screens", "gate: {size: 320x180}\n")
    office.start()
    moment = office.take("fits.tif", picture("TIFF", (240, 180))).changed_ms
    office.stop()
    office.clock.advance(60_000)

    office.store.playlist("screens", "gate: {size: 640x360}\n")
    office.start()
    office.settle()

    assert office.record("fits.tif").changed_ms == moment


def test_smaller_screens_have_only_films_made_anew(office, tmp_path):
    office.store.playlist("screens", "gate: {size: 640x360}\n")
    office.store.playlist("p", "play: [a.jpg, a.mp4]\n")
    office.put("a.jpg", noisy_jpeg((1200, 900)))
    office.put("a.mp4", film(tmp_path / "a.mp4", 1, size=(640, 360)))
    office.start()
    office.settle()

    office.store.playlist("screens", "gate: {size: 320x180}\n")
    office.settle()

    assert sizes(office) == {"a.jpg": (640, 480), "a.mp4": (320, 180)}


def test_what_cannot_be_made_anew_stays_on_the_air_as_it_was(office, expect_log, monkeypatch, tmp_path):
    expect_log("ingest.states: a.jpg: stays as it was; made anew it cannot be decoded")
    office.store.playlist("screens", "gate: {size: 320x180}\n")
    office.start()
    office.store.playlist("p", "play: [a.jpg]\n")
    office.take("a.jpg", noisy_jpeg((1200, 900)))
    before = made_of_all(office)
    office.stop()
    (tmp_path / "refuse.py").write_text(
        "import json, sys\n"
        "said = json.dumps({'finding': {'reason': 'cannot be decoded', 'zh': '无法解码'}})\n"
        "for _ in sys.stdin: print(said, flush=True)\n"
    )
    monkeypatch.setattr(converter, "CHILD", [str(tmp_path / "refuse.py")])

    office.store.playlist("screens", "gate: {size: 640x360}\n")
    office.start()
    office.settle()

    assert office.record("a.jpg").state is State.CONVERTED
    assert made_of_all(office) == before
    assert reasons(office) == []


def test_larger_screens_have_renditions_made_anew(office):
    office.start()
    office.store.playlist("screens", "gate: {size: 320x180}\n")
    office.take("a.png", picture("PNG", (640, 480)))
    small = office.shown("a.png")[0].size_px
    office.store.playlist("screens", "gate: {size: 3200x1800}\n")
    office.settle()

    assert small == (320, 240)
    assert office.shown("a.png")[0].size_px == (640, 480)
    assert office.record("a.png").state is State.ACCEPTED


def test_a_text_is_taken_and_played_as_a_notice(office):
    office.start()
    office.store.playlist("p", "play: [停水.txt, b.txt]\n")
    office.take("停水.txt", "停水通知\r\n明天停水。".encode("gb18030"))
    office.take("b.txt", bytes(range(256)))
    office.settle()

    (item,) = [item for entry in office.read().playlists[0].entries for item in entry.items]
    assert item.name == "停水.txt"
    assert item.card is not None
    assert "不是文字" in office.refusal("b.txt").zh


def test_many_files_dropped_while_the_service_sleeps_are_all_taken_and_none_twice(office):
    number = 300
    for at in range(number):
        office.put(f"topic-{at % 7}/{at}.jpg", picture(text=str(at)))
    office.start(workers=2)
    office.settle()

    with office.database.reading() as session:
        rows = list(session.scalars(select(MediaRow)))
    assert len(rows) == number
    assert {row.state for row in rows} == {"accepted"}
    assert len(list(office.folder.glob("media-thumbnails/??/*"))) == number
    assert list((office.folder / "renditions/.work").glob("*/original")) == []


def test_what_nobody_needs_is_swept_after_an_hour(office):
    ingest = office.start()
    office.take("a.bmp", picture("BMP"))
    stray = office.folder / "renditions/ab/stray.jpg"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    then = office.clock.now_ms() / 1000 - 7200
    os.utime(stray, (then, then))
    office.clock.advance(86_400_000)
    ingest.step()
    office.settle()

    assert not stray.exists()
    assert Path(office.shown("a.bmp")[1]).exists()
    assert isinstance(office.shown("a.bmp")[0], MediaFile)


def test_a_file_dropped_while_the_service_runs_is_ready_within_a_few_seconds(office):
    """The one test by the real clock, with the watch and the thread."""
    changed = threading.Event()
    ingest = Ingest(office.store.root, office.folder, office.database, on_change=changed.set, workers=1)
    ingest.start()
    try:
        office.put("a.jpg", picture())
        begun = time.monotonic()
        while (record := ingest.record_of("a.jpg")) is None or record.state is not State.ACCEPTED:
            assert changed.wait(20.0)
            changed.clear()
    finally:
        ingest.close()

    assert 2.0 <= time.monotonic() - begun < 10.0
    assert StoreReader(office.store.root, renditions=ingest).read() is not None


def test_an_inode_of_64_bits_is_remembered_as_it_is(office):
    book = StateBook(office.database)
    record = Record("a.jpg", ((1 << 64) - 5, 10, 1_795_715_145_825_816_922), State.WAITING)

    book.write([record])

    assert StateBook(office.database).load() == {"a.jpg": record}


def test_what_waits_for_room_is_tried_again_also_after_the_clock_was_set_back(office):
    ingest = office.start()
    key = (1, 10, 1)
    full = Refusal("needs more free space", "磁盘空间不足", is_unsettled=True)
    waiting = Record("a.jpg", key, State.WAITING, refusal=full, changed_ms=office.clock.now_ms())
    ingest._records.put(waiting)

    assert not ingest._is_to_be_taken("a.jpg", key)
    office.clock.jump(-86_400_000)

    assert ingest._is_to_be_taken("a.jpg", key)


def test_a_folder_that_became_a_link_is_not_followed_out_of_the_store(office, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "private.png").write_bytes(picture())
    (office.media / "work").symlink_to(tmp_path / "elsewhere")
    source = office.media / "work" / "private.png"
    status = source.stat()
    key = (status.st_ino, status.st_size, status.st_mtime_ns)
    job = Job(source, "work/private.png", key, Recipe(), office.folder, tmp_path / "w/0", tmp_path / "p")

    outcome = convert(job, lambda _percent: None)

    assert isinstance(outcome.finding, Refusal)
    assert outcome.finding.zh == "是指向 media/ 之外的链接，请把文件复制进来"
    assert outcome.sha256 == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_in_place_of_a_file_holds_nobody_up(office):
    shutil.rmtree(office.store.root / "playlists", ignore_errors=True)
    (office.store.root / "playlists").mkdir()
    os.mkfifo(office.store.root / "playlists" / "screens.yaml")
    for name in ("a.jpg", "a.jpg.yaml", "b.txt", "坏.jpg.未采用.txt"):
        os.mkfifo(office.media / name)
    office.put("good.png", picture())
    office.start()
    over = threading.Thread(target=office.settle, daemon=True)

    over.start()
    over.join(60)

    assert not over.is_alive()
    assert office.record("good.png").state is State.ACCEPTED


def nest(folder: Path, depth: int, name: str = "d" * 100) -> None:
    """Make folders within folders, deeper than one path can say."""
    at = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=at)
        inner = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)


@pytest.mark.skipif(os.name == "nt", reason="Windows makes no such folders")
def test_folders_within_folders_without_end_make_no_share_unreadable(office):
    nest(office.media, 60)
    nest(office.store.root / "playlists", 60)
    office.start()

    assert office.take("good.png", picture()).state is State.ACCEPTED
    assert not office.ingest.is_away
    problems = scan_media(office.media).problems
    assert [(one.file[:9], one.message_zh) for one in problems] == [("media/ddd", "文件夹套得太深，请移到上层")]
    assert scan_mark(office.store.root).files >= 1
    found: list[Problem] = []
    find_yaml_files(office.store.root, found)
    assert [one.message_zh for one in found if one.message == "lies too deep"] == ["文件夹套得太深，请移到上层"]
