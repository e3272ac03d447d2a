"""A store is read whole, with all problems at once; read again, only what changed is looked at."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import threading
import unicodedata
from pathlib import Path

import pytest

from signage.base.errors import SignageError
from signage.content import library, store
from signage.content.refusal import Refusal
from signage.content.screens import read_calendar_file, read_screens_file
from signage.content.store import StoreReader
from signage.content.values import CalendarData, Edge, Hours, Screen, SunEvent
from tests.content.stores import StoreFolder, make_older, names, only, picture


def test_without_screens_there_is_one_called_default(folder):
    assert folder.read().screens == {"default": Screen()}


SCREENS = """\
screens:
  gate:
    title: 大门 LED
    tags: [outdoor, led]
    size: 960x540
    position: 0,0
    rotate: 90
    hours: [07:00-22:00, sunset-23:00]
    layout: banner
    place: 24.92, 102.48
    timezone: Asia/Urumqi
    sound: yes
  hall:
"""


def test_screens_have_all_their_settings(folder):
    folder.playlist("screens", SCREENS)

    screens = folder.read().screens

    gate = screens["gate"]
    assert list(screens) == ["gate", "hall"]
    assert (gate.name, gate.title, gate.tags) == ("gate", "大门 LED", {"outdoor", "led"})
    assert (gate.size_px, gate.position_px, gate.rotate) == ((960, 540), (0, 0), 90)
    assert gate.hours == (Hours(Edge(25_200), Edge(79_200)), Hours(Edge(0, SunEvent.SUNSET), Edge(82_800)))
    assert (gate.layout, gate.place, gate.timezone.key, gate.sound) == ("banner", (24.92, 102.48), "Asia/Urumqi", True)
    assert screens["hall"] == Screen("hall", title="hall")


def test_what_a_broken_playlist_misses_is_named_in_the_same_round_and_nothing_of_it_plays(folder):
    folder.media("a.jpg")
    folder.media("broken.jpg", b"\xff\xd8\xff\xe0 no picture")
    folder.playlist(
        "x",
        "where: hal\nexpires: 2026-02-30\nplay:\n- {file: gone.jpg, seconds: -3}\n- {folder: nowhere, order: newst}\n"
        "- broken.jpg\n- a.jpg\n",
    )
    folder.playlist("y", "play:\n- {file: lost.jpg, fit: zoom}\n")
    folder.playlist("screens", "hall: {}")

    found = folder.read()

    assert (found.playlists, found.media) == ((), {})
    assert [(problem.file[-6:], problem.line, problem.message.partition(":")[0]) for problem in found.problems] == [
        ("x.yaml", 1, "where"),
        ("x.yaml", 2, "expires"),
        ("x.yaml", 4, "file"),
        ("x.yaml", 4, "seconds"),
        ("x.yaml", 5, "folder"),
        ("x.yaml", 5, "order"),
        ("x.yaml", 6, "file"),
        ("y.yaml", 2, "file"),
        ("y.yaml", 2, "fit"),
    ]


def test_a_slip_in_a_screen_leaves_the_rest_of_it_standing():
    raw = "gate:\n  size: 960*54o\n  layuot: banner\n  rotate: 45\n  timezone: Asia/Shanghia\n  tags: [outdoor]\n"

    found = read_screens_file(raw.encode(), "playlists/screens.yaml")

    assert found.screens == {"gate": Screen("gate", title="gate", tags=frozenset({"outdoor"}))}
    assert [(problem.line, problem.message.partition(":")[0]) for problem in found.problems] == [
        (2, "size"), (3, "layuot"), (4, "rotate"), (5, "timezone"),
    ]  # fmt: skip
    assert "did you mean 'Asia/Shanghai'" in found.problems[3].message


@pytest.mark.parametrize("raw", [b"", b"screens:", b"- gate", b"screens: []", b"a: [", b"gate: 960x540"])
def test_a_screens_file_of_another_shape_is_a_problem_and_never_no_screen(raw):
    found = read_screens_file(raw, "playlists/screens.yaml")

    assert found.screens
    assert found.problems


def test_a_screens_file_that_breaks_while_it_is_watched_takes_no_screen_away(folder):
    folder.playlist("screens", "gate: {tags: outdoor}")
    reader = StoreReader(folder.root)
    before = reader.read()
    folder.playlist("screens", "gate: {tags: outdoor\nhall:")

    after = reader.read()

    assert after.screens == before.screens
    assert [problem.file for problem in after.problems] == ["playlists/screens.yaml"]
    assert after.revision == before.revision


def test_an_empty_screens_file_is_a_problem_at_every_read(folder):
    folder.playlist("screens", "")
    reader = StoreReader(folder.root)

    assert [reader.read().problems for _ in range(2)] == [folder.read().problems] * 2
    assert len(folder.read().problems) == 1


def test_the_calendar_holds_years_holidays_and_workdays():
    raw = "years: [2027]\nholidays: [2027-01-01~2027-01-03, 2027-02-06]\nworkdays: [2027-01-30]\n"

    found = read_calendar_file(raw.encode(), "playlists/calendar.yaml")

    assert found.problems == ()
    assert found.calendar.years == {2027}
    assert sorted(day.isoformat() for day in found.calendar.holidays) == [
        "2027-01-01", "2027-01-02", "2027-01-03", "2027-02-06",
    ]  # fmt: skip
    assert [day.isoformat() for day in found.calendar.workdays] == ["2027-01-30"]


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("holidays: [2027-01-32]", ":1: holidays: is not a day"),
        ("years: [27]", ":1: years: must be a whole number from 2000"),
        (
            "holidays: [2027-01-01~2027-01-03]\nworkdays:\n- 2027-01-30\n- 2027-01-02\n",
            ":4: workdays: 2027-01-02 is also",
        ),
        ("holiday: [2027-01-01]", "did you mean 'holidays'"),
    ],
)
def test_a_calendar_with_a_fault_counts_for_nothing(raw, fault):
    found = read_calendar_file(raw.encode(), "playlists/calendar.yaml")

    assert found.calendar == CalendarData()
    assert len(found.problems) == 1
    assert fault in str(found.problems[0])


def test_a_broken_playlist_is_left_out_and_named_and_the_others_play(folder):
    folder.media("a.jpg")
    folder.playlist("good", "play: a.jpg")
    folder.playlist("broken", "play: [a.jpg\ntitle")
    folder.playlist("wrong", "paly: a.jpg")
    (folder.root / "playlists" / "gbk.yaml").write_bytes("title: 社区".encode("gbk"))

    found = folder.read()

    assert [playlist.name for playlist in found.playlists] == ["good"]
    assert {problem.file for problem in found.problems} == {
        "playlists/broken.yaml", "playlists/wrong.yaml", "playlists/gbk.yaml",
    }  # fmt: skip


def test_a_bad_item_drops_out_and_the_rest_of_its_playlist_plays(folder):
    folder.media("a.jpg")
    folder.media("bad.jpg", b"\xff\xd8\xff" + b"x" * 99)
    folder.playlist("x", "play:\n- a.jpg\n- file: bad.jpg\n- gone.jpg\n- folder: gone\n- a.jpg\n")

    found = folder.read()

    assert names(found.playlists[0]) == ["a.jpg", "a.jpg"]
    assert [str(problem) for problem in found.problems] == [
        "playlists/x.yaml:3: file: media/bad.jpg cannot be decoded: its header is damaged",
        "playlists/x.yaml:4: file: there is no file media/gone.jpg",
        "playlists/x.yaml:5: folder: there is no folder media/gone",
    ]


def test_a_playlist_of_which_nothing_is_left_is_left_out_with_a_problem(folder):
    folder.playlist("x", "play: gone.jpg")

    found = folder.read()

    assert found.playlists == ()
    assert "playlists/x.yaml: left out: nothing in it can be shown" in map(str, found.problems)


def test_a_refused_file_of_a_folder_is_named_under_its_own_path_once(folder):
    folder.media("t/a.jpg")
    folder.media("t/plan.svg", b"<svg/>")
    folder.playlist("x", "play: [{folder: t}]")
    folder.playlist("y", "play: [{folder: t}]")

    assert folder.problems() == ["media/t/plan.svg: is an SVG drawing; save it as PNG"]


@pytest.mark.parametrize(
    "name",
    ["~$plan.pptx", "~WRL0001.tmp", ".~lock.a#", "a.jpg.tmp", "a.jpg.crdownload", "a.part", "film.mp4.xltd",
     "Thumbs.db", "desktop.ini", ".DS_Store", "._a.jpg", ".hidden.jpg", "a.lnk", "site.url", "README.md"],
)  # fmt: skip
def test_junk_is_passed_over_in_silence(folder, name):
    folder.media("t/a.jpg")
    folder.media(f"t/{name}", b"junk")
    folder.playlist("x", "play: [{folder: t}]")

    assert names(only(folder.read())) == ["t/a.jpg"]


@pytest.mark.parametrize(
    ("written", "there", "guess"),
    [
        ("unity/Poster-01.JPG", "unity/poster-01.jpg", "unity/poster-01.jpg"),
        ("unity/poster-1.jpg", "unity/poster-01.jpg", "unity/poster-01.jpg"),
        ("unity/poster-01.png", "unity/poster-01.jpg", "unity/poster-01.jpg"),
        ("untiy/poster-01.jpg", "unity/poster-01.jpg", "unity/poster-01.jpg"),
        ("poster-01.jpg", "unity/poster-01.jpg", "unity/poster-01.jpg"),
        ("ｐoster.jpg", "poster.jpg", "poster.jpg"),
    ],
)
def test_a_misspelt_file_is_asked_about(folder, written, there, guess):
    folder.media(there)
    folder.playlist("x", f"play: [{{file: '{written}'}}]")

    assert f"did you mean '{guess}'?" in folder.problems()[1]


@pytest.mark.parametrize("written", ["Asia/Beijing", "北京时间", "UTC+8"])
def test_the_time_of_beijing_is_called_after_shanghai(folder, written):
    folder.playlist("screens", f"gate: {{timezone: '{written}'}}")

    assert "did you mean 'Asia/Shanghai'?" in folder.problems()[0]


def test_a_misspelt_folder_and_a_folder_written_as_a_file_are_asked_about(folder):
    folder.media("work-updates/a.jpg")
    folder.playlist("x", "play:\n- folder: work-update\n- file: work-updates\n- folder: work-updates/a.jpg\n")

    problems = folder.problems()

    assert "did you mean 'work-updates'?" in problems[1]
    assert "is a folder; write 'folder: work-updates'" in problems[2]
    assert "is a file; write 'file: work-updates/a.jpg'" in problems[3]


def test_names_composed_in_another_way_are_the_same_name(folder):
    on_disk = unicodedata.normalize("NFD", "café/é.jpg")
    folder.media(on_disk)
    folder.playlist("x", unicodedata.normalize("NFC", "play: [{folder: café}, café/é.jpg]"))

    found = folder.read()

    assert names(only(found)) == ["café/é.jpg", "café/é.jpg"]
    assert found.path_of(found.media[on_disk]).is_file()


def test_a_link_that_leads_out_of_the_store_is_refused(folder, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(picture())
    folder.media("t/good.jpg")
    (folder.root / "media/t/link.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder.root / "media/inside.jpg").symlink_to(folder.root / "media/t/good.jpg")
    (folder.root / "media/out").symlink_to(tmp_path)
    folder.playlist("x", "play: [inside.jpg, t/link.jpg, out/secret.jpg, {folder: t}]")

    found = folder.read()

    assert names(found.playlists[0]) == ["inside.jpg", "t/good.jpg"]
    assert "file: media/t/link.jpg is a link that leads out of media/" in str(found.problems)
    assert "there is no file media/out/secret.jpg" in str(found.problems)


def test_words_in_where_that_no_screen_bears_are_a_warning(folder):
    folder.media("a.jpg")
    folder.playlist("screens", "gate: {tags: [outdoor]}")
    folder.playlist("x", "where:\n- outdoor\n- gate\n- outdor\nplay: a.jpg\n")

    found = folder.read()

    assert [(str(problem), problem.severity) for problem in found.problems] == [
        ("playlists/x.yaml:4: where: no screen has the name or tag 'outdor'; did you mean 'outdoor'?", "warning")
    ]
    assert len(found.playlists) == 1


def test_a_zone_that_no_screen_meant_has_is_a_warning(folder):
    folder.media("a.jpg")
    folder.playlist("screens", "gate: {layout: side}\nhall: {layout: full}")
    folder.playlist("x", "where: hall\nzone: side\nplay: a.jpg")
    folder.playlist("y", "zone: side\nplay: a.jpg")

    assert folder.problems() == [
        "playlists/x.yaml:2: zone: no screen that this playlist is for has a zone 'side' in its layout"
    ]


def test_playlists_may_lie_in_folders_and_are_called_by_their_paths(folder):
    folder.media("a.jpg")
    for name in ("10", "2", "festivals/torch"):
        folder.playlist(name, "play: a.jpg")
    (folder.root / "playlists/upper.YML").write_text("play: a.jpg")
    (folder.root / "playlists/README.md").write_text("# notes")
    (folder.root / "playlists/~$x.yaml").write_text("[")

    found = folder.read()

    assert [playlist.name for playlist in found.playlists] == ["2", "10", "festivals/torch", "upper"]
    assert found.problems == ()


def test_files_with_one_name_or_a_hidden_ending_are_named(folder):
    folder.media("a.jpg")
    folder.playlist("x", "play: a.jpg")
    (folder.root / "playlists/x.yml").write_text("play: a.jpg")
    (folder.root / "playlists/new.yaml.txt").write_text("play: a.jpg")

    found = folder.read()

    assert len(found.playlists) == 1
    assert [str(problem) for problem in found.problems] == [
        "playlists/new.yaml.txt: is not read; rename it to new.yaml",
        "playlists/x.yml: left out: playlists/x.yaml has the same name",
    ]


@pytest.mark.parametrize("missing", ["", "media", "playlists"])
def test_a_store_that_is_not_there_is_an_error_and_not_an_empty_store(folder, missing):
    shutil.rmtree(folder.root / missing)

    with pytest.raises(SignageError, match="a store has media/ and playlists/"):
        folder.read()


def test_a_store_that_vanishes_and_comes_back_is_read_again(folder):
    folder.media("a.jpg")
    folder.playlist("x", "play: a.jpg")
    reader = StoreReader(folder.root)
    before = reader.read()
    folder.root.rename(folder.root.with_name("away"))

    with pytest.raises(SignageError):
        reader.read()

    folder.root.with_name("away").rename(folder.root)
    assert reader.read() == before


class Counting:
    """Counts the calls of a function, and passes them on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
        self.calls: list[object] = []
        real = getattr(module, name)

        def counted(*arguments: object, **keywords: object) -> object:
            self.calls.append(arguments)
            return real(*arguments, **keywords)

        monkeypatch.setattr(module, name, counted)


