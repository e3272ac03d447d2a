"""Pictures: upright, in sRGB, at the zone's size; what cannot be shown is refused with name and reason."""

from __future__ import annotations

import threading
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageCms, ImageDraw
from PySide6.QtGui import QColor, QColorSpace, QImage

from signage.content.pages import ONE_DOCUMENT
from signage.content.values import Fit
from signage.stage import pdf as pdf_pages
from signage.stage import pictures
from signage.stage.animation import decode_animation
from signage.stage.frames import FrameStream, MotionPlan
from signage.stage.pdf import load_page
from signage.stage.pictures import PictureError, load_picture
from tests.stage.films import make_picture

ZONE = (160, 90)


def rgb(image: QImage, x: int, y: int) -> tuple[int, int, int]:
    colour = image.pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue()


def corner_marked(path: Path, orientation: int) -> Path:
    """Write a white 40x20 picture whose top left corner, as a viewer sees it, is red, stored with an orientation."""
    seen = Image.new("RGB", (40, 20), "white")
    ImageDraw.Draw(seen).rectangle((0, 0, 9, 9), fill="red")
    flips = Image.Transpose
    turns = {
        1: None,
        2: flips.FLIP_LEFT_RIGHT,
        3: flips.ROTATE_180,
        4: flips.FLIP_TOP_BOTTOM,
        5: flips.TRANSPOSE,
        6: flips.ROTATE_90,
        7: flips.TRANSVERSE,
        8: flips.ROTATE_270,
    }
    turn = turns[orientation]
    stored = seen.transpose(turn) if turn is not None else seen
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(
        path,
        exif=exif,
        **({"quality": 95} if path.suffix == ".jpg" else {"lossless": True} if path.suffix == ".webp" else {}),
    )
    return path


@pytest.mark.parametrize("packing", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"])
@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
def test_a_tiff_is_shown_however_it_is_packed(tmp_path, packing, mode):
    Image.new("RGB", (64, 36), (200, 40, 40)).convert(mode).save(tmp_path / "a.tif", compression=packing)

    shown = load_picture(tmp_path / "a.tif", (64, 36), Fit.CONTAIN)

    red, green, blue = rgb(shown, 32, 18)
    assert (abs(red - 200) < 12 and green < 60 and blue < 60) if mode != "L" else red == green == blue > 60


def test_a_tiff_of_32_bits_a_sample_is_shown_up_to_its_brightest(tmp_path):
    scan = Image.new("I", (64, 36), 1_000_000_000)
    scan.paste(2_000_000_000, (32, 0, 64, 36))
    scan.save(tmp_path / "scan.tif")

    shown = load_picture(tmp_path / "scan.tif", (64, 36), Fit.CONTAIN)

    assert (rgb(shown, 8, 18)[0], rgb(shown, 56, 18)[0]) == (127, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif"])
def test_every_orientation_is_shown_upright(tmp_path, orientation, suffix):
    path = corner_marked(tmp_path / f"a{suffix}", orientation)

    image = load_picture(path, (80, 40), Fit.CONTAIN)

    assert rgb(image, 6, 6)[1] < 90
    assert all(rgb(image, x, y)[1] > 200 for x, y in [(70, 6), (6, 34), (70, 34)])


@pytest.mark.parametrize(
    ("fit", "left", "top"), [(Fit.CONTAIN, "dark", "red"), (Fit.COVER, "red", "red"), (Fit.STRETCH, "red", "red")]
)
def test_a_tall_picture_fills_its_zone_as_the_fit_says(tmp_path, fit, left, top):
    path = make_picture(tmp_path / "a.png", (50, 100), (230, 10, 10))

    image = load_picture(path, ZONE, fit)

    assert (image.width(), image.height()) == ZONE
    assert (rgb(image, 2, 45)[0] > 200) == (left == "red")
    assert rgb(image, 80, 1)[0] > 200


def test_borders_show_the_pictures_own_colours_darkened_and_are_not_black(tmp_path):
    path = make_picture(tmp_path / "a.png", (50, 100), (230, 10, 10))

    image = load_picture(path, ZONE, Fit.CONTAIN)

    assert 40 < rgb(image, 2, 45)[0] < 150


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tiff", "a.gif", "a.avif", "a.heic"])
def test_every_kind_of_picture_is_shown(tmp_path, name):
    from pillow_heif import register_heif_opener

    register_heif_opener()
    path = make_picture(tmp_path / name, (160, 90), (30, 160, 220))

    image = load_picture(path, ZONE, Fit.CONTAIN)

    assert rgb(image, 80, 45) == pytest.approx((30, 160, 220), abs=6)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.avif", "a.heic"])
def test_every_pixel_of_a_picture_without_holes_is_opaque(tmp_path, name):
    from pillow_heif import register_heif_opener

    register_heif_opener()
    path = make_picture(tmp_path / name, (90, 90), (30, 160, 220))

    image = load_picture(path, ZONE, Fit.CONTAIN)

    assert set(bytes(image.constBits())[3::4]) == {255}


def test_the_name_of_a_picture_does_not_matter(tmp_path):
    path = make_picture(tmp_path / "a.png", (160, 90), (30, 160, 220)).rename(tmp_path / "a.jpg")

    image = load_picture(path, ZONE, Fit.CONTAIN)

    assert rgb(image, 80, 45) == (30, 160, 220)


@pytest.mark.parametrize("space", [QColorSpace.NamedColorSpace.DisplayP3, QColorSpace.NamedColorSpace.AdobeRgb])
def test_colours_of_another_space_are_shown_as_srgb(tmp_path, space):
    path = tmp_path / "wide.png"
    source = QImage(16, 9, QImage.Format.Format_RGB32)
    source.fill(QColor(180, 120, 60))
    source.setColorSpace(QColorSpace(space))
    source.save(str(path))
    wanted = source.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb)).pixelColor(3, 3)

    image = load_picture(path, ZONE, Fit.CONTAIN)

    assert rgb(image, 80, 45) == pytest.approx((wanted.red(), wanted.green(), wanted.blue()), abs=2)
    assert rgb(image, 80, 45) != (180, 120, 60)


