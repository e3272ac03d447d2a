"""What an answer is and may cost, wherever it comes from; and what a folder answers, as a web server over it would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from signage.base.errors import SignageError
from signage.base.files import open_plain

CHUNK_BYTES = 262_144


class FetchError(SignageError):
    """Something could not be fetched: unreachable, too slow, too long, or not what was asked for."""


class TooLongError(FetchError):
    """More came than may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take: `headers_s` until its headers are there, `total_s` for the body.

    `least_bytes_per_s` is asked of every `window_s` of a body. `total_s` None: no end, for a stream of events; the
    speed is not asked of one either.
    """

    most_bytes: int
    total_s: float | None = 60.0
    headers_s: float = 20.0
    connect_s: float = 5.0
    silence_s: float = 10.0
    least_bytes_per_s: int = 1_000
    window_s: float = 10.0


class Answer:
    """An answer whose body has still to be read, once, by `chunks`. Use it in `with`: it holds a connection."""

    def __init__(
        self, status: int, headers: Mapping[str, str], chunks: Iterator[bytes], close: Callable[[], None]
    ) -> None:
        """`headers` have lower-case names."""
        self.status = status
        self.headers = headers
        self._chunks = chunks
        self._close = close

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def chunks(self) -> Iterator[bytes]:
        """Give the body piece by piece.

        Raises:
            FetchError: it broke off, became too slow or too long.
        """
        return self._chunks

    def read(self) -> bytes:
        """Give the whole body. Raises as `chunks` does."""
        return b"".join(self._chunks)


def open_file(url: str, limits: Limits, headers: Mapping[str, str]) -> Answer:
    """Answer from a folder, as a web server over that folder would: 404 where there is no such file."""
    path = Path(url2pathname(unquote(urlsplit(url).path)))
    try:
        file = open_plain(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return Answer(404, {}, iter(()), lambda: None)
    except OSError as error:
        raise FetchError(f"{url}: {error.strerror or error}") from error
    length = file.seek(0, 2)
    start = _asked_start(headers.get("Range", ""), length)
    file.seek(start or 0)
    answered = {"content-length": str(length - (start or 0))}
    if start is not None:
        answered["content-range"] = f"bytes {start}-{length - 1}/{length}"

    def chunks() -> Iterator[bytes]:
        total_bytes = 0
        try:
            while chunk := file.read(CHUNK_BYTES):
                total_bytes += len(chunk)
                if total_bytes > limits.most_bytes:
                    raise TooLongError(f"{url}: is longer than the {limits.most_bytes} bytes that it may have")
                yield chunk
        except OSError as error:
            raise FetchError(f"{url}: {error.strerror or error}") from error

    return Answer(200 if start is None else 206, answered, chunks(), file.close)


def _asked_start(asked: str, length: int) -> int | None:
    """Give where `Range: bytes=START-` begins; None for the whole file."""
    text = asked.removeprefix("bytes=").removesuffix("-")
    return int(text) if text.isdecimal() and int(text) < length else None