@pytest.fixture
def two(folder: StoreFolder) -> StoreFolder:
    """A store of two playlists with a file each, and a folder that both play."""
    for name in ("a.jpg", "b.jpg", "t/c.jpg"):
        folder.media(name)
    folder.playlist("x", "play: [a.jpg, t/]")
    folder.playlist("y", "play: [b.jpg, t/]")
    return folder


def test_read_again_gives_the_same_store_and_looks_at_nothing(two, monkeypatch):
    reader = StoreReader(two.root)
    before = reader.read()
    probed = Counting(monkeypatch, library, "examine")
    parsed = Counting(monkeypatch, store, "read_playlist_file")
    built = Counting(monkeypatch, store, "assemble")

    after = reader.read()

    assert after == before
    assert after.playlists[0] is before.playlists[0]
    assert (probed.calls, parsed.calls, built.calls) == ([], [], [])


def test_after_one_playlist_changed_only_that_one_is_read(two, monkeypatch):
    reader = StoreReader(two.root)
    before = reader.read()
    parsed = Counting(monkeypatch, store, "read_playlist_file")
    two.playlist("x", "title: neu\nplay: [a.jpg, t/]")

    after = reader.read()

    assert len(parsed.calls) == 1
    assert after.playlists[0].title == "neu"
    assert after.playlists[1] is before.playlists[1]
    assert after.revision != before.revision


