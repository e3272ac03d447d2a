"""The office's memory, keys, signed metadata and playlists in; one verified file in `backups/` out, the old ones gone.

Media are not in it: they lie in the shared folder, and what screens need of them is found again by its sha256
(`restore`). Keys are as they lie on the disk: sealed, except those of snapshot and timestamp.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.files import NO_ROOM_ZH
from signage.base.moments import to_datetime
from signage.office.database.engine import Database
from signage.office.database.tables import Base
from signage.office.desk import Desk
from signage.office.mending import ROOTS_PASSED_FILE
from signage.office.office import PASSED_FILE

FORMAT = 1
MANIFEST = "backup.json"
SQLITE_MEMBER = "office.db"
ROWS_FOLDER = "rows"
KEPT_FOLDERS = ("keys", "drafts", "published/metadata", "published/targets")
"""What is kept of the office's folder. Blobs are found again by their sha256."""
_PREFIX, _ENDING = "backup-", ".tar.gz"
_OF_KEYS, _MOST_OF_KEYS = f"-keys{_ENDING}", 5
_CHUNK_BYTES = 1 << 20
_MOST_MANIFEST_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup that was made, or lies there: when, by the name of its file, and how large."""

    path: Path
    made_ms: int
    length_bytes: int


def make_backup(desk: Desk, *, of_keys: bool = False) -> Backup:
    """Write a backup, read it again and check all of it; only then is it there under its name.

    One `of_keys` is made because the keys have changed; it goes when a later one is there.

    Raises:
        SignageError: the disk is full, or what was written cannot be read back; the old backups are all kept.
    """
    folder = desk.folder / "backups"
    made_ms = desk.clock.now_ms()
    path = folder / f"{_PREFIX}{to_datetime(made_ms):%Y%m%dT%H%M%SZ}{_OF_KEYS if of_keys else _ENDING}"
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.ExitStack() as stack:
            stack.callback(temporary.unlink, missing_ok=True)
            _write(temporary, desk, made_ms)
            check_backup(temporary)
            temporary.replace(path)
        _sync(folder)
    except (OSError, sqlite3.Error, SQLAlchemyError, tarfile.TarError) as error:
        raise SignageError(f"{path}: the backup could not be made ({error}) ({NO_ROOM_ZH})") from error
    return Backup(path, made_ms, path.stat().st_size)


def list_backups(folder: Path) -> list[Backup]:
    """Give the backups in the office's folder, newest first."""
    found = sorted((folder / "backups").glob(f"{_PREFIX}*{_ENDING}"), reverse=True)
    return [Backup(path, int(path.stat().st_mtime * 1000), path.stat().st_size) for path in found]


def drop_old_backups(folder: Path, kept: int) -> list[Path]:
    """Delete all but the newest `kept` backups, at least one; give those that went.

    Those made because keys changed are counted apart, and go when a later backup of the usual kind is there.
    """
    found = [backup.path for backup in list_backups(folder)]
    usual = [path for path in found if not path.name.endswith(_OF_KEYS)]
    of_keys = [path for path in found if path.name.endswith(_OF_KEYS)]
    old = usual[max(1, kept) :] + [
        path for n, path in enumerate(of_keys) if n >= _MOST_OF_KEYS or (usual and path.name < usual[0].name)
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def check_backup(path: Path) -> dict[str, object]:
    """Read all of a backup and give what its first member says of it.

    Raises:
        SignageError: it is cut, was changed, or is no backup; take another one.
    """
    try:
        with gzip.open(path) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            first = archive.next()
            if first is None or first.name != MANIFEST or first.size > _MOST_MANIFEST_BYTES:
                raise SignageError(f"{path}: is no backup of an office (这不是备份文件)")
            said: dict[str, object] = json.loads(_bytes_of(archive, first))
            expected = said["files"]
            if said["format"] != FORMAT or not isinstance(expected, dict):
                raise SignageError(f"{path}: was made by another version (备份的版本不符)")
            found = {member.name: _digest_of(archive, member) for member in iter(archive.next, None)}
            _read_to_end(stream)
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SignageError(f"{path}: the backup is damaged ({error}); take another one (备份已损坏)") from error
    if found != expected:
        raise SignageError(f"{path}: the backup is not what was written; take another one (备份内容不完整)")
    return said


def _write(path: Path, desk: Desk, made_ms: int) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as work:
        members = _database_members(desk.database, Path(work))
        with desk.office().repository.locked():
            # Only these files, and not the long writing after: a blackout must not wait for a backup.
            members += _copies(_folder_members(desk), Path(work, "files"))
        digests = {name: _file_digest(source) for name, source in members}
        said = {"format": FORMAT, "made_ms": made_ms, "files": digests}
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=6) as archive:
                _add_bytes(archive, MANIFEST, json.dumps(said, ensure_ascii=False).encode())
                for name, source in members:
                    archive.add(source, name, recursive=False)
            stream.flush()
            os.fsync(stream.fileno())


