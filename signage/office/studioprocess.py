"""A line that asks for a picture in, the picture out: one child process with Qt, ended when it is too slow or large.

One thread at a time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from signage.base.errors import SignageError
from signage.drawings import MOST_LINE_BYTES, Answer, read_answer

_log = logging.getLogger(__name__)

_MOST_PICTURE_BYTES = 64_000_000
_END_S = 3.0
_COMMAND = (sys.executable, "-m", "signage.stage.drawing")


class StudioLostError(SignageError):
    """The drawing process died, or did not answer in time and was ended. The wish itself may be to blame."""


class StudioProcess:
    """Starts the drawing process when it is first needed. It is renewed after `most_drawings` or `most_bytes`."""

    def __init__(
        self, most_drawings: int = 400, most_bytes: int = 700_000_000, command: tuple[str, ...] = _COMMAND
    ) -> None:
        self._most_drawings = most_drawings
        self._most_bytes = most_bytes
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[tuple[Answer, bytes] | None] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None
        self._drawn = 0

    @property
    def process_id(self) -> int | None:
        """Give the number of the process that draws; None while there is none."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def ask(self, line: bytes, limit_s: float) -> tuple[Answer, bytes]:
        """Give the answer and its picture.

        Raises:
            StudioLostError: no answer came within the limit, or the process died; the next call starts another.
        """
        if len(line) > MOST_LINE_BYTES:
            raise SignageError("too much for one picture")
        child = self._running()
        assert child.stdin is not None
        try:
            child.stdin.write(line)
            child.stdin.flush()
            answer = self._answers.get(timeout=limit_s)
        except (OSError, queue.Empty) as error:
            said = f"no picture within {limit_s:.0f} s" if isinstance(error, queue.Empty) else "it ended"
            self.close(is_patient=False)
            raise StudioLostError(f"the drawing process was ended: {said}") from error
        if answer is None:
            code = child.wait()
            self.close(is_patient=False)
            raise StudioLostError(f"the drawing process died (exit code {code})")
        self._drawn += 1
        if self._drawn >= self._most_drawings or answer[0].memory_bytes > self._most_bytes:
            self.close()
        return answer

    def interrupt(self) -> None:
        """End the process at once, from any thread: whoever waits for a picture gets a StudioLostError."""
        child = self._child
        if child is not None:
            child.kill()

    def close(self, *, is_patient: bool = True) -> None:
        """End the process, if there is one: by the end of its input, or at once."""
        child, self._child = self._child, None
        if child is None:
            return
        if not is_patient:
            child.kill()
        with contextlib.suppress(OSError):
            assert child.stdin is not None
            child.stdin.close()
        try:
            child.wait(_END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        assert self._reader is not None
        self._reader.join(_END_S)
        assert child.stdout is not None
        child.stdout.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close(is_patient=False)
        try:
            self._child = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
            )
        except OSError as error:
            raise SignageError(f"the drawing process cannot be started ({error.strerror})") from error
        self._drawn = 0
        self._answers = queue.SimpleQueue()
        assert self._child.stdout is not None
        self._reader = threading.Thread(
            target=_read_on, args=(self._child.stdout, self._answers), name="studio", daemon=True
        )
        self._reader.start()
        return self._child


def _read_on(stream: IO[bytes], answers: queue.SimpleQueue[tuple[Answer, bytes] | None]) -> None:
    """Hand on every answer that comes; None when no more can come."""
    try:
        while line := stream.readline(MOST_LINE_BYTES):
            answer = read_answer(line)
            if not 0 <= answer.length <= _MOST_PICTURE_BYTES:
                break
            picture = stream.read(answer.length)
            if len(picture) < answer.length:
                break
            answers.put((answer, picture))
    except (OSError, ValueError, SignageError) as error:
        _log.warning("the drawing process said something else than pictures (%s)", error)
    answers.put(None)


def _environment() -> dict[str, str]:
    """Give the environment of a process that draws without display or GPU, and finds this package where it is."""
    package = str(Path(__file__).parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "QT_QPA_PLATFORM": "offscreen",
        "QT_QUICK_BACKEND": "software",
        "QSG_RENDER_LOOP": "basic",
        "QT_ENABLE_HIGHDPI_SCALING": "0",
        "LC_ALL": "C.UTF-8",
    }
