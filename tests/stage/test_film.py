"""Films: each frame at its time, in its shape and colours; what is broken says so and leaves its last frame."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from signage.content.values import Fit
from signage.stage.film import decode_film
from signage.stage.frames import Frame, FrameStream, MotionPlan
from signage.stage.pictures import PictureError
from signage.stage.sound import FRAME_BYTES, RATE_HZ, SoundTrack
from tests.stage.films import MIMES, make_film, make_film_of_pictures

ZONE = (64, 48)


class Watched:
    """A film decoded on a thread, looked at frame by frame."""

    def __init__(self, path: Path, start_s: float = 0.0, until_s: float = 2.0, **plan: object) -> None:
        values = {"zone": ZONE, "fit": Fit.CONTAIN, "may_enlarge": True, "mime": MIMES[path.suffix]} | plan
        self.stream = FrameStream(lambda: None)
        self.error: PictureError | None = None
        self.track: SoundTrack | None = None
        self._plan = MotionPlan(path, start_s=start_s, until_s=until_s, **values)

    def frames(self) -> list[tuple[float, QImage, int]]:
        """Give all frames of the plan: instant, picture and width of what of it is picture."""
        seen = []
        thread = threading.Thread(target=self._run, name="film-under-test")
        thread.start()
        while thread.is_alive() or self.stream.first() is not None:
            first = self.stream.first()
            if first is None:
                thread.join(0.001)
                continue
            taken = self.stream.take(first.at_s)
            assert taken is not None
            seen.append((round(taken.at_s, 3), taken.image.copy(), taken.width_px))
        thread.join()
        return seen

    def _run(self) -> None:
        try:
            decode_film(self._plan, self.stream, self.track)
        except PictureError as error:
            self.error = error


def address_of(image: QImage) -> int:
    """Give where the pixels lie in memory."""
    return ctypes.addressof(ctypes.c_char.from_buffer(image._pixels))


def grey(image: QImage) -> int:
    return image.pixelColor(image.width() // 2, image.height() // 2).green()


def instants(frames: list[tuple[float, QImage, int]]) -> list[float]:
    return [at_s for at_s, _, _ in frames]


def test_each_frame_comes_with_its_own_time_and_picture(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4"))

    frames = film.frames()

    assert instants(frames) == [round(index / 10, 3) for index in range(20)]
    assert [grey(image) for _, image, _ in frames] == pytest.approx([16 + 8 * index for index in range(20)], abs=4)


def test_a_film_that_is_joined_begins_with_the_frame_that_is_on(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4"), start_s=1.25)

    frames = film.frames()

    assert instants(frames)[0] == 1.2
    assert grey(frames[0][1]) == pytest.approx(16 + 8 * 12, abs=4)


def test_a_film_begins_again_without_a_gap_until_its_slot_ends(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4"), until_s=6.0)

    frames = film.frames()

    assert instants(frames) == pytest.approx([index / 10 for index in range(60)], abs=0.002)
    assert grey(frames[20][1]) == grey(frames[0][1])


def test_a_pass_that_would_last_less_than_a_second_is_not_begun(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4"), until_s=2.9)

    frames = film.frames()

    assert instants(frames)[-1] == 1.9


def test_a_looping_film_is_joined_in_the_pass_that_is_on(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4"), start_s=4.5, until_s=6.0)

    frames = film.frames()

    assert instants(frames)[0] == pytest.approx(4.5, abs=0.002)
    assert grey(frames[0][1]) == pytest.approx(16 + 8 * 5, abs=4)


def test_frames_of_uneven_length_keep_their_times(tmp_path):
    times = [0, 40, 500, 540, 1200]
    film = Watched(make_film(tmp_path / "a.mp4", count=5, instants=times))

    frames = film.frames()

    assert instants(frames) == [time / 1000 for time in times]


@pytest.mark.parametrize(("turn", "wanted"), [(90, (36, 48)), (270, (36, 48)), (180, (64, 48))])
def test_a_film_that_says_how_to_turn_it_is_shown_upright(tmp_path, turn, wanted):
    film = Watched(make_film(tmp_path / "a.mp4", turn=turn))

    frames = film.frames()

    assert film.error is None
    assert film.stream.placement.size == wanted
    assert (frames[0][2], frames[0][1].height()) == wanted


def test_pixels_that_are_not_square_are_shown_in_the_right_shape(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4", size=(32, 48), aspect=Fraction(2, 1)))

    film.frames()

    assert film.stream.placement.size == (64, 48)


@pytest.mark.parametrize(
    ("codec", "pixels", "name"),
    [
        ("libx264", "yuv420p10le", "a.mp4"),
        ("libvpx-vp9", "yuv420p", "a.webm"),
        ("mpeg4", "yuv420p", "a.avi"),
        ("libx264", "yuv444p", "a.mkv"),
    ],
)
def test_common_codecs_and_ten_bits_come_out_in_their_colours(tmp_path, codec, pixels, name):
    film = Watched(make_film(tmp_path / name, codec=codec, pixels=pixels, paint=lambda _: (30, 160, 220)))

    frames = film.frames()

    shown = frames[3][1].pixelColor(20, 20)
    assert (shown.red(), shown.green(), shown.blue()) == pytest.approx((30, 160, 220), abs=9)


@pytest.mark.parametrize("size", [(66, 50), (70, 34), (358, 202)])
def test_odd_widths_show_no_stranger_columns(tmp_path, size):
    film = Watched(make_film(tmp_path / "a.mp4", size=size, paint=lambda _: (240, 240, 240)), zone=(61, 47))

    _, image, width = film.frames()[0]

    assert width <= 61
    assert image.pixelColor(width - 1, image.height() // 2).green() > 225


def test_a_film_with_transparent_parts_keeps_them(tmp_path):
    film = Watched(make_film(tmp_path / "a.mov", codec="qtrle", pixels="argb"))

    frames = film.frames()

    assert frames[0][1].hasAlphaChannel()
    assert film.stream.backdrop is not None


def test_a_film_that_is_cut_off_says_so_after_its_last_frame(tmp_path):
    whole = make_film(
        tmp_path / "a.mkv",
        count=40,
        size=(320, 240),
        codec="mpeg4",
        paint=lambda index: (index * 6, 99, 255 - index * 6),
    )
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    film = Watched(cut, until_s=4.0)
    frames = film.frames()

    assert len(frames) > 5
    assert film.error is not None
    assert "cut.mkv: " in str(film.error)


def test_a_film_whose_title_is_not_utf8_plays(tmp_path):
    path = make_film(tmp_path / "a.avi", codec="mpeg4", title="社区活动".encode("gb18030"))

    film = Watched(path)

    assert len(film.frames()) == 20
    assert film.error is None


@pytest.mark.parametrize("make", [lambda path: path.write_bytes(b"no film at all" * 99), lambda path: None])
def test_what_is_no_film_is_refused_with_its_name(tmp_path, make: Callable[[Path], object]):
    path = tmp_path / "broken.mp4"
    make(path)

    film = Watched(path)
    frames = film.frames()

    assert frames == []
    assert "broken.mp4" in str(film.error)


def test_a_stopped_film_ends_its_thread_while_it_waits_for_a_buffer(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4"))
    thread = threading.Thread(target=film._run, name="film-under-test")
    thread.start()

    film.stream.stop()
    thread.join(5)

    assert not thread.is_alive()


def test_the_sound_of_a_film_is_decoded_along_with_it(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4", sound=True))
    film.track = SoundTrack(lambda: 1.0)

    film.frames()
    film.track.begin(0.0)
    heard = film.track.fill(RATE_HZ // 10, 0.0)

    assert len(heard) == RATE_HZ // 10 * FRAME_BYTES
    assert max(memoryview(heard).cast("h")) == pytest.approx(0.25 * 32767, rel=0.1)


def test_a_film_that_changes_its_shape_on_the_way_stays_whole_within_its_first_shape(tmp_path):
    path = make_film_of_pictures(tmp_path / "a.mkv", [(64, 48)] * 5 + [(24, 48)] * 5 + [(128, 96)] * 5)
    film = Watched(path, until_s=1.5)

    frames = film.frames()

    assert {(width, image.width(), image.height()) for _, image, width in frames} == {(64, 64, 48)}
    assert [image.pixelColor(2, 24).green() > 100 for _, image, _ in frames] == [True] * 5 + [False] * 5 + [True] * 5
    assert all(image.pixelColor(32, 24).green() > 100 for _, image, _ in frames)


def test_a_strip_that_covers_its_zone_does_not_fill_the_memory(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4", size=(16, 1600), count=3), fit=Fit.COVER, until_s=0.3)

    frames = film.frames()

    assert film.stream.placement.size == (64, 6400)
    assert all(width * image.height() <= 10 * ZONE[0] * ZONE[1] for _, image, width in frames)


def test_a_film_uses_the_same_few_buffers_from_beginning_to_end(tmp_path):
    film = Watched(make_film(tmp_path / "a.mp4"), until_s=20.0)
    buffers: set[int] = set()
    put = film.stream.put

    def put_noted(frame: Frame) -> None:
        buffers.add(address_of(frame.image))
        put(frame)

    film.stream.put = put_noted
    frames = film.frames()

    assert len(frames) == 200
    assert len(buffers) <= 12
