"""Photos as phones, cameras and print shops make them become pictures that every screen shows right."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageCms, ImageDraw

from signage.content.refusal import Refusal, RefusalError
from signage.content.signatures import HEAD_BYTES, recognise
from signage.content.values import Kind, MediaFile, Screen
from signage.office.ingest import printing
from signage.office.ingest.pictures import take_picture
from signage.office.ingest.printing import PROFILES
from signage.office.ingest.recipe import Recipe, recipe_for
from signage.office.ingest.taken import Taken
from tests.content.stores import animation, noise, noisy_jpeg
from tests.office.ingesting import converted

LARGE = Recipe()
SMALL = Recipe(((64, 36),))


def taken(folder: Path, content: bytes, recipe: Recipe = LARGE) -> Taken:
    path = folder / "original"
    path.write_bytes(content)
    return take_picture(path, recognise(content[:HEAD_BYTES]), recipe, folder)


def shown(taken: Taken) -> Image.Image:
    assert taken.rendition is not None
    with Image.open(taken.rendition) as picture:
        picture.load()
        return picture


def saved(picture: Image.Image, format_name: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format_name, **options)
    return out.getvalue()


def corners() -> Image.Image:
    """Give a picture with another colour in each corner: red, green, blue, white from the top left, clockwise."""
    picture = Image.new("RGB", (64, 32))
    draw = ImageDraw.Draw(picture)
    for box, colour in (((0, 0), "red"), ((32, 0), "lime"), ((32, 16), "blue"), ((0, 16), "white")):
        draw.rectangle((*box, box[0] + 31, box[1] + 15), fill=colour)
    return picture


def is_near(one: tuple[int, ...], other: tuple[int, ...], most: int = 30) -> bool:
    return all(abs(a - b) <= most for a, b in zip(one, other, strict=True))


_BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", range(2, 9))
def test_each_orientation_of_a_camera_comes_out_upright(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(corners().transpose(_BACK[orientation]), "JPEG", quality=95, exif=exif)

    result = taken(tmp_path, content)

    picture = shown(result)
    assert picture.size == result.facts.size_px == (64, 32)
    assert "exif" not in picture.info
    for at, colour in (((8, 6), (255, 0, 0)), ((56, 6), (0, 255, 0)), ((56, 26), (0, 0, 255)), ((8, 26), (255,) * 3)):
        assert is_near(picture.getpixel(at), colour), (at, picture.getpixel(at))


@pytest.mark.parametrize(
    ("format_name", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")]
)
def test_what_is_good_already_is_used_as_it_is(tmp_path, format_name, mode):
    result = taken(tmp_path, saved(corners().convert(mode), format_name))

    assert result.rendition is None
    assert (result.facts.kind, result.facts.size_px) == (Kind.PICTURE, (64, 32))
    assert result.look is not None
    assert max(result.look.size) <= 480


def test_a_photo_in_display_p3_has_its_red_in_srgb(tmp_path):
    result = taken(
        tmp_path, saved(Image.new("RGB", (64, 32), (234, 51, 35)), "JPEG", quality=98, icc_profile=display_p3())
    )

    assert is_near(shown(result).getpixel((30, 15)), (255, 0, 0), 12)
    assert "icc_profile" not in shown(result).info


def display_p3() -> bytes:
    """Give a profile of Display P3: sRGB's curve, wider primaries (adapted to D50)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {
        b"rXYZ": (0.51512, 0.2412, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.1571, 0.06657, 0.78407),
    }
    for at in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12):
        name, place = bytes(profile[at : at + 4]), int.from_bytes(profile[at + 4 : at + 8], "big")
        if name in primaries:
            for part, value in enumerate(primaries[name]):
                start = place + 8 + 4 * part
                profile[start : start + 4] = round(value * 65_536).to_bytes(4, "big", signed=True)
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "P3  ".encode("utf-16-be"))


