"""A PDF, or a file of an Office program that LibreOffice turns into one, in; pages that can be drawn out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]
from PIL import Image

from signage.content.pages import look_at
from signage.content.refusal import NOT_DECODABLE_ZH, Refusal, RefusalError
from signage.content.signatures import Format
from signage.content.values import Kind, MediaFile
from signage.office.ingest.officeprofile import write_profile
from signage.office.ingest.taken import THUMBNAIL_PX, Taken, small

LIMIT_S = 150.0
_ENOUGH_S = 60.0
_MOST_FILE_BYTES = 1 << 30
_HOW_ZH = "请在 PowerPoint、Word 或 WPS 里导出 PDF 再放进来（“文件”→“导出”或“另存为”→ PDF）"
_HOW = "export it as PDF in PowerPoint, Word or WPS and drop that"
_DIRECTORY_ENTRIES = {  # names in the directory of an old Office file
    "PowerPoint Document": "ppt",
    "WordDocument": "doc",
    "Workbook": "xls",
    "Book": "xls",
    "EncryptedPackage": "locked",
}
_PACKED = (("ppt/", "pptx"), ("word/", "docx"), ("xl/", "xlsx"))


def take_pdf(path: Path) -> Taken:
    """Give what is to be shown of a PDF: itself, with every page drawn once, or as many as a minute allows.

    Raises:
        RefusalError: it cannot be opened, has a password, or pages that cannot be drawn.
    """
    facts = look_at(path, _ENOUGH_S)
    if isinstance(facts, Refusal):
        raise RefusalError(facts.reason, facts.zh)
    shown = MediaFile("", Kind.PAGE, "", 0, 0, facts.size_pt, pages=facts.pages, mime="application/pdf")
    return Taken(shown, look=_first_page(path))


def _first_page(path: Path) -> Image.Image:
    document = pdfium.PdfDocument(path)
    try:
        page = document[0]
        try:
            drawn = page.render(scale=THUMBNAIL_PX / max(*page.get_size(), 1.0))
            return small(drawn.to_pil())
        finally:
            page.close()
    finally:
        document.close()


def take_office(path: Path, found: Format, work: Path, profile: Path) -> Taken:
    """Give the PDF of slides or a text. `profile` is a folder for LibreOffice's settings, of this process alone.

    Raises:
        RefusalError: there is no LibreOffice here, or it makes no PDF of this.
    """
    ending = _ending(path, found)
    if ending == "locked":
        raise RefusalError(f"is protected by a password; {_HOW}", f"Office 文件有密码保护；{_HOW_ZH}")
    if ending in ("xls", "xlsx"):
        raise RefusalError(f"is a spreadsheet; {_HOW}", f"表格文件，{_HOW_ZH.replace('PowerPoint、Word', 'Excel')}")
    if not ending:
        raise RefusalError(f"is an Office file of a kind that is not known here; {_HOW}", f"Office 文件，{_HOW_ZH}")
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise RefusalError(
            f"is an Office file, and LibreOffice is not installed here; {_HOW}",
            f"这台电脑没有安装 LibreOffice，不能自动转换；{_HOW_ZH}",
        )
    source = path.rename(work / f"document.{ending}")
    rendition = work / "document.pdf"
    _convert(program, source, profile)
    if not rendition.exists() or rendition.stat().st_size == 0:
        raise RefusalError(f"cannot be turned into a PDF by LibreOffice; {_HOW}", f"自动转换 PDF 没有成功；{_HOW_ZH}")
    taken = take_pdf(rendition)
    return Taken(taken.facts, rendition, taken.look)


def _convert(program: str, source: Path, profile: Path) -> None:
    """Run LibreOffice. Its exit code says nothing: it is 0 also where no PDF came out (field notes 2.4).

    soffice is a script whose children live on when it is ended: see `Outcome.is_last`.
    """
    if not profile.exists():
        write_profile(profile)
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
    command += ["--convert-to", "pdf", "--outdir", str(source.parent), str(source)]
    environment = os.environ | {
        "LANG": "zh_CN.UTF-8",
        "LC_ALL": "zh_CN.UTF-8",
        "FONTCONFIG_FILE": str(profile / "fonts.conf"),
        "HOME": str(profile),
    }
    nothing = subprocess.DEVNULL
    try:
        with _files_limited():
            subprocess.run(
                command, stdin=nothing, stdout=nothing, stderr=nothing, env=environment, timeout=LIMIT_S, check=False
            )
    except subprocess.TimeoutExpired as error:
        raise RefusalError(
            f"takes LibreOffice longer than {LIMIT_S:.0f} s; {_HOW}", f"自动转换超过 {LIMIT_S:.0f} 秒；{_HOW_ZH}"
        ) from error


@contextmanager
def _files_limited() -> Iterator[None]:
    """Let what is started meanwhile write no file of more than 1 GB: a text of 2 MB can unpack to any length."""
    if sys.platform == "win32":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(_MOST_FILE_BYTES, hard) if hard >= 0 else _MOST_FILE_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _ending(path: Path, found: Format) -> str:
    """Give the ending by what is in the file: LibreOffice goes by the name. "" where it is of no kind known here."""
    if found.mime == "application/x-ole-storage":
        content = path.read_bytes()
        for name, ending in _DIRECTORY_ENTRIES.items():
            if name.encode("utf-16-le") + b"\0\0" in content:
                return ending
        return ""
    try:
        with zipfile.ZipFile(path) as pack:
            names = pack.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise RefusalError("cannot be opened: it is damaged", NOT_DECODABLE_ZH) from error
    return next((ending for folder, ending in _PACKED if any(name.startswith(folder) for name in names)), "")
