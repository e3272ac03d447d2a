"""A backup in, an office's folder as it was out. Nothing is overwritten: what was there is set aside.

Screens take nothing older than what they have seen, and nobody knows what that was when the office was lost: so the
restored office goes on under numbers far above all that it has signed, and everybody has to sign in again.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.exc import SQLAlchemyError

from signage.base.clock import Clock, SystemClock
from signage.base.errors import SignageError
from signage.base.files import write_durably
from signage.base.moments import to_datetime
from signage.content.values import MediaFile
from signage.office.backup import MANIFEST, ROWS_FOLDER, SQLITE_MEMBER, check_backup
from signage.office.blobs import copy_blobs
from signage.office.database.engine import open_database
from signage.office.database.tables import Base, SessionRow
from signage.office.drafts import decode_once
from signage.office.mending import NOTHING_FOUND, Found, note_restored, take_newer_roots
from signage.office.office import PASSED_FILE, Office
from signage.office.publish import next_number, on_air
from signage.office.standing import LOCK_FILE, held
from signage.release.errors import ReleaseError
from signage.release.keys import name_of
from signage.release.layout import blob_path
from signage.release.repository import Change

LEAP = 10_000
"""How many numbers are skipped: more than an office signs between two backups."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it: files that were written, where the old folders lie now, and media that were not found.

    `found` is what was newer than the backup beside it; `lost_keys` are keys of root without which screens cannot be
    led on: they were made after the backup and lie elsewhere.
    """

    files: int
    set_aside: tuple[Path, ...]
    missing_media: int
    found: Found = NOTHING_FOUND
    lost_keys: tuple[str, ...] = ()


def restore(
    backup: Path,
    folder: Path,
    store: Path | None = None,
    *,
    database: str = "",
    force: bool = False,
    clock: Clock | None = None,
    roots: Sequence[Path] = (),
) -> Restored:
    """Put an office's folder, and with `store` its playlists, back as they were. All is checked before anything moves.

    `roots` are folders where roots and keys that are newer than the backup may lie, besides the folder itself.

    `database` is the URL of an empty database where the backup is of one that is not SQLite.

    Raises:
        SignageError: the backup is damaged; the folder is not empty and `force` is False; an office runs there; the
            disk is full.
    """
    said = check_backup(backup)
    clock = clock or SystemClock()
    stamp = f"{to_datetime(clock.now_ms()):%Y%m%dT%H%M%SZ}"
    if _has_something(folder) and not force:
        raise SignageError(
            f"{folder}: is not empty; with --force it is set aside (文件夹不是空的；加 --force 会先把它移开)"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with held(folder) if _has_something(folder) else contextlib.nullcontext():
        return _restore(backup, said, folder, store, database, clock, stamp, [folder, *roots])


def _restore(
    backup: Path,
    said: dict[str, object],
    folder: Path,
    store: Path | None,
    database: str,
    clock: Clock,
    stamp: str,
    beside: Sequence[Path],
) -> Restored:
    aside: list[Path] = []
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as work:
            fresh = Path(work, "office")
            _unpack(backup, fresh)
            playlists = fresh / "playlists"
            restored_playlists = Path(work, "playlists")
            if playlists.exists():
                playlists.rename(restored_playlists)
            _load_rows(fresh, database)
            _sign_everybody_out(database or fresh / SQLITE_MEMBER)
            found = _follow_roots(Office(fresh, clock=clock), beside)
            _leap(Office(fresh, clock=clock), Office(folder, clock=clock))
            old = _replace(folder, fresh, stamp, aside)
            if store is not None and restored_playlists.exists():
                store.mkdir(parents=True, exist_ok=True)
                _replace(store / "playlists", restored_playlists, stamp, aside)
    except (OSError, tarfile.TarError, SQLAlchemyError) as error:
        raise SignageError(f"{folder}: could not be restored ({error}); nothing was lost") from error
    missing = _fill_blobs(Office(folder, clock=clock), [old, store])
    files = said["files"]
    lost = _lost_keys(Office(folder, clock=clock))
    return Restored(len(files) if isinstance(files, dict) else 0, tuple(aside), missing, found, lost)


def _follow_roots(office: Office, beside: Sequence[Path]) -> Found:
    if not office.repository.exists:
        return NOTHING_FOUND
    found = take_newer_roots(office, beside)
    note_restored(office)
    return found


def _lost_keys(office: Office) -> tuple[str, ...]:
    """Give the keys of root that are not here, where too few are."""
    if not office.repository.exists:
        return ()
    root = office.repository.root().signed
    names = [name_of(root.keys[key_id]) for key_id in root.roles["root"].keyids]
    missing = [name for name in names if not office.key_path(name).exists()]
    return tuple(missing) if len(names) - len(missing) < root.roles["root"].threshold else ()


def _has_something(folder: Path) -> bool:
    return folder.exists() and any(path.name != LOCK_FILE for path in folder.iterdir())


def _sign_everybody_out(place: Path | str) -> None:
    """End the sessions of then: who was signed out since would be signed in again."""
    memory = open_database(place)
    try:
        with memory.writing() as session:
            session.execute(delete(SessionRow))
    finally:
        memory.close()


def _leap(office: Office, replaced: Office) -> None:
    """Skip numbers, so that what this office signs next is newer than all that screens can have seen of it."""
    if not office.repository.exists:
        return
    highest = max(_highest(office), _highest(replaced))
    behind = max(highest - office.repository.timestamp().signed.version, 0)
    write_durably(office.folder / PASSED_FILE, str(highest + LEAP).encode())
    with office.repository.locked():
        try:
            signers = office.online_signers()
        except ReleaseError:
            return  # keys that were made after the backup and are lost: they are made anew by `mend`, which leaps too
        office.repository.commit(Change(leap=behind + LEAP), signers)


def _highest(office: Office) -> int:
    """Give the highest number that this office has signed anything under; 0 where that cannot be read."""
    try:
        repository = office.repository
        return max(next_number(office), repository.targets().signed.version, repository.timestamp().signed.version)
    except (SignageError, OSError):
        return 0


def _unpack(backup: Path, into: Path) -> None:
    """Write the members, whose names were in a checked list; and none of them outside."""
    with tarfile.open(backup, "r:gz") as archive:
        for member in archive:
            if member.name == MANIFEST:
                continue
            target = (into / member.name).resolve()
            if not target.is_relative_to(into.resolve()) or not member.isfile():
                raise SignageError(f"{backup}: names a file outside of its folder: {member.name}")
            stream = archive.extractfile(member)
            assert stream is not None
            is_secret = member.name.startswith(("keys/", f"{ROWS_FOLDER}/")) or member.name == SQLITE_MEMBER
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if is_secret and "/" in member.name else 0o755)
            mode = 0o600 if is_secret else 0o644
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as copy:
                shutil.copyfileobj(stream, copy)
                copy.flush()
                os.fsync(copy.fileno())


def _load_rows(fresh: Path, database: str) -> None:
    """Put rows of another database than SQLite into the empty one that was named."""
    rows = fresh / ROWS_FOLDER
    if not rows.exists():
        if database:
            raise SignageError(f"the backup holds {SQLITE_MEMBER}; leave --database out")
        return
    memory = open_database(database or fresh / SQLITE_MEMBER)
    try:
        with memory.writing() as session:
            for table in Base.metadata.sorted_tables:
                path = rows / f"{table.name}.jsonl"
                lines = path.read_text("utf-8").splitlines() if path.exists() else []
                try:
                    for batch in _batches(lines):
                        session.execute(insert(table), batch)
                except (ValueError, TypeError, AttributeError, RecursionError) as error:
                    raise SignageError(f"{path.name}: is not rows of {table.name}; take another backup") from error
    finally:
        memory.close()
    shutil.rmtree(rows)


def _batches(lines: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in lines:
        row = json.loads(line)
        batch.append({name: bytes.fromhex(one["hex"]) if _is_bytes(one) else one for name, one in row.items()})
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _is_bytes(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"hex"}


def _replace(place: Path, fresh: Path, stamp: str, aside: list[Path]) -> Path | None:
    """Put the fresh folder at its place; give where what was there lies now."""
    old = None
    if place.exists():
        old = place.with_name(f"{place.name}.before-{stamp}")
        place.rename(old)
        aside.append(old)
    try:
        fresh.rename(place)
    except OSError:
        if old is not None:
            old.rename(place)
            aside.remove(old)
        raise
    return old


def _fill_blobs(office: Office, sources: Iterable[Path | None]) -> int:
    """Find the media that screens need, by their sha256, in these folders; how many were not found."""
    if not office.repository.exists:
        return 0
    wanted = {
        media.sha256: media
        for data in on_air(office).values()
        for media in decode_once(data).store.media.values()
        if not (office.repository.folder / blob_path(media.sha256)).exists()
    }
    lengths = {media.length_bytes for media in wanted.values()}
    for source in sources:
        for path in sorted(source.rglob("*")) if source is not None else ():
            if not wanted:
                return 0
            with contextlib.suppress(OSError):
                if path.is_symlink() or not path.is_file() or path.stat().st_size not in lengths:
                    continue
                for digest, media in list(wanted.items()):
                    if media.length_bytes == path.stat().st_size and _copied(office, media, path):
                        del wanted[digest]
    return len(wanted)


def _copied(office: Office, media: MediaFile, path: Path) -> bool:
    """Copy the file if it is this blob: its sha256 is checked while it is copied."""
    try:
        copy_blobs([(media, path)], office.repository.folder)
    except SignageError:
        return False
    return True
