"""The path of a PDF in, its pages out, after drawing them small. The only door to pypdfium2 here.

PDFium can take for ever over a few kilobytes and cannot be interrupted, so that a process of its own looks at each
document (`python -m signage.content.pages FILE`, which prints JSON) and is ended when it takes too long.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from signage.base.clock import SystemClock
from signage.content.refusal import NOT_DECODABLE_ZH, Refusal, RefusalError

PAGE_LIMIT = 500
LIMIT_S = 20.0
_ENOUGH_S = 5.0
_MEMORY_BYTES = 2 << 30

# PDFium is not thread-safe: one document at a time in one process.
ONE_DOCUMENT = threading.Lock()


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """`size_pt` is of the first page, (width, height) in points with its rotation applied."""

    size_pt: tuple[int, int]
    pages: int


def examine_pdf(path: Path, limit_s: float = LIMIT_S) -> PdfFacts:
    """Give the facts of a PDF that opens without a password and whose pages can be drawn.

    All pages are drawn, or as many as 5 seconds allow.

    Raises:
        RefusalError: it cannot be opened, has a password, no pages or too many, or takes longer than `limit_s`.
    """
    command = [sys.executable, "-m", __name__, str(path)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise RefusalError(
            f"takes longer than {limit_s:.0f} s to draw; save its pages as pictures",
            f"PDF 太复杂，{limit_s:.0f} 秒内画不出来，请把各页另存为图片",
        ) from error
    try:
        said = json.loads(done.stdout)
    except ValueError as error:
        raise RefusalError("cannot be decoded (PDFium gave up on it)", NOT_DECODABLE_ZH) from error
    if "reason" in said:
        raise RefusalError(said["reason"], said["zh"])
    width, height = said["size_pt"]
    return PdfFacts((width, height), said["pages"])


def look_at(path: Path, enough_s: float = _ENOUGH_S) -> PdfFacts | Refusal:
    """Give the facts of a PDF or why it is refused, in this process: it may crash, or never return."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            return Refusal("is protected by a password", "PDF 有密码保护，请去掉密码")
        return Refusal(f"cannot be decoded ({error})", NOT_DECODABLE_ZH)
    try:
        return _facts(document, enough_s)
    except (pdfium.PdfiumError, ValueError, MemoryError) as error:
        return Refusal(f"has a page that cannot be drawn ({error})", NOT_DECODABLE_ZH)
    finally:
        document.close()


def _facts(document: pdfium.PdfDocument, limit_s: float) -> PdfFacts | Refusal:
    pages = len(document)
    if not 1 <= pages <= PAGE_LIMIT:
        return Refusal(
            f"has {pages} pages; from 1 to {PAGE_LIMIT} can be shown", f"PDF 有 {pages} 页，可用 1 到 {PAGE_LIMIT} 页"
        )
    size_pt = _draw(document, 0)
    clock = SystemClock()
    enough_s = clock.monotonic_s() + limit_s
    for number in range(1, pages):
        if clock.monotonic_s() > enough_s:
            break
        _draw(document, number)
    return PdfFacts(size_pt, pages)


def _draw(document: pdfium.PdfDocument, number: int) -> tuple[int, int]:
    """Draw a page small; give its size in points."""
    page = document[number]
    try:
        width, height = page.get_size()
        page.render(scale=min(1.0, 400 / max(width, height, 1.0))).close()
    finally:
        page.close()
    return max(1, round(width)), max(1, round(height))


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


if __name__ == "__main__":
    _limit_memory()
    print(json.dumps(asdict(look_at(Path(sys.argv[1])))))
