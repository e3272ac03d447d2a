"""Media are recognised by content and decoded; what cannot be used is named with its reason."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from signage.base.clock import ManualClock, SystemClock
from signage.content import media, pages, pictures
from signage.content.media import probe
from signage.content.refusal import Refusal, RefusalError
from signage.content.signatures import Family, recognise
from signage.content.values import Kind, MediaFile
from tests.content.stores import animation, noisy_jpeg, pdf, picture


def look_at(path: Path, content: bytes) -> MediaFile | Refusal:
    path.write_bytes(content)
    return probe(path)


def accepted(path: Path, content: bytes) -> MediaFile:
    found = look_at(path, content)
    assert isinstance(found, MediaFile), found
    return found


def refused(path: Path, content: bytes) -> Refusal:
    found = look_at(path, content)
    assert isinstance(found, Refusal), found
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.zh)
    return found


@pytest.mark.parametrize(
    ("format_name", "mime"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
    ],
)
def test_a_picture_is_recognised_whatever_its_name(tmp_path, format_name, mime):
    content = picture(format_name, (64, 48))

    found = accepted(tmp_path / "wrong-name.mp4", content)

    assert (found.kind, found.mime, found.size_px) == (Kind.PICTURE, mime, (64, 48))
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert (found.length_bytes, found.duration_ms, found.pages) == (len(content), None, 1)


def test_a_heic_photo_is_recognised(tmp_path):
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red")).save(out)

    found = accepted(tmp_path / "IMG_0001.HEIC", out.getvalue())

    assert (found.kind, found.mime, found.size_px) == (Kind.PICTURE, "image/heic", (64, 48))


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_an_animation_has_the_length_of_its_frames(tmp_path, format_name):
    found = accepted(tmp_path / "a", animation(format_name, frames=3, frame_ms=200))

    assert (found.kind, found.duration_ms, found.size_px) == (Kind.ANIMATION, 600, (32, 24))


def test_frames_without_a_time_last_a_tenth_of_a_second(tmp_path):
    found = accepted(tmp_path / "a.gif", animation("GIF", frames=4, frame_ms=0))

    assert found.duration_ms == 400


def test_two_pictures_in_one_jpeg_are_one_picture(tmp_path):
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48), "red")])

    assert accepted(tmp_path / "phone.jpg", out.getvalue()).kind is Kind.PICTURE


def test_pages_of_a_tiff_are_no_animation(tmp_path):
    assert accepted(tmp_path / "scan.tif", animation("TIFF")).kind is Kind.PICTURE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_size_has_the_orientation_applied(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation

    found = accepted(tmp_path / "phone.jpg", picture("JPEG", (64, 48), exif=exif))

    assert found.size_px == ((48, 64) if orientation >= 5 else (64, 48))


def test_a_pdf_has_pages_and_the_size_of_its_first(tmp_path):
    content = pdf(tmp_path / "plan.pdf", pages=3, size=(300, 200))

    found = accepted(tmp_path / "plan.jpg", content)

    assert (found.kind, found.pages, found.size_px, found.mime) == (Kind.PAGE, 3, (300, 200), "application/pdf")


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_cut_picture_is_refused(tmp_path, format_name, part):
    source = Image.open(io.BytesIO(noisy_jpeg((200, 150))))
    out = io.BytesIO()
    source.save(out, format_name)
    content = out.getvalue()

    refused(tmp_path / "cut", content[: int(len(content) * part)])


def test_a_jpeg_whose_copy_stopped_is_called_truncated(tmp_path):
    content = noisy_jpeg()

    assert "truncated" in refused(tmp_path / "a.jpg", content[: len(content) * 2 // 3]).reason


@pytest.mark.parametrize(("format_name", "part"), [("WEBP", 0.01), ("WEBP", 0.5), ("AVIF", 0.5)])
def test_half_a_copy_is_called_truncated_where_the_file_states_its_length(tmp_path, format_name, part):
    out = io.BytesIO()
    Image.open(io.BytesIO(noisy_jpeg((600, 400)))).save(out, format_name)
    content = out.getvalue()

    assert "truncated" in refused(tmp_path / "half", content[: int(len(content) * part)]).reason


def test_a_whole_file_that_cannot_be_decoded_is_not_called_truncated(tmp_path):
    body = b"WEBPVP8 " + bytes(200)
    content = b"RIFF" + len(body).to_bytes(4, "little") + body + b"x" * 600

    assert "cannot be decoded" in refused(tmp_path / "a.webp", content).reason


def heic(image: Image.Image) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out)
    return out.getvalue()


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIC"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_picture_whose_end_never_came_is_refused(tmp_path, format_name, part):
    source = Image.open(io.BytesIO(noisy_jpeg((200, 150))))
    out = io.BytesIO()
    if format_name == "HEIC":
        out.write(heic(source))
    else:
        source.save(out, format_name)
    content = out.getvalue()
    there = int(len(content) * part)

    refused(tmp_path / "hole", content[:there] + bytes(len(content) - there))


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "GIF"])
def test_a_whole_picture_may_be_padded(tmp_path, format_name):
    accepted(tmp_path / "padded", picture(format_name) + bytes(2000))


@pytest.mark.parametrize("format_name", ["BMP", "TIFF"])
def test_a_picture_that_ends_in_black_is_whole(tmp_path, format_name):
    out = io.BytesIO()
    Image.new("RGB", (200, 100)).save(out, format_name)

    accepted(tmp_path / "black", out.getvalue())


@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("is_hole", [True, False])
def test_a_cut_pdf_is_refused(tmp_path, part, is_hole):
    content = pdf(tmp_path / "whole.pdf", pages=2)
    there = int(len(content) * part)

    refused(tmp_path / "cut.pdf", content[:there] + bytes(len(content) - there if is_hole else 0))


def test_a_pdf_with_a_password_is_refused(tmp_path, monkeypatch):
    def open_locked(path: Path) -> None:
        raise pages.pdfium.PdfiumError("Failed to load document (PDFium: Incorrect password error).")

    pdf(tmp_path / "a.pdf")
    monkeypatch.setattr(pages.pdfium, "PdfDocument", open_locked)

    assert pages.look_at(tmp_path / "a.pdf") == Refusal("is protected by a password", "PDF 有密码保护，请去掉密码")


def nested_pdf(levels: int, uses: int) -> bytes:
    """Give a small PDF whose page draws a form that draws `uses` forms, and so on `levels` deep."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>",
        b"<</Length 5>>stream\n/F Do\nendstream",
    ]
    for level in range(levels):
        drawn = b"/F Do " * uses if level < levels - 1 else b"0 0 9 9 re f "
        inner = b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + level) if level < levels - 1 else b""
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 200 200]%s/Length %d>>" % (inner, len(drawn))
        objects.append(head + b"stream\n" + drawn + b"\nendstream")
    body, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + tail


