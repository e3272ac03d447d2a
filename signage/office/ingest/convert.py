"""One file of the shared folder in; what is to be shown in its place out, from a private copy that nobody else has."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from signage.base.files import open_plain
from signage.content.endings import TAIL_BYTES, is_cut, is_shorter_than_stated
from signage.content.notices import NoticeText, as_named, is_named_as_text, read_notice
from signage.content.probecache import Finding
from signage.content.refusal import NOT_DECODABLE_ZH, TRUNCATED_ZH, Refusal, RefusalError
from signage.content.scan import FileKey
from signage.content.signatures import HEAD_BYTES, UNKNOWN, Family, Format, recognise
from signage.office.ingest.documents import take_office, take_pdf
from signage.office.ingest.films import take_film
from signage.office.ingest.pictures import take_picture
from signage.office.ingest.recipe import Recipe
from signage.office.ingest.taken import Report, Taken

_BLOCK_BYTES = 1 << 20
LEAST_FREE_BYTES = 500_000_000
_LARGEST_PICTURE_BYTES = 1 << 30
_CHANGED = Refusal(
    "changed while it was read; it is taken when it is complete", "读取时文件有变动，写完后会自动采用", True
)
_OUTSIDE = Refusal(
    "lies outside media/, behind a link; copy it into the folder", "是指向 media/ 之外的链接，请把文件复制进来"
)
_TRUNCATED = Refusal("is truncated: its end is missing; copy it again", TRUNCATED_ZH)
_HOLE_BYTES = 4096
_ASF_FACTS = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")


@dataclass(frozen=True, slots=True)
class Job:
    """What a conversion is to do. `source` is the original, `path` its path below `media/`, `key` its state.

    `folder` takes renditions and thumbnails by their contents; `work` is a folder of this conversion alone. So much of
    the disk as `least_free_bytes` is left to others.
    """

    source: Path
    path: str
    key: FileKey
    recipe: Recipe
    folder: Path
    work: Path
    profile: Path
    least_free_bytes: int = LEAST_FREE_BYTES


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file. `sha256` is of the original. `rendition` and `thumbnail` are paths below `folder`,
    `original_px` is its size as a viewer sees it.

    After one that `is_last` the process has to be ended with all its children: LibreOffice may hang on.
    """

    finding: Finding
    sha256: str = ""
    rendition: str = ""
    thumbnail: str = ""
    is_last: bool = False
    original_px: tuple[int, int] | None = None


def convert(job: Job, report: Report) -> Outcome:
    """Copy the file, decode all of it, and make what is to be shown of it.

    Raises:
        OSError: the disk does not take it; try again later.
    """
    job.work.mkdir(parents=True, exist_ok=True)
    try:
        copy = job.work / "original"
        sha256 = _copy(job, copy)
        if isinstance(sha256, Refusal):
            return Outcome(sha256)
        return _taken(job, copy, sha256, report)
    except RefusalError as error:
        return Outcome(error.refusal)
    finally:
        shutil.rmtree(job.work, ignore_errors=True)


def _copy(job: Job, copy: Path) -> str | Refusal:
    """Copy the file and give the sha256 of what was copied; a Refusal where it is not as it was, or does not fit."""
    free = shutil.disk_usage(job.work).free
    if free < 2 * job.key[1] + job.least_free_bytes:
        return Refusal(
            f"needs more free space on the office's disk ({free // 1_000_000} MB are left)",
            f"办公室电脑磁盘空间不足（剩余 {free // 1_000_000} MB），清理后会自动采用",
            is_unsettled=True,
        )
    digest = hashlib.sha256()
    try:
        with open_plain(job.source) as source, copy.open("wb") as target:
            if _key(source.fileno()) != job.key:
                return _CHANGED
            if not _is_inside(source.fileno(), job):
                return _OUTSIDE
            while block := source.read(_BLOCK_BYTES):
                digest.update(block)
                target.write(block)
            if _key(source.fileno()) != job.key:
                return _CHANGED
    except FileNotFoundError:
        return Refusal("does not exist any more", "文件已不存在", is_unsettled=True)
    except PermissionError:
        return Refusal("cannot be read: permission denied", "没有读取权限", is_unsettled=True)
    return digest.hexdigest()


def _is_inside(fd: int, job: Job) -> bool:
    """Tell whether the open file lies below `media/`: a folder may have become a link since it was looked at."""
    try:
        place = Path(f"/proc/self/fd/{fd}").readlink()
    except OSError:  # not on Linux
        return True
    return place.is_relative_to(os.path.realpath(job.source.parents[job.path.count("/")]))


