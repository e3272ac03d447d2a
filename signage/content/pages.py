"""The path of a PDF in, its pages out, after drawing the first one. The only door to pypdfium2 here."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from signage.content.refusal import NOT_DECODABLE_ZH, RefusalError

PAGE_LIMIT = 500

# PDFium is not thread-safe: one document at a time.
ONE_DOCUMENT = threading.Lock()


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """`size_pt` is of the first page, (width, height) in points with its rotation applied."""

    size_pt: tuple[int, int]
    pages: int


def examine_pdf(path: Path) -> PdfFacts:
    """Give the facts of a PDF that opens without a password and whose first page can be drawn.

    Raises:
        RefusalError: it cannot be opened, has a password, no pages or too many.
    """
    with ONE_DOCUMENT:
        try:
            document = pdfium.PdfDocument(path)
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                raise RefusalError("is protected by a password", "PDF 有密码保护，请去掉密码") from error
            raise RefusalError(f"cannot be decoded ({error})", NOT_DECODABLE_ZH) from error
        try:
            return _facts(document)
        except (pdfium.PdfiumError, ValueError) as error:
            raise RefusalError(f"has a page that cannot be drawn ({error})", NOT_DECODABLE_ZH) from error
        finally:
            document.close()


def _facts(document: pdfium.PdfDocument) -> PdfFacts:
    pages = len(document)
    if not 1 <= pages <= PAGE_LIMIT:
        raise RefusalError(
            f"has {pages} pages; from 1 to {PAGE_LIMIT} can be shown", f"PDF 有 {pages} 页，可用 1 到 {PAGE_LIMIT} 页"
        )
    page = document[0]
    try:
        width, height = page.get_size()
        page.render(scale=min(1.0, 400 / max(width, height, 1.0))).close()
    finally:
        page.close()
    return PdfFacts((max(1, round(width)), max(1, round(height))), pages)