def test_a_pdf_that_takes_for_ever_to_draw_is_refused_in_time(tmp_path):
    (tmp_path / "few.pdf").write_bytes(nested_pdf(3, 2))
    (tmp_path / "many.pdf").write_bytes(nested_pdf(10, 10))

    assert pages.examine_pdf(tmp_path / "few.pdf").pages == 1
    with pytest.raises(RefusalError, match="takes longer than 2 s to draw"):
        pages.examine_pdf(tmp_path / "many.pdf", limit_s=2)


def test_a_pdf_that_ends_the_process_that_looks_at_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pages.sys, "executable", "/bin/false")

    with pytest.raises(RefusalError, match="gave up"):
        pages.examine_pdf(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<svg/>", "an SVG drawing"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        ("社区通知".encode(), "a text file"),
        (b"just words\n", "a text file"),
        (b"PK\x03\x04" + b"\0" * 22 + b"[Content_Types].xml", "an Office file"),
        (b"PK\x03\x04" + b"\0" * 60, "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old Office file"),
        (b"MZ" + b"\0" * 60, "a Windows program"),
        (b"ID3\x03" + b"\0" * 60, "a sound file"),
        (os.urandom(1) + b"\0\1\2\3" * 40, "no format known"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "cannot be decoded"),
        (b"GIF89a" + b"\0" * 100, "cannot be decoded"),
        (b"%PDF-1.7\n" + b"\0" * 100, "truncated"),
        (b"%PDF-1.7\nnothing\n%%EOF\n", "cannot be decoded"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "cannot be decoded"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 100, "cannot be decoded"),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 100, ""),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_reason(tmp_path, content, reason):
    assert reason in refused(tmp_path / "a.jpg", content).reason