def _key(fd: int) -> FileKey:
    status = os.fstat(fd)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _taken(job: Job, copy: Path, sha256: str, report: Report) -> Outcome:
    with copy.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    found = recognise(head)
    if found.family is Family.TEXT or (found is UNKNOWN and is_named_as_text(job.path)):
        notice = as_named(read_notice(copy.read_bytes(), job.path, job.key[2]), job.path)
        return Outcome(notice, sha256) if isinstance(notice, NoticeText) else Outcome(notice)
    if found.family is Family.REFUSED:
        return Outcome(Refusal(f"is {found.name}", found.zh))
    _refuse_cut(copy, found, job.key[1])
    try:
        taken = _by_family(job, copy, found, report)
    except RefusalError as error:
        refusal = error.refusal
        if refusal.zh == NOT_DECODABLE_ZH and copy.exists() and _ends_in_zeros(copy):
            refusal = _TRUNCATED
        return Outcome(refusal, is_last=found.family is Family.OFFICE)
    return _kept(job, taken, sha256)


def _refuse_cut(copy: Path, found: Format, size_bytes: int) -> None:
    with copy.open("rb") as stream:
        stream.seek(max(0, size_bytes - TAIL_BYTES))
        is_half = is_cut(found.name, stream.read(TAIL_BYTES)) or is_shorter_than_stated(found.name, stream, size_bytes)
        stream.seek(0)
        head = stream.read(HEAD_BYTES)
    at = head.find(_ASF_FACTS)
    if found.name == "WMV" and at > 0:
        is_half |= int.from_bytes(head[at + 40 : at + 48], "little") > size_bytes
    if is_half:
        raise RefusalError(_TRUNCATED.reason, _TRUNCATED.zh)


def _ends_in_zeros(copy: Path) -> bool:
    """Tell whether the end never came: a copy over the network that broke off has its full size all the same."""
    with copy.open("rb") as stream:
        stream.seek(max(0, copy.stat().st_size - _HOLE_BYTES))
        return not stream.read().strip(b"\0")


def _by_family(job: Job, copy: Path, found: Format, report: Report) -> Taken:
    match found.family:
        case Family.PICTURE | Family.HEIF:
            if job.key[1] > _LARGEST_PICTURE_BYTES:
                raise RefusalError("is too large a file for a picture (over 1 GB)", "图片文件过大（超过 1 GB）")
            return take_picture(copy, found, job.recipe, job.work)
        case Family.FILM:
            return take_film(copy, found.mime, job.recipe, job.work, report)
        case Family.PDF:
            return take_pdf(copy)
        case _:
            return take_office(copy, found, job.work, job.profile)


def _kept(job: Job, taken: Taken, sha256: str) -> Outcome:
    """Put what was made where it stays, by its contents, and give the facts of what is shown."""
    thumbnail = rendition = ""
    if taken.look is not None:
        thumbnail = f"media-thumbnails/{sha256[:2]}/{sha256}.webp"
        drawn = job.work / "thumbnail.webp"
        taken.look.save(drawn, "WEBP", quality=75, method=2)
        _put(drawn, job.folder / thumbnail)
    shown, length_bytes = sha256, job.key[1]
    if taken.rendition is not None:
        with taken.rendition.open("rb") as stream:
            shown = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
        length_bytes = taken.rendition.stat().st_size
        rendition = f"renditions/{shown[:2]}/{shown}{taken.rendition.suffix}"
        _put(taken.rendition, job.folder / rendition)
    facts = replace(taken.facts, path=job.path, sha256=shown, length_bytes=length_bytes, mtime_ns=job.key[2])
    return Outcome(facts, sha256, rendition, thumbnail, original_px=taken.original_px)


def _put(made: Path, place: Path) -> None:
    """Move a whole file to its place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    made.replace(place)


def job_to_plain(job: Job) -> dict[str, Any]:
    """Give the job as plain values."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(job).items()}


def job_from_plain(said: dict[str, Any]) -> Job:
    """Give the job again."""
    canvases = tuple((width, height) for width, height in said["recipe"]["canvases"])
    inode, size, mtime_ns = said["key"]
    paths = {name: Path(said[name]) for name in ("source", "folder", "work", "profile")}
    key, least_free_bytes = (inode, size, mtime_ns), said["least_free_bytes"]
    return Job(path=said["path"], key=key, recipe=Recipe(canvases), least_free_bytes=least_free_bytes, **paths)