_INKS = {"red": (0, 255, 255, 0), "cyan": (255, 0, 0, 0), "green": (255, 0, 255, 0), "blue": (255, 255, 0, 0)}
_ON_PAPER = {"red": (237, 28, 36), "cyan": (0, 174, 239), "green": (0, 166, 80), "blue": (46, 49, 146)}
"""What inks of coated paper look like on a screen. Source: Adobe's values for SWOP, as swatches have them."""


@pytest.mark.skipif(
    not any(path.is_file() for path in PROFILES), reason="needs a profile: apt-get install libgs-common"
)
@pytest.mark.parametrize("name", _INKS)
@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
def test_a_poster_for_the_press_has_the_colours_of_its_print(tmp_path, name, file_format):
    options = {"quality": 98} if file_format == "JPEG" else {}
    result = taken(tmp_path, saved(Image.new("CMYK", (64, 32), _INKS[name]), file_format, **options))

    picture = shown(result)
    assert picture.mode == "RGB"
    assert is_near(picture.getpixel((30, 15)), _ON_PAPER[name], 45)  # presses differ


@pytest.mark.parametrize("profile", [b"", b"no profile at all"])
def test_without_a_profile_of_a_press_a_poster_is_still_shown(tmp_path, monkeypatch, profile):
    if profile:
        (tmp_path / "press.icc").write_bytes(profile)
    monkeypatch.setattr(printing, "PROFILES", (tmp_path / "press.icc",))

    picture = shown(taken(tmp_path, saved(Image.new("CMYK", (64, 32), _INKS["red"]), "JPEG", quality=98)))

    assert is_near(picture.getpixel((30, 15)), (255, 0, 0), 10)


def test_white_paper_and_black_ink_of_a_press_stay_white_and_black(tmp_path):
    poster = Image.new("CMYK", (64, 32), (0, 0, 0, 0))
    poster.paste((0, 0, 0, 255), (0, 0, 32, 32))

    picture = shown(taken(tmp_path, saved(poster, "TIFF")))

    assert min(picture.getpixel((50, 15))) >= 250
    assert max(picture.getpixel((10, 15))) <= 48


def test_sixteen_bits_a_grey_keep_their_shades(tmp_path):
    ramp = Image.new("I;16", (64, 32))
    ramp.putdata([column * 1024 for _ in range(32) for column in range(64)])

    picture = shown(taken(tmp_path, saved(ramp, "PNG"))).convert("L")

    assert [abs(picture.getpixel((at, 10)) - at * 4) <= 4 for at in (0, 16, 32, 63)] == [True] * 4


def test_sixteen_bits_a_colour_become_eight(tmp_path):
    rows = b"".join(b"\0" + b"".join(struct.pack(">3H", at * 1024, 0, 65_535) for at in range(64)) for _ in range(32))
    parts = [(b"IHDR", struct.pack(">2I5B", 64, 32, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )

    picture = shown(taken(tmp_path, content))

    assert [is_near(picture.getpixel((at, 10)), (at * 4, 0, 255), 8) for at in (0, 16, 32, 63)] == [True] * 4


@pytest.mark.parametrize("format_name", ["BMP", "TIFF", "AVIF"])
def test_other_formats_become_jpeg(tmp_path, format_name):
    result = taken(tmp_path, saved(corners(), format_name))

    assert (result.facts.mime, shown(result).format) == ("image/jpeg", "JPEG")
    assert is_near(shown(result).getpixel((8, 6)), (255, 0, 0))


def test_a_heic_of_a_phone_becomes_jpeg(tmp_path):
    out = io.BytesIO()
    pillow_heif.from_pillow(corners()).save(out, quality=95)

    result = taken(tmp_path, out.getvalue())

    assert shown(result).format == "JPEG"
    assert is_near(shown(result).getpixel((8, 6)), (255, 0, 0))


def test_of_two_pictures_in_one_jpeg_the_first_is_shown(tmp_path):
    content = saved(corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 32), "black")], quality=95)

    result = taken(tmp_path, content)

    assert shown(result).format == "JPEG"
    assert getattr(shown(result), "n_frames", 1) == 1
    assert is_near(shown(result).getpixel((8, 6)), (255, 0, 0))