def huge_png(width: int, height: int) -> bytes:
    """Give the header of a picture of that size with hardly any data: what a decompression bomb looks like."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


def test_a_picture_over_the_pixel_limit_is_refused_before_it_is_decoded(tmp_path):
    found = refused(tmp_path / "bomb.png", huge_png(50_000, 50_000))

    assert found.reason == "is too large (50000x50000 is 2500 megapixels; at most 200)"
    assert "2500" in found.zh


def test_an_animation_that_is_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "ANIMATION_FRAME_LIMIT", 3)

    assert "4 frames" in refused(tmp_path / "a.gif", animation("GIF", frames=4)).reason


def test_a_decoder_that_fails_in_an_unknown_way_is_a_refusal(tmp_path, monkeypatch):
    def fail(picture: object) -> None:
        raise struct.error("unpack requires a buffer of 4 bytes")

    monkeypatch.setattr(pictures, "_decoded", fail)

    assert "unpack requires" in refused(tmp_path / "a.png", picture("PNG")).reason


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "fifo")

    assert isinstance(probe(tmp_path / "gone.jpg"), Refusal)
    assert isinstance(probe(tmp_path), Refusal)
    assert probe(tmp_path / "fifo") == Refusal("is not a plain file", "不是普通文件")


def test_a_file_that_is_held_open_for_writing_is_not_settled(tmp_path):
    path = tmp_path / "a.jpg"
    content = picture()

    with path.open("wb") as writer:
        writer.write(content)
        writer.flush()
        during = probe(path)
    after = probe(path)

    assert isinstance(during, Refusal)
    assert during.is_unsettled
    assert isinstance(after, MediaFile)


HOLD = "import sys; f = open(sys.argv[1], 'r+b'); print('held', flush=True); sys.stdin.read()"


def test_a_file_that_another_program_writes_is_not_settled(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())

    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        during = probe(path)
        writer.communicate()

    assert isinstance(during, Refusal)
    assert during.is_unsettled
    assert isinstance(probe(path), MediaFile)


def test_a_file_that_others_only_read_is_settled(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())

    with path.open("rb"):
        assert isinstance(probe(path), MediaFile)


@pytest.mark.parametrize(("age_s", "is_unsettled"), [(0.5, True), (1.9, True), (2.5, False), (-3600, False)])
def test_where_no_writer_can_be_seen_the_age_of_a_film_or_a_pdf_tells(tmp_path, monkeypatch, age_s, is_unsettled):
    monkeypatch.setattr(media, "is_being_written", lambda fd: None)
    path = tmp_path / "a.pdf"
    pdf(path)
    os.utime(path, (1, 1))
    clock = ManualClock(datetime.fromtimestamp(path.stat().st_ctime, UTC))
    clock.jump(round(age_s * 1000))

    found = probe(path, clock=clock)

    assert isinstance(found, Refusal) == is_unsettled


def test_where_no_writer_can_be_seen_a_picture_is_judged_by_its_decoder(tmp_path, monkeypatch):
    monkeypatch.setattr(media, "is_being_written", lambda fd: None)
    content = noisy_jpeg()

    assert "truncated" in refused(tmp_path / "a.jpg", content[: len(content) // 2]).reason
    accepted(tmp_path / "a.jpg", content)


def test_a_file_that_changes_while_it_is_read_is_not_settled(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())
    examine = media.examine_picture

    def examine_while_somebody_appends(stream: io.BytesIO) -> pictures.PictureFacts:
        with path.open("ab") as writer:
            writer.write(b"more")
        return examine(stream)

    monkeypatch.setattr(media, "examine_picture", examine_while_somebody_appends)

    found = probe(path)

    assert isinstance(found, Refusal)
    assert found.is_unsettled


def test_probing_leaves_signals_alone_and_takes_no_wall_time_to_settle(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(picture())
    start = time.monotonic()

    found = probe(path, clock=SystemClock())

    assert isinstance(found, MediaFile)
    assert time.monotonic() - start < 1.5


@given(st.binary(max_size=200))
def test_every_head_has_a_format(head):
    found = recognise(head)

    assert found.name
    assert (found.family is Family.REFUSED) == (not found.mime)


# Pillow logs what it finds in damaged TIFFs; the declaration holds for all examples.
LOGGING = settings(suppress_health_check=[*HealthCheck])

HEADS = st.sampled_from(
    [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"RIFF\x40\0\0\0WEBPVP8L", b"%PDF-1.4\n",
     b"\0\0\0\x18ftypavif", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypisom", b"\x1a\x45\xdf\xa3", b"\0\0\1\xba",
     b"RIFF\x40\0\0\0AVI LIST", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")]
)  # fmt: skip


@LOGGING
@given(head=HEADS, rest=st.binary(max_size=300))
def test_no_bytes_crash_a_decoder(tmp_path_factory, expect_log, head, rest):
    expect_log("^PIL", required=False)
    path = tmp_path_factory.getbasetemp() / "fuzz"
    path.write_bytes(head + rest)

    assert isinstance(probe(path), MediaFile | Refusal)


@LOGGING
@given(
    at=st.integers(0, 3000),
    bits=st.integers(1, 255),
    format_name=st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF"]),
)
def test_no_flipped_byte_crashes_a_decoder(tmp_path_factory, expect_log, at, bits, format_name):
    expect_log("^PIL", required=False)
    path = tmp_path_factory.getbasetemp() / "flipped"
    content = bytearray(picture(format_name))
    content[at % len(content)] ^= bits
    path.write_bytes(content)

    assert isinstance(probe(path), MediaFile | Refusal)