@pytest.mark.parametrize(("path", "touched"), [("a.jpg", {"x"}), ("t/c.jpg", {"x", "y"}), ("t/new.jpg", {"x", "y"})])
def test_after_one_file_changed_only_the_playlists_that_use_it_are_built(two, monkeypatch, path, touched):
    reader = StoreReader(two.root)
    before = {playlist.name: playlist for playlist in reader.read().playlists}
    probed = Counting(monkeypatch, library, "examine")
    two.media(path, picture("PNG", (90, 30)))

    after = {playlist.name: playlist for playlist in reader.read().playlists}

    assert {name for name in after if after[name] is not before[name]} == touched
    assert len(probed.calls) == 1


def test_a_file_that_comes_later_mends_the_playlist_that_missed_it(folder):
    folder.media("a.jpg")
    folder.playlist("x", "play: [a.jpg, b.jpg]")
    reader = StoreReader(folder.root)
    assert len(reader.read().problems) == 1
    folder.media("b.jpg")

    assert names(only(reader.read())) == ["a.jpg", "b.jpg"]


def test_a_file_that_goes_drops_out(two):
    reader = StoreReader(two.root)
    reader.read()
    (two.root / "media/a.jpg").unlink()

    after = reader.read()

    assert names(after.playlists[0]) == ["t/c.jpg"]
    assert len(after.problems) == 1


