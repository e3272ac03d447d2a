"""What the bench plays is what it says: numbered films, a store without problems, counts that find what is lost."""

from __future__ import annotations

import av
import pytest
from PIL import Image

from signage.content.store import read_store
from signage.content.values import Kind
from tests.bench.changes import CYCLE, Changes, memory_slope_kb
from tests.bench.material import (
    CODE_BITS,
    CODE_BLOCK_PX,
    Material,
    frame_number,
    make_film,
    make_store,
    mixed,
)
from tests.bench.measure import Watched
from tests.bench.scenes import lost_frames


def samples(picture: Image.Image) -> bytes:
    row = [picture.getpixel((CODE_BLOCK_PX // 2 + at * CODE_BLOCK_PX, picture.height // 2)) for at in range(CODE_BITS)]
    return bytes(pixel[part] for part in range(3) for pixel in row)


def state(number: int) -> bytes:
    return bytes(230 if number >> (CODE_BITS - 1 - at) & 1 else 25 for at in range(CODE_BITS)) * 3


@pytest.fixture
def material(tmp_path) -> Material:
    media = tmp_path / "media"
    media.mkdir()
    pictures = tuple(media / f"picture-{at}.jpg" for at in range(5))
    for at, path in enumerate(pictures):
        Image.new("RGB", (320, 180), (200, 40 * at, 90)).save(path)
    film = make_film(media / "film.mp4", (640, 360), 0.4, pictures[0])
    pages = [Image.new("RGB", (200, 280), (60 * at, 90, 200)) for at in range(4)]
    animation, document = media / "animation.webp", media / "pages.pdf"
    pages[0].save(animation, save_all=True, append_images=pages[1:], duration=100)
    pages[0].save(document, save_all=True, append_images=pages[1:])
    return Material(media, pictures, pictures[0], film, (film, film, film), animation, document)


def test_every_frame_of_a_film_carries_its_number(material):
    with av.open(str(material.film)) as container:
        numbers = [frame_number(samples(frame.to_image())) for frame in container.decode(video=0)]

    assert numbers == list(range(12))


def test_a_number_that_is_blurred_is_not_guessed():
    assert frame_number(bytes([120]) * CODE_BITS * 3) is None


def test_the_mixed_playlist_is_read_whole_and_has_every_kind(tmp_path, material):
    store = read_store(make_store(tmp_path / "store", material, mixed(material, 0.8)))

    items = [item for entry in store.playlists[0].entries for item in entry.items]
    assert store.problems == ()
    assert len(items) == CYCLE
    assert {item.kind for item in items} == {Kind.PICTURE, Kind.VIDEO, Kind.CARD, Kind.PAGE, Kind.ANIMATION}
    assert {item.duration_ms for item in items} == {800}


@pytest.mark.parametrize(
    ("numbers", "lost"), [([5, 6, 7], 0), ([5, 7, 10], 3), ([898, 899, 0, 1], 0), ([3, 3, 4], 0), ([], 0)]
)
def test_frames_that_were_never_on_screen_are_counted(numbers, lost):
    states = tuple(state(number) for number in numbers)

    assert lost_frames(Watched(1.0, 500, tuple(range(len(states))), (), 2.0, states)) == lost


def test_a_short_black_is_one_frame_and_a_long_one_as_many_as_fit():
    part = Watched(1.0, 500, (), ((0.2, 0.002), (0.5, 0.1)), 2.0)

    assert Changes((part,), (), ()).black_frames == 1 + 6


def test_what_films_take_for_a_moment_is_no_growth_of_memory():
    points = [(at * 4.0, 200 + (60 if at % 4 == 3 else 0) + at * 4 * 2 / 1024) for at in range(200)]

    assert memory_slope_kb(points) == pytest.approx(2, abs=0.1)
