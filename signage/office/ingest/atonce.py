"""One file that has to be on screens at once in; what they show of it out: itself if it complies, else a rendition.

The same conversion as of what lies in the shared folder, in a process of its own that stands back behind no other.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from signage.base.errors import SignageError
from signage.base.files import open_plain
from signage.content.notices import NoticeText
from signage.content.refusal import NOT_DECODABLE_ZH, Refusal
from signage.content.settled import is_being_written
from signage.content.values import MediaFile
from signage.office.ingest.convert import Job, Outcome
from signage.office.ingest.converter import STALL_S, Converter
from signage.office.ingest.recipe import Recipe

_LEAST_FREE_BYTES = 20_000_000
"""Less than ingest leaves: a nearly full disk must not keep a small picture from the screens."""


_WRITING = Refusal("is still being written; try again in a moment", "文件还在写入，请稍后再试")


class NotShowableError(SignageError):
    """The file cannot be shown; the message says why, the Chinese in brackets at its end."""


class CancelledError(SignageError):
    """Nobody wants the file any more."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A file that screens can show. `file` holds the bytes that `finding` is of; a text is shown as a card."""

    finding: MediaFile | NoticeText
    file: Path
    thumbnail: Path | None = None


class AtOnce:
    """Makes one file ready. `folder` is for this file alone, and is the caller's to remove when it was shown.

    `run` once; `cancel` from any thread.
    """

    def __init__(self, source: Path, name: str, recipe: Recipe, folder: Path, *, stall_s: float = STALL_S) -> None:
        self._source = source
        self._name = name
        self._recipe = recipe
        self._folder = folder
        self._stall_s = stall_s
        self._lock = threading.Lock()
        self._converter: Converter | None = None
        self._is_cancelled = False

    def run(self, on_percent: Callable[[float], None] = lambda _: None) -> Ready:
        """Convert it, as far as it needs it. `on_percent` is called on this thread.

        Raises:
            NotShowableError: it cannot be shown; the message says why.
            CancelledError: somebody called `cancel`.
        """
        job = self._job()
        outcome, how = self._done(job, on_percent)
        if self._is_cancelled:
            raise CancelledError(f"{self._name}: is not wanted any more (已取消)")
        if outcome is None:
            raise self._not(Refusal(f"cannot be decoded (its decoder {how})", NOT_DECODABLE_ZH))
        if isinstance(outcome.finding, Refusal):
            raise self._not(outcome.finding)
        shown = self._folder / outcome.rendition if outcome.rendition else self._source
        return Ready(outcome.finding, shown, self._folder / outcome.thumbnail if outcome.thumbnail else None)

    def cancel(self) -> None:
        """End the conversion, now or as soon as it begins."""
        with self._lock:
            self._is_cancelled = True
            if self._converter is not None:
                self._converter.kill()

    def _job(self) -> Job:
        try:
            with open_plain(self._source) as stream:
                if is_being_written(stream.fileno()):
                    raise self._not(_WRITING)
            status = self._source.stat()
        except OSError as error:
            raise self._not(Refusal(f"cannot be read ({error.strerror or error})", "文件不存在或无法读取")) from error
        if status.st_size == 0:
            raise self._not(Refusal("is empty", "文件是空的（0 字节）"))
        key = (status.st_ino, status.st_size, status.st_mtime_ns)
        folder, name = self._folder, self._name
        return Job(
            self._source, name, key, self._recipe, folder, folder / "work", folder / "profile", _LEAST_FREE_BYTES
        )

    def _done(self, job: Job, on_percent: Callable[[float], None]) -> tuple[Outcome | None, str]:
        """Give what became of it, None where its process ended; and how the process went, in words."""
        with self._lock:
            if self._is_cancelled:
                return None, ""
            try:
                converter = self._converter = Converter(niceness=0)
            except OSError as error:
                reason = Refusal(f"cannot be converted: no process starts ({error.strerror})", "电脑太忙，请再试一次")
                raise self._not(reason) from error
        try:
            outcome = converter.do(job, on_percent, self._stall_s)
        finally:
            converter.kill()
            with self._lock:
                self._converter = None
            how = converter.close()
            shutil.rmtree(job.profile, ignore_errors=True)
        return outcome, how

    def _not(self, refusal: Refusal) -> NotShowableError:
        return NotShowableError(f"{self._name}: {refusal.reason} ({self._name}：{refusal.zh})")