def test_the_revision_is_of_what_the_store_says(two, tmp_path):
    first = two.read().revision
    copied = shutil.copytree(two.root, tmp_path / "copy")

    assert two.read().revision == first
    assert StoreReader(copied).read().revision == first
    make_older(two.root / "media/a.jpg", 5000)
    two.playlist("x", "# a comment\nplay: [a.jpg, t/]")
    assert two.read().revision == first


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("x", "weight: 2\nplay: [a.jpg, t/]"),
        ("x", "play: [t/, a.jpg]"),
        ("x", "when: {days: mon}\nplay: [a.jpg, t/]"),
        ("x", "play: [{file: a.jpg, seconds: 9}, t/]"),
        ("x", "play: [a.jpg, {folder: t, order: shuffle}]"),
        ("screens", "default: {tags: [new]}"),
        ("calendar", "holidays: [2027-01-01]"),
    ],
)
def test_the_revision_changes_with_anything_that_matters(two, file, text):
    first = two.read().revision
    two.playlist(file, text)

    assert two.read().revision != first


def test_a_file_being_copied_is_taken_when_it_is_complete(folder):
    folder.media("a.jpg")
    folder.playlist("x", "play: [{folder: ''}]".replace("''", "."))
    reader = StoreReader(folder.root)
    content = picture(text="b")

    with (folder.root / "media/b.jpg").open("wb") as writer:
        writer.write(content[:200])
        writer.flush()
        during = reader.read()
        was_unsettled = reader.has_unsettled
        writer.write(content[200:])
    after = reader.read()

    assert names(during.playlists[0]) == ["a.jpg"]
    assert [str(problem) for problem in during.problems] == [
        "media/b.jpg: is still being written; it is taken when it is complete"
    ]
    assert was_unsettled
    assert names(only(after)) == ["a.jpg", "b.jpg"]
    assert not reader.has_unsettled