def test_a_picture_for_the_printers_is_shown_in_its_colours(tmp_path):
    path = tmp_path / "cmyk.jpg"
    Image.new("CMYK", (160, 90), (0, 255, 255, 0)).save(path, quality=95)

    image = load_picture(path, ZONE, Fit.CONTAIN)

    red, green, blue = rgb(image, 80, 45)
    assert red > 180
    assert max(green, blue) < 90


def test_a_picture_of_sixteen_bits_is_shown(tmp_path):
    path = tmp_path / "deep.png"
    source = QImage(160, 90, QImage.Format.Format_RGBX64)
    source.fill(QColor(30, 160, 220))
    source.save(str(path))

    image = load_picture(path, ZONE, Fit.CONTAIN)

    assert rgb(image, 80, 45) == (30, 160, 220)


def test_a_profile_that_pillow_reads_is_used_too(tmp_path):
    path = tmp_path / "a.avif"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    make_picture(path, (160, 90), (30, 160, 220), icc_profile=profile)

    image = load_picture(path, ZONE, Fit.CONTAIN)

    assert rgb(image, 80, 45) == pytest.approx((30, 160, 220), abs=6)


@pytest.mark.qt_log_ignore("JPEG", extend=True)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif"])
def test_a_broken_picture_is_refused_by_name(tmp_path, suffix):
    path = make_picture(tmp_path / f"broken{suffix}", (300, 200))
    path.write_bytes(path.read_bytes()[:60])

    with pytest.raises(PictureError, match=f"broken{suffix}"):
        load_picture(path, ZONE, Fit.CONTAIN)


def test_a_picture_that_is_gone_is_refused(tmp_path):
    with pytest.raises(PictureError, match="no such file"):
        load_picture(tmp_path / "gone.jpg", ZONE, Fit.CONTAIN)


def test_a_picture_over_the_limit_is_refused_with_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "LARGEST_DECODED_MB", 1)
    path = make_picture(tmp_path / "huge.png", (2000, 1000))

    with pytest.raises(PictureError, match=r"huge\.png: 2000x1000 pixels need 8 MB decoded, more than 1 MB"):
        load_picture(path, ZONE, Fit.CONTAIN)