def test_what_shines_through_stays_so(tmp_path):
    picture = Image.new("RGBA", (640, 320), (255, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((0, 0, 320, 320), fill=(0, 0, 255, 255))

    result = taken(tmp_path, saved(picture, "PNG"), SMALL)

    assert shown(result).format == "PNG"
    assert shown(result).getpixel((60, 10))[3] == 0
    assert shown(result).getpixel((4, 10)) == (0, 0, 255, 255)


def test_a_photo_is_as_large_as_the_largest_canvas_takes_to_be_covered(tmp_path):
    assert taken(tmp_path, saved(noise(random.Random(1), (640, 480)), "JPEG"), SMALL).facts.size_px == (64, 48)
    assert taken(tmp_path, saved(noise(random.Random(1), (480, 640)), "JPEG"), SMALL).facts.size_px == (64, 85)
    assert taken(tmp_path, saved(noise(random.Random(1), (1280, 20)), "JPEG"), SMALL).facts.size_px == (128, 2)


def test_the_recipe_is_of_the_largest_screens():
    screens = [Screen(size_px=(1920, 1080)), Screen(size_px=(1080, 1920)), Screen(size_px=(640, 360))]

    assert recipe_for(screens).canvases == ((1080, 1920), (1920, 1080))
    assert recipe_for([Screen()]).canvases == ((3840, 2160),)
    assert recipe_for(screens).film_size_for((3840, 2160)) == (1920, 1080)
    assert recipe_for(screens).film_size_for((641, 361)) == (640, 360)


@pytest.mark.parametrize("format_name", ["GIF", "WEBP"])
def test_an_animation_stays_one_and_is_shrunk_where_it_is_too_large(tmp_path, format_name):
    kept = taken(tmp_path, animation(format_name))
    shrunk = taken(tmp_path, animation(format_name), Recipe(((16, 9),)))

    assert (kept.rendition, kept.facts.kind, kept.facts.duration_ms) == (None, Kind.ANIMATION, 600)
    assert (shrunk.facts.size_px, shrunk.facts.duration_ms, shrunk.facts.mime) == ((16, 12), 600, "image/webp")
    assert getattr(shown(shrunk), "n_frames", 1) == 3


@pytest.mark.parametrize("keep", [0.46, 0.98])
def test_a_cut_photo_is_refused(tmp_path, keep):
    content = noisy_jpeg((800, 600))

    with pytest.raises(RefusalError) as caught:
        taken(tmp_path, content[: int(len(content) * keep)])

    assert "重新" in caught.value.refusal.zh


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path):
    content = bytearray(saved(Image.new("1", (8, 8)), "PNG"))
    content[16:24] = struct.pack(">2I", 30_000, 30_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))

    with pytest.raises(RefusalError) as caught:
        taken(tmp_path, bytes(content))

    assert "900 百万像素" in caught.value.refusal.zh


@pytest.mark.slow
def test_a_photo_of_200_megapixels_is_shrunk(tmp_path):
    content = saved(Image.new("L", (16_320, 12_240), 200), "PNG", compress_level=1)

    result = taken(tmp_path, content)

    assert result.facts.size_px == (3840, 2880)


@pytest.mark.parametrize("is_progressive", [False, True])
def test_a_jpeg_that_is_drawn_over_and_over_is_refused_at_once(tmp_path: Path, is_progressive: bool) -> None:
    stream = io.BytesIO()
    Image.effect_noise((200, 100), 60).convert("RGB").save(stream, "JPEG", progressive=is_progressive)
    whole = stream.getvalue()
    last = whole[whole.rindex(b"\xff\xda") : -2]

    usual = converted(tmp_path, whole, "a.jpg").finding
    endless = converted(tmp_path, whole[:-2] + last * 300 + b"\xff\xd9", "a.jpg").finding
    behind = converted(tmp_path, whole + last * 300, "a.jpg").finding  # phones put a film behind the picture

    assert isinstance(usual, MediaFile)
    assert isinstance(behind, MediaFile)
    assert isinstance(endless, Refusal)
    assert endless.zh == "图片分成了 200 层以上，请另存为普通 JPEG"
