"""Slides and texts of Office programs become pages by LibreOffice; where not, staff are told what to do."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps, ImageStat

from signage.content.refusal import Refusal
from signage.content.values import Kind, MediaFile
from signage.office.ingest.convert import Job, Outcome, convert
from signage.office.ingest.recipe import Recipe
from tests.content.stores import pdf
from tests.office.documents import docx, docx_that_links, needs_libreoffice
from tests.office.ingesting import converted

_SLIDES = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.presentation">
<office:body><office:presentation>{pages}</office:presentation></office:body></office:document>"""
_SLIDE = """<draw:page draw:name="p{at}"><draw:frame svg:width="20cm" svg:height="3cm" svg:x="2cm" svg:y="2cm">
<draw:text-box><text:p>第 {at} 页：社区停水通知</text:p></draw:text-box></draw:frame></draw:page>"""

_LINKED = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>停水通知
<draw:frame text:anchor-type="as-char" svg:width="5cm" svg:height="5cm"><draw:image xlink:href="{address}"
 xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p></office:text></office:body>
</office:document>"""


SHAPES = "直骨角次复曜"
"""Characters that China and Japan write differently."""


def done(folder: Path, content: bytes, name: str = "notices/a.docx") -> Outcome:
    return converted(folder, content, name)


def refused(folder: Path, content: bytes) -> Refusal:
    found = done(folder, content).finding
    assert isinstance(found, Refusal), found
    return found


def in_frame(picture: Image.Image) -> Image.Image:
    """Give what is drawn on the page, in a frame of fixed size."""
    ink = ImageOps.invert(picture.convert("L"))
    return ink.crop(ink.getbbox()).resize((600, 100), Image.Resampling.BOX)


def unlikeness(drawn: Image.Image, face: str) -> float:
    """Tell how much the text that was drawn differs from the same in a face of Noto CJK, serif or sans."""
    least = 255.0
    for path in Path("/usr/share/fonts/opentype/noto").glob("Noto*CJK-Regular.ttc"):
        for index in range(5):
            font = ImageFont.truetype(path, 60, index=index)
            if (font.getname()[0] or "").endswith(face) and "Mono" not in str(font.getname()[0]):
                picture = Image.new("L", (700, 120), 255)
                ImageDraw.Draw(picture).text((10, 10), SHAPES, font=font, fill=0)
                least = min(least, ImageStat.Stat(ImageChops.difference(in_frame(picture), drawn)).mean[0])
    return least


@needs_libreoffice
def test_a_word_document_becomes_pages_in_chinese_shapes(tmp_path):
    outcome = done(tmp_path, docx(SHAPES))

    assert isinstance(outcome.finding, MediaFile)
    assert (outcome.finding.kind, outcome.finding.pages, outcome.finding.path) == (Kind.PAGE, 1, "notices/a.docx")
    document = pdfium.PdfDocument(tmp_path / "office" / outcome.rendition)
    drawn = in_frame(document[0].render(scale=6).to_pil())
    document.close()
    # The name of the font inside says nothing: all faces of Noto CJK share one.
    assert unlikeness(drawn, "SC") < unlikeness(drawn, "JP") * 0.8
    assert (tmp_path / "office" / outcome.thumbnail).exists()


@needs_libreoffice
@pytest.mark.slow
@pytest.mark.parametrize("ending", ["pptx", "ppt"])
def test_slides_become_one_page_each(tmp_path, ending):
    source = tmp_path / "slides.fodp"
    source.write_text(_SLIDES.format(pages="".join(_SLIDE.format(at=at) for at in (1, 2, 3))), encoding="utf-8")
    profile = f"-env:UserInstallation={(tmp_path / 'maker').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", ending]
    subprocess.run([*command, "--outdir", str(tmp_path), str(source)], check=True, capture_output=True, timeout=120)

    outcome = done(tmp_path, (tmp_path / f"slides.{ending}").read_bytes(), "a.pptx")

    assert isinstance(outcome.finding, MediaFile), outcome
    assert (outcome.finding.kind, outcome.finding.pages) == (Kind.PAGE, 3)


@needs_libreoffice
def test_what_libreoffice_makes_no_pdf_of_is_refused_though_it_says_all_is_well(tmp_path):
    with zipfile.ZipFile(tmp_path / "a", "w") as pack:
        pack.writestr("[Content_Types].xml", "<Types/>")
        pack.writestr("word/document.xml", "no xml at all")

    outcome = done(tmp_path, (tmp_path / "a").read_bytes())

    assert isinstance(outcome.finding, Refusal), outcome
    assert "导出 PDF" in outcome.finding.zh
    assert outcome.is_last


@needs_libreoffice
def test_what_a_document_only_links_to_is_neither_fetched_nor_read(tmp_path):
    """Somebody outside must not get this computer's own files onto a wall, nor hear that a document was opened."""
    Image.new("RGB", (100, 100), "red").save(tmp_path / "own.png")
    (tmp_path / "own.txt").write_text("SECRET")
    with socket.create_server(("127.0.0.1", 0)) as door:
        away = f"http://127.0.0.1:{door.getsockname()[1]}/away.png"
        content = docx_that_links((tmp_path / "own.png").as_uri(), away, text=str(tmp_path / "own.txt"))
        outcome = done(tmp_path, content)
        door.setblocking(False)
        with pytest.raises(BlockingIOError):
            door.accept()

    assert isinstance(outcome.finding, MediaFile), outcome.finding
    (made,) = tmp_path.rglob("*.pdf")
    document = pdfium.PdfDocument(made)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    colours = {colour for page in document for _, colour in page.render(scale=0.5).to_pil().getcolors(1 << 20)}
    document.close()
    assert "各位居民" in text
    assert "SECRET" not in text
    assert not any(red > 200 and max(green, blue) < 60 for red, green, blue in colours)


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A web server with a picture: its address, and what it was asked."""
    asked: list[str] = []
    picture = io.BytesIO()
    Image.new("RGB", (200, 200), "red").save(picture, "PNG")

    class Page(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("content-type", "image/png")
            self.end_headers()
            self.wfile.write(picture.getvalue())

        do_GET = do_HEAD = do_OPTIONS = do_PROPFIND = answer  # noqa: N815 - the library's names

        def log_message(self, *_said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/a.png", asked
        server.shutdown()
        thread.join()


@needs_libreoffice
@pytest.mark.slow
def test_an_old_word_document_does_not_ask_elsewhere_for_its_pictures(tmp_path, elsewhere):
    address, asked = elsewhere
    source = tmp_path / "text.fodt"
    source.write_text(_LINKED.format(address=address), encoding="utf-8")
    profile = f"-env:UserInstallation={(tmp_path / 'maker').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert asked, "the document links nothing"
    asked.clear()

    outcome = done(tmp_path, (tmp_path / "text.doc").read_bytes(), "a.doc")

    assert isinstance(outcome.finding, MediaFile), outcome
    assert asked == []


def test_without_libreoffice_staff_are_told_how_to_export_a_pdf(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    refusal = refused(tmp_path, docx(SHAPES))

    assert "没有安装 LibreOffice" in refusal.zh
    assert "导出 PDF" in refusal.zh


def test_a_password_and_a_spreadsheet_are_named(tmp_path):
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    locked = refused(tmp_path, start + "EncryptedPackage".encode("utf-16-le") + bytes(600))
    sheet = refused(tmp_path, start + "Workbook".encode("utf-16-le") + bytes(600))

    assert "密码" in locked.zh
    assert "表格" in sheet.zh


def test_a_pdf_is_used_as_it_is(tmp_path):
    content = pdf(tmp_path / "a.pdf", pages=3)

    outcome = done(tmp_path, content, "a.pdf")

    assert isinstance(outcome.finding, MediaFile)
    assert (outcome.finding.pages, outcome.rendition, outcome.finding.sha256) == (3, "", outcome.sha256)
    assert outcome.thumbnail


def test_half_a_pdf_is_refused(tmp_path):
    content = pdf(tmp_path / "a.pdf", pages=30)

    assert "重新复制" in refused(tmp_path, content[: len(content) // 2]).zh


def test_a_file_that_changes_while_it_is_copied_is_taken_later(tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"x" * 100)
    job = Job(source, "a.jpg", (1, 2, 3), Recipe(), tmp_path / "office", tmp_path / "work", tmp_path / "profile")

    found = convert(job, lambda percent: None).finding

    assert isinstance(found, Refusal)
    assert found.is_unsettled


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_document_that_unpacks_without_end_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signage.office.ingest.documents._MOST_FILE_BYTES", 1_000_000)
    program = tmp_path / "soffice"
    program.write_text('#!/bin/sh\nhead -c 3000000 /dev/zero > "$HOME/unpacked"\nls -l "$HOME/unpacked" >> "$0.said"\n')
    program.chmod(0o755)
    monkeypatch.setattr("signage.office.ingest.documents.shutil.which", lambda _name: str(program))
    (tmp_path / "profile").mkdir()

    refusal = refused(tmp_path, docx("停水通知"))
    (tmp_path / "large").write_bytes(bytes(2_000_000))  # of this process nothing is limited

    assert "自动转换 PDF 没有成功" in refusal.zh
    assert program.with_name("soffice.said").read_text().split()[4] == "1000000"