def test_svg_is_not_drawn(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>')

    with pytest.raises(PictureError, match=r"a\.svg"):
        load_picture(path, ZONE, Fit.CONTAIN)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "plan.pdf"
    first, second = Image.new("RGB", (100, 200), (250, 250, 250)), Image.new("RGB", (200, 100), (20, 90, 20))
    first.save(path, save_all=True, append_images=[second])
    return path


def test_a_page_of_a_pdf_is_drawn_at_the_zones_size(pdf):
    image = load_page(pdf, 2, ZONE, Fit.CONTAIN)

    assert (image.width(), image.height()) == ZONE
    assert rgb(image, 80, 45) == pytest.approx((20, 90, 20), abs=12)


def test_pages_are_drawn_on_several_threads_at_once(pdf):
    drawn: list[QImage] = []
    threads = [
        threading.Thread(target=lambda page=page: drawn.append(load_page(pdf, page, ZONE, Fit.CONTAIN)))
        for page in (1, 2, 1, 2)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(drawn) == 4


@pytest.mark.parametrize("fit", Fit)
def test_a_page_like_a_strip_is_drawn_without_filling_the_memory(tmp_path, monkeypatch, fit):
    document = pypdfium2.PdfDocument.new()
    document.new_page(10, 14_400)
    document.save(tmp_path / "strip.pdf")
    drawn = []
    render = pypdfium2.PdfPage.render

    def measured(page: pypdfium2.PdfPage, **how: object) -> pypdfium2.PdfBitmap:
        bitmap = render(page, **how)
        drawn.append(bitmap.width * bitmap.height)
        return bitmap

    monkeypatch.setattr(pypdfium2.PdfPage, "render", measured)

    image = load_page(tmp_path / "strip.pdf", 1, ZONE, fit)

    assert (image.width(), image.height()) == ZONE
    assert drawn[0] <= 10 * ZONE[0] * ZONE[1]


def test_an_animation_like_a_strip_does_not_fill_the_memory(tmp_path):
    frames = [Image.new("RGB", (4, 1200), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "strip.gif", save_all=True, append_images=frames[1:], duration=100)
    stream = FrameStream(lambda: None)
    plan = MotionPlan(tmp_path / "strip.gif", ZONE, Fit.COVER, 0.0, 0.1, may_enlarge=True, mime="image/gif")

    decode_animation(plan, stream)

    assert stream.placement.size == (160, 48_000)
    assert (first := stream.first()) is not None
    assert first.image.width() * first.image.height() <= 10 * ZONE[0] * ZONE[1]


def test_a_page_does_not_wait_for_ever_for_another_document(pdf, monkeypatch):
    monkeypatch.setattr(pdf_pages, "_LONGEST_WAIT_S", 0.01)

    with ONE_DOCUMENT, pytest.raises(PictureError, match="another document"):
        load_page(pdf, 1, ZONE, Fit.CONTAIN)

    assert not load_page(pdf, 1, ZONE, Fit.CONTAIN).isNull()


def test_a_page_that_is_not_there_is_refused(pdf):
    with pytest.raises(PictureError, match="has 2 pages, no page 3"):
        load_page(pdf, 3, ZONE, Fit.CONTAIN)


def test_what_is_no_pdf_is_refused(tmp_path):
    path = tmp_path / "no.pdf"
    path.write_bytes(b"%PDF-1.7 no")

    with pytest.raises(PictureError, match=r"no\.pdf"):
        load_page(path, 1, ZONE, Fit.CONTAIN)
    assert pypdfium2.PdfiumError is not None


def animated(path: Path, durations: list[int]) -> Path:
    frames = [Image.new("RGB", (32, 18), (40 * index, 255 - 40 * index, 0)) for index in range(len(durations))]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations, loop=0, lossless=True)
    return path


def frames_of(path: Path, start_s: float, until_s: float) -> list[tuple[float, QImage]]:
    stream = FrameStream(lambda: None)
    plan = MotionPlan(path, ZONE, Fit.CONTAIN, start_s, until_s, may_enlarge=True, mime="")
    thread = threading.Thread(target=decode_animation, args=(plan, stream), name="animation-under-test")
    thread.start()
    seen = []
    while thread.is_alive() or stream.first() is not None:
        if (first := stream.first()) is not None and (taken := stream.take(first.at_s)) is not None:
            seen.append((round(taken.at_s, 3), taken.image.copy()))
    thread.join()
    return seen


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_an_animation_shows_each_frame_for_its_own_time_and_begins_again(tmp_path, name):
    path = animated(tmp_path / name, [100, 300, 600])

    frames = frames_of(path, 0.0, 2.0)

    assert [at_s for at_s, _ in frames] == [0.0, 0.1, 0.4, 1.0, 1.1, 1.4]
    assert rgb(frames[1][1], 80, 45) == pytest.approx((40, 215, 0), abs=8)


def test_an_animation_that_is_joined_begins_with_the_frame_that_is_on(tmp_path):
    path = animated(tmp_path / "a.gif", [100, 300, 600])

    frames = frames_of(path, 12.2, 13.0)

    assert [at_s for at_s, _ in frames] == [12.1, 12.4]


def test_an_animation_that_is_none_is_refused(tmp_path):
    path = tmp_path / "a.gif"
    path.write_bytes(b"GIF89a")
    plan = MotionPlan(path, ZONE, Fit.CONTAIN, 0.0, 1.0, may_enlarge=True, mime="")

    with pytest.raises(PictureError, match=r"a\.gif"):
        decode_animation(plan, FrameStream(lambda: None))
