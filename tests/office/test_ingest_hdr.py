"""Films and photos in HLG and PQ look on a wall as their makers saw them, not dark and not washed out."""

from __future__ import annotations

import io
from pathlib import Path

import av
import pillow_heif
import pytest
from PIL import Image

from signage.content.signatures import HEAD_BYTES, recognise
from signage.office.ingest.films import take_film
from signage.office.ingest.pictures import take_picture
from signage.office.ingest.recipe import Recipe
from tests.office.hdrclips import HLG, PQ, SIZE, signal_of, write_clip

COLOURS = [(128, 128, 128), (40, 40, 40), (200, 150, 120), (180, 30, 30), (40, 140, 60), (30, 60, 160), (240, 240, 240)]


def difference(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def shown(path: Path) -> list[tuple[int, int, int]]:
    """Give the colour in the middle of each half second."""
    with av.open(str(path)) as film:
        video = film.streams.video[0].codec_context
        assert (int(video.color_trc), int(video.color_primaries), video.pix_fmt) == (1, 1, "yuv420p")
        pictures = [
            frame.reformat(format="rgb24", src_colorspace="ITU709").to_image() for frame in film.decode(video=0)
        ]
    return [picture.getpixel((SIZE[0] // 2, SIZE[1] // 2)) for picture in pictures[2::5]]


@pytest.mark.parametrize("transfer", [HLG, PQ])
@pytest.mark.parametrize(("name", "codec"), [("IMG_2041.mov", "libx265"), ("camera.mov", "prores_ks")])
def test_a_film_in_hdr_has_the_colours_that_it_was_made_with(tmp_path, transfer, name, codec):
    write_clip(tmp_path / name, COLOURS, transfer, codec)

    mime = recognise((tmp_path / name).read_bytes()[:HEAD_BYTES]).mime
    taken = take_film(tmp_path / name, mime, Recipe(), tmp_path, lambda _: None)

    assert taken.rendition is not None
    found = shown(taken.rendition)
    apart = [
        abs(one - other)
        for pair in zip(COLOURS[:-1], found[:-1], strict=True)
        for one, other in zip(*pair, strict=True)
    ]
    assert max(apart) <= 20  # the darkest part of a strong colour
    assert sum(apart) / len(apart) <= 4
    assert 215 <= min(found[-1]) <= max(found[-1]) <= 240  # some room is left for what is brighter than paper


def test_lamps_and_sky_are_brighter_than_paper_and_not_all_one_white(tmp_path):
    brights = [(255, 255, 255), (340, 340, 340), (450, 450, 450), (450, 380, 300)]
    write_clip(tmp_path / "a.mp4", brights, HLG)

    taken = take_film(tmp_path / "a.mp4", "video/mp4", Recipe(), tmp_path, lambda _: None)

    assert taken.rendition is not None
    paper, lamp, sun, warm = shown(taken.rendition)
    assert min(paper) + 4 < min(lamp)
    assert min(lamp) + 2 < min(sun)
    assert warm[0] > warm[1] + 8 > warm[2] + 16


def test_a_film_in_hdr_never_passes_for_one_that_complies(tmp_path):
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        video = out.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.color_trc, video.codec_context.color_primaries = HLG, 9
        for _ in range(5):
            out.mux(video.encode(av.VideoFrame.from_image(Image.new("RGB", (64, 48), "gray"))))
        out.mux(video.encode(None))

    taken = take_film(tmp_path / "a.mp4", "video/mp4", Recipe(), tmp_path, lambda _: None)

    assert taken.rendition is not None


@pytest.mark.parametrize("transfer", [HLG, PQ])
@pytest.mark.parametrize("colour", COLOURS[2:5])
def test_a_photo_in_hdr_has_the_colours_that_it_was_made_with(tmp_path, transfer, colour):
    stored = Image.new("RGB", (64, 48), tuple(round(255 * one) for one in signal_of(colour, transfer)))
    out = io.BytesIO()
    pillow_heif.from_pillow(stored).save(
        out, quality=95, color_primaries=9, transfer_characteristics=transfer, matrix_coefficients=9
    )
    (tmp_path / "a.heic").write_bytes(out.getvalue())

    taken = take_picture(tmp_path / "a.heic", recognise(out.getvalue()[:HEAD_BYTES]), Recipe(), tmp_path)

    assert taken.rendition is not None
    with Image.open(taken.rendition) as picture:
        assert difference(picture.getpixel((20, 20)), colour) <= 12
