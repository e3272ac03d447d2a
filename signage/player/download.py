"""Files by hash and the addresses where they may lie come in; the files come into the cache, whole and checked."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from signage.base.clock import Clock
from signage.base.errors import SignageError
from signage.base.files import DiskCalls, SystemDisk, open_plain
from signage.player.answers import Answer, FetchError, Limits
from signage.player.cache import Blob, Cache, CacheError, DiskFullError
from signage.player.mirrors import Mirrors

WORKERS = 4
TRIES = 5
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 20.0
_WORTH_RESUMING_BYTES = 262_144
_LOOK_BYTES = 8_388_608
_LEAST_BYTES_PER_S = 4_000
_SETUP_S = 60.0
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SYSTEM_DISK = SystemDisk()


class HttpPort(Protocol):
    """What fetches (`player.http.Http`)."""

    def open(self, url: str, limits: Limits, headers: Mapping[str, str] | None = None) -> Answer: ...


class DownloadError(SignageError):
    """Files could not be fetched; what came of them is kept, and the next call goes on from there."""


class Downloader:
    """Fetches files, several at a time, in the order given, from the first address that serves them well.

    A file of more than 256 kB goes on where it broke off, also after a restart. What is in the cache is not fetched.
    """

    def __init__(
        self,
        http: HttpPort,
        cache: Cache,
        clock: Clock,
        *,
        limits: Limits | None = None,
        workers: int = WORKERS,
        dice: random.Random | None = None,
        disk: DiskCalls = _SYSTEM_DISK,
    ) -> None:
        self._http = http
        self._cache = cache
        self._clock = clock
        self._limits = limits or Limits(most_bytes=0, least_bytes_per_s=_LEAST_BYTES_PER_S)
        self._workers = workers
        self._dice = dice or random.Random()
        self._disk = disk
        self._closing = threading.Event()
        self.pause: Callable[[float], object] = self._closing.wait

    def fetch(self, blobs: Sequence[Blob], base_urls: Sequence[str]) -> int:
        """Get every file that is missing; give how many bytes came.

        Raises:
            DownloadError: some could not be had; try again later.
            DiskFullError: no room.
            CacheError: the disk failed.
        """
        missing = self._cache.missing(blobs)
        if not missing:
            return 0
        job = _Job(Mirrors(base_urls, self._clock), self._workers)
        with ThreadPoolExecutor(min(self._workers, len(missing)), thread_name_prefix="download") as pool:
            for blob in missing:
                pool.submit(self._get, blob, job)
        if job.fatal is not None:
            raise job.fatal
        if job.failed or self._closing.is_set():
            why = job.failed[0] if job.failed else "the player is closing"
            raise DownloadError(f"{len(self._cache.missing(blobs))} of {len(blobs)} files are still to come: {why}")
        return job.bytes

    def close(self) -> None:
        """Have `fetch` end soon, in whatever thread it runs."""
        self._closing.set()

    def _get(self, blob: Blob, job: _Job) -> None:
        """Try until the file is here or the tries are used up; runs on a worker's thread."""
        why = ""
        for attempt in range(TRIES):
            if self._closing.is_set() or job.is_hopeless:
                return
            if attempt:
                self.pause(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt) * self._dice.uniform(0.5, 1.5))
            for base_url in job.mirrors.best_first():
                try:
                    job.note_success(self._fetch_once(blob, base_url))
                    job.mirrors.praise(base_url)
                    return
                except FetchError as error:
                    why = str(error)
                    job.mirrors.blame(base_url)
                except CacheError as error:
                    job.fatal = error
                    return
                except Exception as error:  # noqa: BLE001 - the boundary of one file: it is handed to the caller
                    job.fatal = error
                    return
        job.note_failure(why)

    def _fetch_once(self, blob: Blob, base_url: str) -> int:
        """Fetch what is missing of the file from one address, check the whole and keep it; give the bytes that came."""
        offset, digest = self._resume(blob)
        if offset == blob.length_bytes and digest.hexdigest() == blob.sha256:
            self._cache.keep(blob)
            return 0
        self._cache.check_room(min(blob.length_bytes - offset, _LOOK_BYTES))
        came = 0
        with self._ask(blob, base_url, offset) as answer:
            start = _check_answer(blob, base_url, answer, offset, self._cache)
            if start == 0:
                digest = hashlib.sha256()
                self._note_origin(blob, base_url, answer)
            came = self._store(blob, answer, start, digest)
        if start + came < blob.length_bytes:
            raise FetchError(f"{base_url}: {blob.sha256[:12]} broke off after {start + came} bytes")
        if digest.hexdigest() != blob.sha256:
            self._cache.drop(blob)
            if start:  # the bytes that were here came from elsewhere, maybe: this address is asked for all of it
                return came + self._fetch_once(blob, base_url)
            raise FetchError(f"{base_url}: {blob.sha256[:12]} has other bytes than were approved")
        self._cache.keep(blob)
        return came

    def _ask(self, blob: Blob, base_url: str, offset: int) -> Answer:
        headers = {}
        if offset:
            headers["Range"] = f"bytes={offset}-"
            if tag := self._known_tag(blob, base_url):
                headers["If-Range"] = tag
        remaining = blob.length_bytes - offset
        total_s = _SETUP_S + remaining / max(1, self._limits.least_bytes_per_s)
        limits = replace(self._limits, most_bytes=blob.length_bytes, total_s=total_s)
        return self._http.open(f"{base_url}blobs/{blob.place}", limits, headers)

    def _resume(self, blob: Blob) -> tuple[int, hashlib._Hash]:
        """Give how many bytes are here already, and their hash so far; short files begin anew."""
        digest, offset = hashlib.sha256(), 0
        if blob.length_bytes < _WORTH_RESUMING_BYTES:
            return 0, digest
        with contextlib.suppress(FileNotFoundError), open_plain(self._cache.partial_of(blob)) as file:
            while piece := file.read(1_048_576):
                digest.update(piece)
                offset += len(piece)
        if offset > blob.length_bytes or (offset == blob.length_bytes and digest.hexdigest() != blob.sha256):
            self._cache.drop(blob)
            return 0, hashlib.sha256()
        return offset, digest

    def _store(self, blob: Blob, answer: Answer, start: int, digest: hashlib._Hash) -> int:
        """Write the body behind the `start` bytes that are here; give how much came, also where it breaks off early."""
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if start == 0 else os.O_APPEND)
        came = unlooked = 0
        try:
            fd = self._disk.open(self._cache.partial_of(blob), flags)
            try:
                for chunk in answer.chunks():
                    came += len(chunk)
                    unlooked += len(chunk)
                    if start + came > blob.length_bytes:
                        raise FetchError(f"{blob.sha256[:12]} is longer than the {blob.length_bytes} bytes approved")
                    if unlooked > _LOOK_BYTES:
                        unlooked = 0
                        self._cache.check_room(_LOOK_BYTES)
                    digest.update(chunk)
                    self._write(fd, chunk)
                    if self._closing.is_set():
                        break
            finally:
                self._disk.close(fd)
        except OSError as error:
            why = f"{self._cache.partial_of(blob)}: {error.strerror or error}"
            raise (DiskFullError(why) if error.errno in _FULL else CacheError(why)) from error
        return came

    def _write(self, fd: int, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            rest = rest[self._disk.write(fd, bytes(rest)) :]

    def _note_origin(self, blob: Blob, base_url: str, answer: Answer) -> None:
        """Remember which version of which address the bytes come from, for `If-Range`. Losing this loses nothing."""
        tag = answer.headers.get("etag", "")
        if blob.length_bytes >= _WORTH_RESUMING_BYTES and tag.startswith('"'):
            with contextlib.suppress(OSError):
                self._origin_path(blob).write_text(json.dumps([base_url, tag]), "utf-8")

    def _known_tag(self, blob: Blob, base_url: str) -> str:
        try:
            said = json.loads(self._origin_path(blob).read_text("utf-8"))
        except (OSError, ValueError):
            return ""
        return str(said[1]) if isinstance(said, list) and len(said) == 2 and said[0] == base_url else ""

    def _origin_path(self, blob: Blob) -> Path:
        return self._cache.partial_of(blob).with_suffix(".from")


class _Job:
    """One call of `fetch`: what its workers share."""

    def __init__(self, mirrors: Mirrors, workers: int) -> None:
        self.mirrors = mirrors
        self.failed: list[str] = []
        self.fatal: Exception | None = None
        self.bytes = 0
        self._lock = threading.Lock()
        self._failures_in_a_row = 0
        self._most_failures = 2 * workers

    @property
    def is_hopeless(self) -> bool:
        """Whether to begin nothing more: the disk failed, or nothing has come for many files in a row."""
        return self.fatal is not None or self._failures_in_a_row >= self._most_failures

    def note_success(self, count: int) -> None:
        with self._lock:
            self.bytes += count
            self._failures_in_a_row = 0

    def note_failure(self, why: str) -> None:
        with self._lock:
            self.failed.append(why)
            self._failures_in_a_row += 1


def _check_answer(blob: Blob, base_url: str, answer: Answer, offset: int, cache: Cache) -> int:
    """Give where in the file the answer's body begins: at `offset`, or at 0.

    Raises:
        FetchError: it is no answer to what was asked. Where the range was at fault, the next try begins anew.

    Source: RFC 9110, 14.4, 15.3.7 and 15.5.17. Some storage answers a range with 200 and a Content-Range.
    """
    name, headers = f"{base_url}: {blob.sha256[:12]}", answer.headers
    if answer.status not in (200, 206):
        if answer.status == 416:
            cache.drop(blob)
        raise FetchError(f"{name}: answered {answer.status}")
    if headers.get("content-encoding", "identity") != "identity":
        raise FetchError(f"{name}: came packed, which was not asked for")
    is_part = answer.status == 206 or "content-range" in headers
    if is_part and headers.get("content-range") != f"bytes {offset}-{blob.length_bytes - 1}/{blob.length_bytes}":
        cache.drop(blob)
        raise FetchError(f"{name}: another part came than the one asked for ({headers.get('content-range')})")
    start = offset if is_part else 0
    length = headers.get("content-length")
    if length is not None and length != str(blob.length_bytes - start):
        raise FetchError(f"{name}: {length} bytes would come, not {blob.length_bytes - start}")
    return start