def _copies(members: Iterable[tuple[str, Path]], into: Path) -> list[tuple[str, Path]]:
    copies = []
    for name, source in members:
        copy = into / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        copies.append((name, copy))
    return copies


def _folder_members(desk: Desk) -> Iterator[tuple[str, Path]]:
    """Give the files of the office's folder and of the store that belong into a backup."""
    for name in KEPT_FOLDERS:
        yield from _files_below(desk.folder / name, name)
    for name in (PASSED_FILE, ROOTS_PASSED_FILE):
        if (desk.folder / name).exists():
            yield name, desk.folder / name
    yield from _files_below(desk.store / "playlists", "playlists")


def _files_below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.endswith((".tmp", ".lock")):
            yield f"{name}/{path.relative_to(folder).as_posix()}", path


def _database_members(database: Database, work: Path) -> list[tuple[str, Path]]:
    """Give a copy of the database: of SQLite its file, of any other its rows as JSON lines, a file for each table."""
    if database.is_sqlite:
        copy = work / SQLITE_MEMBER
        _copy_sqlite(Path(str(database.engine.url.database)), copy)
        return [(SQLITE_MEMBER, copy)]
    members = []
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            path = work / f"{table.name}.jsonl"
            with path.open("w", encoding="utf-8") as lines:
                for row in session.execute(select(table).execution_options(yield_per=1000)):
                    lines.write(json.dumps(_plain(row._mapping), ensure_ascii=False) + "\n")
            members.append((f"{ROWS_FOLDER}/{table.name}.jsonl", path))
    return members


def _plain(row: object) -> dict[str, object]:
    return {
        str(name): {"hex": value.hex()} if isinstance(value, bytes) else value
        for name, value in dict(row).items()  # type: ignore[call-overload]
    }


def _copy_sqlite(source: Path, copy: Path) -> None:
    """Copy a database that is in use.

    Raises:
        SignageError: the copy is not sound: the database itself is damaged.
    """
    with contextlib.closing(sqlite3.connect(source)) as origin, contextlib.closing(sqlite3.connect(copy)) as target:
        origin.backup(target)
        found = target.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise SignageError(f"{source}: the database is damaged ({found}); restore an older backup (数据库已损坏)")


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_to_end(stream: gzip.GzipFile) -> None:
    """Read to the checksum at gzip's end, which alone covers the first member; tarfile stops before it.

    Raises:
        OSError, EOFError, zlib.error: it is cut or was changed.
    """
    while stream.read(_CHUNK_BYTES):
        pass


def _digest_of(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    if not member.isfile():
        raise tarfile.TarError(f"{member.name} is no file")
    stream = archive.extractfile(member)
    assert stream is not None
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _bytes_of(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    assert stream is not None
    return stream.read()


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    said = tarfile.TarInfo(name)
    said.size = len(data)
    archive.addfile(said, io.BytesIO(data))


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def backup_age_ms(folder: Path, clock: Clock) -> int | None:
    """Give how old the newest backup is; None where there is none."""
    found = list_backups(folder)
    return clock.now_ms() - found[0].made_ms if found else None
