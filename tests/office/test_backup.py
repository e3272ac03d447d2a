"""A backup is whole or is not there; what it restores is what there was, on either database."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from signage.base.clock import ManualClock
from signage.base.errors import SignageError
from signage.office.backup import FORMAT, MANIFEST, check_backup, drop_old_backups, list_backups, make_backup
from signage.office.console.sessions import Sessions
from signage.office.database.tables import AuditRow, KeptRow, SettingRow, ShownRow
from signage.office.desk import Desk, open_desk
from signage.office.leftovers import drop_leftovers
from signage.office.nightly import Nightly
from signage.office.office import Office
from signage.office.people import rotate_key
from signage.office.publish import number_on_air, on_air, publish
from signage.office.restore import LEAP, restore
from signage.office.retention import prune_memory
from signage.office.standing import held
from signage.office.urgent import give_order, text_item
from signage.release.orders import OrderKind
from signage.release.verify import Accepted, Refused
from tests.office.desk import COST, PASSPHRASE, START, Follower, let_sign_in, make_office, make_store

DAY_MS = 86_400_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def desk(tmp_path: Path, clock: ManualClock) -> Iterator[Desk]:
    desk = _desk(tmp_path, clock)
    yield desk
    desk.close()


def _desk(tmp_path: Path, clock: ManualClock, database: str = "") -> Desk:
    """An office with a release on air that needs two media files."""
    store = make_store(tmp_path / "store", {"a.png": b"picture a", "b.png": b"picture b"})
    (tmp_path / "store" / "playlists").mkdir()
    (tmp_path / "store" / "playlists" / "daily.yaml").write_text("title: 每日  # a remark\n", "utf-8")
    office = make_office(tmp_path / "office", clock)
    publish(office, store)
    desk = open_desk(tmp_path / "store", tmp_path / "office", database=database, clock=clock, takes_in=False)
    desk.settings.change(community="石榴社区", is_set_up=True)
    desk.audit.note("王芳", "settings.changed", "community")
    return desk


def said(desk: Desk) -> tuple[str, list[str], int]:
    with desk.database.reading() as session:
        actions = [row.action for row in session.scalars(select(AuditRow))]
    return desk.settings.read().community, actions, number_on_air(desk.office())


def test_what_is_restored_is_what_was_backed_up_and_the_old_is_set_aside(
    desk: Desk, tmp_path: Path, clock: ManualClock
) -> None:
    backup = make_backup(desk)
    before = said(desk)
    desk.settings.change(community="别的")
    (desk.store / "playlists" / "daily.yaml").write_text("title: broken", "utf-8")
    desk.close()

    done = restore(backup.path, desk.folder, desk.store, force=True, clock=clock)

    again = open_desk(desk.store, desk.folder, clock=clock, takes_in=False)
    assert said(again) == before
    assert again.audit.first_fault() is None
    assert (desk.store / "playlists" / "daily.yaml").read_text("utf-8") == "title: 每日  # a remark\n"
    assert done.missing_media == 0
    assert len(on_air(again.office())) > 0
    assert len(list((desk.folder / "published" / "blobs").glob("*/*"))) >= 2
    assert {path.name.split(".before-")[0] for path in done.set_aside} == {"office", "playlists"}
    again.close()


def test_the_keys_are_restored_for_their_owner_only_and_open_with_the_same_passphrase(
    desk: Desk, tmp_path: Path, clock: ManualClock
) -> None:
    backup = make_backup(desk)

    restore(backup.path, tmp_path / "elsewhere", clock=clock)

    keys = list((tmp_path / "elsewhere" / "keys").iterdir())
    assert keys
    assert all(path.stat().st_mode & 0o077 == 0 for path in keys)
    again = open_desk(tmp_path / "none", tmp_path / "elsewhere", clock=clock, takes_in=False)
    again.office(lambda _name: PASSPHRASE).open_key("release")
    again.close()


def test_a_folder_that_is_not_empty_is_left_alone(desk: Desk, clock: ManualClock) -> None:
    backup = make_backup(desk)

    with pytest.raises(SignageError, match="--force"):
        restore(backup.path, desk.folder, clock=clock)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_backup_that_is_cut_is_refused_before_anything_moves(
    desk: Desk, tmp_path: Path, clock: ManualClock, part: float
) -> None:
    backup = make_backup(desk)
    data = backup.path.read_bytes()
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(data[: int(len(data) * part)])

    with pytest.raises(SignageError):
        restore(cut, desk.folder, force=True, clock=clock)

    assert (desk.folder / "office.db").exists()


def test_a_backup_with_one_changed_file_or_one_outside_is_refused(desk: Desk, tmp_path: Path) -> None:
    backup = make_backup(desk)
    changed = tmp_path / "changed.tar.gz"
    with tarfile.open(backup.path, "r:gz") as old, tarfile.open(changed, "w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        extra = tarfile.TarInfo("../outside")
        new.addfile(extra)

    with pytest.raises(SignageError):
        check_backup(changed)


def test_a_backup_of_which_the_last_bytes_are_missing_is_not_taken_for_whole(desk: Desk, tmp_path: Path) -> None:
    """They hold the checksum that alone covers what the backup says of itself."""
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(make_backup(desk).path.read_bytes()[:-8])

    with pytest.raises(SignageError, match="damaged"):
        check_backup(cut)


def test_a_backup_that_was_changed_in_what_it_says_of_itself_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = make_backup(desk).path
    whole = gzip.decompress(path.read_bytes())
    raw = whole.replace(b'"made_ms": 1', b'"made_ms": 2', 1)
    changed = tmp_path / "changed.tar.gz"
    changed.write_bytes(gzip.compress(raw)[:-8] + path.read_bytes()[-8:])

    assert raw != whole
    with pytest.raises(SignageError, match="damaged"):
        check_backup(changed)


def with_files(path: Path, said: bytes, **files: bytes) -> Path:
    """Write an archive whose first member says this; `__` in the name of a file is a slash."""
    with tarfile.open(path, "w:gz") as archive:
        for name, data in {MANIFEST: said, **{name.replace("__", "/"): data for name, data in files.items()}}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    "said", [b"[" * 200_000, b" " * (33 << 20) + b'{"format": 1, "files": {}}'], ids=["deep", "huge"]
)
def test_an_archive_that_says_too_much_of_itself_is_refused_in_words(tmp_path: Path, said: bytes) -> None:
    with pytest.raises(SignageError):
        check_backup(with_files(tmp_path / "odd.tar.gz", said))


def test_rows_that_are_none_are_refused_in_words_and_nothing_is_left(tmp_path: Path, clock: ManualClock) -> None:
    rows = {"rows__person.jsonl": b"no JSON\n"}
    digests = {name.replace("__", "/"): hashlib.sha256(data).hexdigest() for name, data in rows.items()}
    said = json.dumps({"format": FORMAT, "files": digests}).encode()

    with pytest.raises(SignageError, match="rows of person"):
        restore(with_files(tmp_path / "odd.tar.gz", said, **rows), tmp_path / "new", clock=clock)

    assert [path.name for path in tmp_path.iterdir()] == ["odd.tar.gz"]


def test_a_disk_that_is_full_leaves_the_old_backups_and_no_half_one(
    desk: Desk, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(desk)
    clock.advance(DAY_MS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("signage.office.backup.os.fsync", full)
    with pytest.raises(SignageError, match="写不进硬盘"):
        make_backup(desk)

    assert len(list_backups(desk.folder)) == 1
    assert [path.name for path in (desk.folder / "backups").iterdir() if path.name.startswith(".")] == []


def test_only_the_newest_backups_are_kept(desk: Desk, clock: ManualClock) -> None:
    for _ in range(4):
        clock.advance(DAY_MS)
        make_backup(desk)

    drop_old_backups(desk.folder, 2)

    assert len(list_backups(desk.folder)) == 2


def test_the_nights_work_is_done_once_after_its_hour_and_caught_up_after_a_night_off(
    desk: Desk, clock: ManualClock
) -> None:
    nightly = Nightly(desk)  # START is 09:00 in Shanghai, the hour is 3

    first = nightly.look()
    clock.advance(DAY_MS)
    second, third = nightly.look(), nightly.look()
    clock.advance(5 * DAY_MS)
    fourth = nightly.look()

    assert (first, second, third, fourth) == (False, True, False, True)
    assert len(list_backups(desk.folder)) == 2


def test_half_files_of_an_office_that_was_cut_off_go_when_nobody_can_write_them_any_more(
    desk: Desk, clock: ManualClock
) -> None:
    places = (desk.folder / "backups", desk.folder / "uploads", desk.store / "media" / "t")
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
    half = [places[0] / ".backup-a.tar.gz.tmp", places[0] / ".backup-b" / "office.db", places[1] / "c" / "film.mp4"]
    half += [places[2] / ".upload-0011.tmp", places[2] / ".upload-0022.tmp", places[2] / "film.mp4"]
    for path in half:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    now_s = clock.now_ms() / 1000
    for path in (*half, half[1].parent, half[2].parent):
        os.utime(path, (now_s, now_s - (60 if path is half[4] else 90_000)))

    count = drop_leftovers(desk)

    assert count == 4
    assert [path.name for path in half if path.exists()] == [".upload-0022.tmp", "film.mp4"]


def test_a_night_that_fails_is_told_once_and_tried_again(
    desk: Desk, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, expect_log
) -> None:
    expect_log("the night's work failed")
    nightly = Nightly(desk)
    nightly.look()
    clock.advance(DAY_MS)

    def full(_desk: Desk) -> None:
        raise SignageError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("signage.office.nightly.make_backup", full)
        assert not nightly.look()
        assert not nightly.look()
    alarms = [alarm.message for alarm in desk.alarms.open()]

    assert alarms == ["备份没有成功：the disk is full"]
    assert nightly.look()
    assert desk.alarms.open() == []


def _show(desk: Desk, key: int, at_ms: int) -> None:
    with desk.database.writing() as session:
        session.add(
            ShownRow(
                screen="gate", key=key, zone="main", item="a", kind="picture", sha256="", playlist="p",
                planned_start_ms=at_ms, planned_end_ms=at_ms, started_ms=at_ms, ended_ms=at_ms, outcome="shown",
            )
        )  # fmt: skip


def test_what_was_kept_long_enough_goes_and_a_clock_far_ahead_does_not_empty_the_office(
    desk: Desk, clock: ManualClock
) -> None:
    now_ms = clock.now_ms()
    _show(desk, 1, now_ms - 300 * DAY_MS)
    _show(desk, 2, now_ms - 10 * DAY_MS)

    gone = prune_memory(desk)
    clock.jump(4000 * DAY_MS)
    gone_ahead = prune_memory(desk)

    assert gone.shown == 1
    assert gone_ahead.shown == 0


def test_what_was_thrown_away_is_kept_as_long_as_all_else(desk: Desk, clock: ManualClock) -> None:
    trash = desk.folder / "trash" / "media"
    trash.mkdir(parents=True)
    old, fresh = (trash / f"{clock.now_ms() - days * DAY_MS}-abc123@海报.jpg" for days in (201, 10))
    old.touch()
    fresh.touch()

    gone = prune_memory(desk)

    assert gone.thrown_away == 1
    assert [path.name for path in trash.iterdir()] == [fresh.name]


def test_a_backup_of_postgresql_restores_into_an_empty_database_of_either_kind(
    server: str, tmp_path: Path, clock: ManualClock
) -> None:
    desk = _desk(tmp_path, clock, server)
    with desk.database.writing() as session:
        session.add(KeptRow(name="bytes", value=b"\x00\xff"))
    before = said(desk)

    backup = make_backup(desk)
    restore(backup.path, tmp_path / "elsewhere", clock=clock)
    again = open_desk(desk.store, tmp_path / "elsewhere", clock=clock, takes_in=False)

    assert said(again) == before
    with again.database.reading() as session:
        kept = session.get(KeptRow, "bytes")
        assert kept is not None
        assert kept.value == b"\x00\xff"
        assert session.get(SettingRow, "community") is not None
    again.close()
    desk.close()


def test_screens_that_saw_more_than_the_backup_take_what_comes_after_the_restore(desk: Desk, tmp_path: Path) -> None:
    """Its first order was given after the backup: screens then want one of the restored office, too."""
    assert isinstance(desk.clock, ManualClock)
    office = Office(desk.folder, lambda name: PASSPHRASE, desk.clock, COST)
    screen = Follower(tmp_path / "screen", office, desk.clock)
    made = make_backup(desk)
    for number in range(3):
        publish(office, make_store(tmp_path / f"later{number}", {f"{number}.png": b"%d" % number}))
    give_order(office, OrderKind.TAKEOVER, item=text_item("停水"))
    assert isinstance(screen.look(), Accepted)

    restore(made.path, desk.folder, force=True, clock=desk.clock)
    before = screen.look()
    publish(office, make_store(tmp_path / "next", {"b.png": b"b"}))
    give_order(office, OrderKind.RESUME)
    after = screen.look()

    assert isinstance(before, Refused)
    assert screen.shows(after) == ["b.png"]
    assert number_on_air(office) > LEAP
    assert isinstance(screen.restart(), Accepted)


def test_a_second_restore_of_the_same_backup_skips_further(desk: Desk, tmp_path: Path) -> None:
    assert isinstance(desk.clock, ManualClock)
    kept = tmp_path / "kept.tar.gz"
    kept.write_bytes(make_backup(desk).path.read_bytes())
    office = desk.office()

    restore(kept, desk.folder, force=True, clock=desk.clock)
    first = (office.number_passed, office.repository.timestamp().signed.version)
    desk.clock.advance(60_000)
    restore(kept, desk.folder, force=True, clock=desk.clock)

    assert office.number_passed >= first[0] + LEAP
    assert office.repository.timestamp().signed.version > first[1]


def test_a_running_office_is_not_restored_over(desk: Desk) -> None:
    made = make_backup(desk)

    with held(desk.folder), pytest.raises(SignageError, match="runs there already"):
        restore(made.path, desk.folder, force=True, clock=desk.clock)


def test_whoever_was_signed_in_when_the_backup_was_made_is_not_any_more(desk: Desk, tmp_path: Path) -> None:
    token = Sessions(desk.database, desk.clock).begin(1, "", "")
    let_sign_in(desk, "王芳")
    assert Sessions(desk.database, desk.clock).person_of(token) is not None

    restore(make_backup(desk).path, tmp_path / "new", clock=desk.clock)

    again = open_desk(desk.store, tmp_path / "new", clock=desk.clock, takes_in=False)
    assert Sessions(again.database, desk.clock).person_of(token) is None
    assert (tmp_path / "new/office.db").stat().st_mode & 0o077 == 0
    again.close()


def test_the_audit_log_still_proves_itself_after_its_oldest_rows_went(desk: Desk, clock: ManualClock) -> None:
    for day in range(5):
        desk.audit.note("王芳", f"day.{day}")
        clock.advance(DAY_MS)

    clock.advance(197 * DAY_MS)
    gone = prune_memory(desk).actions
    with desk.database.reading() as session:
        kept = [row.action for row in session.scalars(select(AuditRow).order_by(AuditRow.number))]

    assert gone > 0
    assert kept[-2:] == ["day.4", "audit.pruned"]
    assert desk.audit.first_fault() is None


def test_rows_taken_out_of_the_old_end_of_the_audit_log_are_noticed(desk: Desk, clock: ManualClock) -> None:
    desk.audit.note("王芳", "day.1")
    desk.audit.note("王芳", "day.2")

    with desk.database.writing() as session:
        session.execute(delete(AuditRow).where(AuditRow.number == 1))

    assert desk.audit.first_fault() is not None


def test_a_clock_far_ahead_takes_at_most_a_week_off_the_audit_log(desk: Desk, clock: ManualClock) -> None:
    for day in range(20):
        desk.audit.note("王芳", f"day.{day}")
        clock.advance(DAY_MS)

    clock.advance(9999 * DAY_MS)
    gone = prune_memory(desk).actions

    assert 7 <= gone <= 9
    assert desk.audit.first_fault() is None


def test_orders_do_not_wait_while_a_backup_is_being_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(desk.clock, ManualClock)
    office = Office(desk.folder, lambda name: PASSPHRASE, desk.clock, COST)
    given = []

    def digest_and_order(path: Path) -> str:
        if not given:
            given.append(give_order(office, OrderKind.BLACKOUT))
        return hashlib.sha256(path.read_bytes()).hexdigest()

    monkeypatch.setattr("signage.office.backup._file_digest", digest_and_order)

    made = make_backup(desk)

    assert given
    assert check_backup(made.path)


def test_after_each_change_of_the_keys_a_backup_is_made_at_once(desk: Desk, clock: ManualClock) -> None:
    nightly = Nightly(desk)
    office = Office(desk.folder, lambda name: PASSPHRASE, clock, COST)

    nightly.look()
    new_office = len(list_backups(desk.folder))
    clock.advance(1000)
    nightly.look()
    unchanged = len(list_backups(desk.folder))
    rotate_key(office, "timestamp")
    nightly.look()
    rotated = list_backups(desk.folder)[0]
    with tarfile.open(rotated.path) as archive:
        names = set(archive.getnames())
    clock.advance(DAY_MS)
    nightly.look()

    assert (new_office, unchanged) == (1, 1)
    assert rotated.path.name.endswith("-keys.tar.gz")
    assert {"keys/timestamp-2.key", "published/metadata/2.root.json"} <= names
    assert [one.path.name.endswith("-keys.tar.gz") for one in list_backups(desk.folder)] == [False]


def test_many_changes_of_keys_push_no_nights_backup_out(desk: Desk, clock: ManualClock) -> None:
    usual = make_backup(desk).path
    for _ in range(8):
        clock.advance(60_000)
        make_backup(desk, of_keys=True)

    drop_old_backups(desk.folder, 2)

    assert len(list_backups(desk.folder)) == 6
    assert usual.exists()