def test_a_playlist_being_saved_goes_on_as_it_was(folder):
    folder.media("a.jpg")
    path = folder.playlist("x", "title: old\nplay: a.jpg")
    reader = StoreReader(folder.root)
    reader.read()

    with path.open("w") as writer:
        writer.write("title: ne")
        writer.flush()
        during = reader.read()
        writer.write("w\nplay: a.jpg")
    after = reader.read()

    assert during.playlists[0].title == "old"
    assert after.playlists[0].title == "new"


def test_the_next_start_probes_nothing_again(two, tmp_path, monkeypatch):
    before = StoreReader(two.root, tmp_path / "cache").read()
    probed = Counting(monkeypatch, library, "examine")

    after = StoreReader(two.root, tmp_path / "cache").read()

    assert after == before
    assert probed.calls == []


def test_a_refusal_is_remembered_too_and_a_file_that_moved_keeps_what_is_known(folder, tmp_path, monkeypatch):
    bad = folder.media("bad.jpg", b"\xff\xd8\xff" + b"x" * 99)
    good = folder.media("good.jpg")
    folder.playlist("x", "play: [{folder: .}]")
    before = StoreReader(folder.root, tmp_path / "cache").read()
    good.rename(folder.root / "media" / "moved.jpg")
    probed = Counting(monkeypatch, library, "examine")

    after = StoreReader(folder.root, tmp_path / "cache").read()

    assert probed.calls == []
    assert after.problems == before.problems
    assert list(after.media) == ["moved.jpg"]
    assert bad.exists()


def test_a_damaged_cache_is_made_anew(two, tmp_path, expect_log):
    expect_log("probecache: .*is damaged")
    cache = tmp_path / "cache"
    before = StoreReader(two.root, cache).read()
    (cache / "probe.sqlite").write_bytes(b"no database" * 1000)

    assert StoreReader(two.root, cache).read() == before
    assert StoreReader(two.root, cache).read() == before


def test_a_cache_that_cannot_be_kept_is_no_hindrance(two, tmp_path, expect_log):
    expect_log("probecache: .*(damaged|cannot be written)")
    (tmp_path / "cache").write_text("a file stands where the folder should")

    assert len(StoreReader(two.root, tmp_path / "cache").read().playlists) == 2


def test_a_full_disk_under_the_cache_is_no_hindrance(two, tmp_path, monkeypatch, expect_log):
    expect_log("probecache: .*remembered in memory only")
    reader = StoreReader(two.root, tmp_path / "cache")

    def full(*arguments: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("signage.content.probecache._prepare", full)

    assert len(reader.read().playlists) == 2
    assert len(reader.read().playlists) == 2


def test_what_is_known_of_files_long_gone_is_dropped(two, tmp_path):
    cache = tmp_path / "cache"
    StoreReader(two.root, cache).read()
    rows = [(10**9 + at, 5, at, '{"reason": "x", "zh": "x", "is_unsettled": false}') for at in range(3000)]
    with sqlite3.connect(cache / "probe.sqlite") as database:
        database.executemany("INSERT INTO finding VALUES (?, ?, ?, ?)", rows)
    database.close()

    StoreReader(two.root, cache).read()

    with sqlite3.connect(cache / "probe.sqlite") as database:
        left = database.execute("SELECT count(*) FROM finding").fetchone()[0]
    database.close()
    assert left == 3


def test_probing_gives_way_to_the_thread_that_shows_pictures(two, monkeypatch):
    seen: list[int] = []

    def noting(path, name, clock):
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return Refusal("x", "x")

    monkeypatch.setattr(library, "examine", noting)
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    two.read()

    assert seen == [max(before, 10)] * 3
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_progress_goes_up_to_its_end(two):
    seen: list[tuple[int, int]] = []

    StoreReader(two.root).read(lambda done, total: seen.append((done, total)))

    assert [done for done, _ in seen] == [1, 2, 3, 4, 5]
    assert seen[-1] == (5, 5)
    assert all(done <= total for done, total in seen)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (PermissionError(13, "Permission denied"), "permission denied"),
        (OSError(5, "Input/output error"), "Input/output"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_asked_again(folder, monkeypatch, fault, words):
    def fail(path):
        raise fault

    folder.media("a.jpg")
    folder.playlist("x", "play: a.jpg")
    reader = StoreReader(folder.root)
    with monkeypatch.context() as patched:
        patched.setattr("signage.content.media.open_plain", fail)
        during = reader.read()

    after = reader.read()

    assert words in str(during.problems[-1])
    assert names(only(after)) == ["a.jpg"]


def test_a_playlist_that_may_not_be_read_is_named_and_a_disk_that_fails_is_an_error(folder, monkeypatch):
    faults = iter([PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])

    def fail(path):
        raise next(faults)

    folder.playlist("x", "play: a.jpg")
    monkeypatch.setattr(store, "open_plain", fail)

    assert folder.problems() == ["playlists/x.yaml: cannot be read: permission denied"]
    with pytest.raises(SignageError, match="Input/output error"):
        folder.read()


def test_a_thousand_missing_files_are_named_quickly(folder, monkeypatch):
    for at in range(30):
        folder.media(f"photo-{at}.jpg")
    folder.playlist("x", "play:\n" + "".join(f"- gone/picture-{at}.jpg\n" for at in range(1000)))
    searched = Counting(monkeypatch, store, "assemble")

    assert len(folder.problems()) == 1001
    assert len(searched.calls) == 1


def test_a_playlist_that_is_a_link_out_of_the_store_is_left_out(folder, tmp_path):
    (tmp_path / "outside.yaml").write_text("play: [{template: civility, text: a}]")
    folder.playlist("x", "play: [{template: civility, text: a}]")
    (folder.root / "playlists/out.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder.root / "playlists/in.yaml").symlink_to(folder.root / "playlists/x.yaml")

    found = folder.read()

    assert [playlist.name for playlist in found.playlists] == ["in", "x"]
    assert [str(problem) for problem in found.problems] == [
        "playlists/out.yaml: left out: is a link that leads out of the store"
    ]


def test_a_playlist_over_the_size_limit_is_named(folder):
    folder.playlist("x", "#" * 16_000_001)

    assert "playlists/x.yaml: too large" in folder.problems()[0]


def test_files_that_no_playlist_uses_can_be_listed(two):
    two.media("t/bad.jpg", b"broken")
    two.media("new.jpg", b"never looked at")
    reader = StoreReader(two.root)
    reader.read()

    assert reader.unused_media == ("new.jpg",)


def test_a_link_that_leads_to_itself_takes_nothing_else_along(folder):
    folder.media("t/good.jpg")
    folder.playlist("x", "play: [{folder: t}]")
    (folder.root / "media/t/loop.jpg").symlink_to("loop.jpg")
    (folder.root / "media/t/up").symlink_to("..")
    (folder.root / "playlists/loop.yaml").symlink_to("loop.yaml")

    found = folder.read()

    assert names(found.playlists[0]) == ["t/good.jpg"]
    assert "playlists/loop.yaml: is not a plain file" in [str(problem) for problem in found.problems]


@pytest.mark.parametrize(
    "name", [b"\xb4\xf3\xc3\xc5.jpg", b"two\nlines.jpg", b"\x1b[31mred.jpg", "a\u202egpj.jpg".encode()]
)
def test_a_name_that_is_no_text_is_left_out_and_named_and_the_others_play(folder, tmp_path, name):
    folder.media("t/good.jpg")
    folder.playlist("x", "play: [{folder: t}]")
    Path(os.fsdecode(os.fsencode(folder.root / "media/t") + b"/" + name)).write_bytes(picture())

    found = StoreReader(folder.root, tmp_path / "cache").read()

    assert names(found.playlists[0]) == ["t/good.jpg"]
    (problem,) = found.problems
    assert "its name is in another encoding or holds signs that cannot be seen" in problem.message
    assert problem.file.isprintable()


def test_a_playlist_whose_name_is_no_text_is_left_out_and_named(folder):
    folder.playlist("x", "play: [{template: civility, text: a}]")
    Path(os.fsdecode(os.fsencode(folder.root / "playlists") + b"/\xb4\xf3.yaml")).write_text("play: []")

    found = folder.read()

    assert [playlist.name for playlist in found.playlists] == ["x"]
    assert [problem.file for problem in found.problems] == ["playlists/\\udcb4\\udcf3.yaml"]


def test_a_socket_among_the_playlists_is_named(folder, monkeypatch):
    folder.playlist("x", "play: [{template: civility, text: a}]")
    monkeypatch.chdir(folder.root / "playlists")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.yaml")

    assert folder.problems() == ["playlists/s.yaml: is not a plain file"]


def test_what_is_no_file_is_named(folder):
    os.mkfifo(folder.root / "playlists" / "pipe.yaml")

    assert folder.problems() == ["playlists/pipe.yaml: is not a plain file"]


def test_problems_are_in_the_order_of_files_and_lines(folder):
    for name in ("10", "2"):
        folder.playlist(name, "tilte: x\nplay: []\n")

    found = [(problem.file, problem.line) for problem in folder.read().problems]

    assert found == [
        ("playlists/2.yaml", 1),
        ("playlists/2.yaml", 2),
        ("playlists/10.yaml", 1),
        ("playlists/10.yaml", 2),
    ]
