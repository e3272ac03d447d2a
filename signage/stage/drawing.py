"""`python -m signage.stage.drawing`: wishes come in on standard input, a line each; pictures go out, one for each wish.

For the office, which itself loads no Qt: a file that brings a decoder down takes this process along, and no other.
It ends when its input does.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from signage.base.errors import SignageError
from signage.content.values import Item, MediaFile, Screen
from signage.drawings import LARGEST_SIDE_PX, MOST_LINE_BYTES, Answer, MomentWish, answer_line, read_wish
from signage.stage.loading import Locate
from signage.stage.memory import give_back, map_large_blocks, settle
from signage.stage.studio import Studio, open_application
from signage.stage.thumbnails import Thumbnails, to_webp

_LARGEST_CANVAS_PX = 40_000_000


def draw_all(wishes: BinaryIO, answers: BinaryIO) -> None:
    """Answer every wish in order, until there are no more."""
    while line := wishes.readline(MOST_LINE_BYTES):
        picture = b""
        try:
            picture, answer = draw(line)
        except SignageError as error:
            answer = Answer(0, fault=str(error))
        except Exception as error:  # noqa: BLE001 - a template or decoder that fails must not fail the next picture
            answer = Answer(0, fault=f"cannot be drawn: {error!r}")
        give_back()
        answers.write(answer_line(replace(answer, memory_bytes=_memory_bytes())) + picture)
        answers.flush()


def draw(line: bytes) -> tuple[bytes, Answer]:
    """Give the picture that a line asks for, as WebP.

    Raises:
        SignageError: it cannot be drawn.
    """
    wish = read_wish(line)
    if isinstance(wish, MomentWish):
        return _draw_moment(wish)
    _check_size(wish.zone_px, wish.width_px)
    with Thumbnails(_locate(wish.paths, wish.item), wish.width_px, wish.today) as thumbnails:
        if wish.item.card is not None:
            picture, pages = thumbnails.draw_card(wish.item.card, wish.zone_px, wish.page)
        else:
            picture, pages = thumbnails.draw(wish.item, wish.zone_px), 1
    return picture, Answer(len(picture), pages=pages)


def _draw_moment(wish: MomentWish) -> tuple[bytes, Answer]:
    _check_size(wish.screen.size_px or (1, 1), wish.width_px)
    application = open_application()
    studio = Studio(_locate(wish.paths, *(slot.item for slot in wish.slots)), _plain(wish.screen))
    try:
        picture = to_webp(studio.picture(wish.at_ms, wish.slots), wish.width_px)
        return picture, Answer(len(picture), left_out=studio.left_out)
    finally:
        studio.close()
        application.processEvents()


def _plain(screen: Screen) -> Screen:
    return replace(screen, sound=False)


def _check_size(canvas: tuple[int, int], width_px: int) -> None:
    if not 1 <= width_px <= LARGEST_SIDE_PX or min(canvas) < 1 or canvas[0] * canvas[1] > _LARGEST_CANVAS_PX:
        raise SignageError(f"a picture of {canvas[0]}x{canvas[1]} px is more than can be drawn here")


def _locate(paths: tuple[tuple[str, str], ...], *items: Item) -> Locate:
    places = dict(paths)
    missing = next((item.media.path for item in items if item.media and item.media.path not in places), None)
    if missing:
        raise SignageError(f"{missing}: nobody said where it lies")

    def locate(media: MediaFile) -> Path:
        return Path(places.get(media.path, os.devnull))

    return locate


def _memory_bytes() -> int:
    """Give what this process holds now; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0


def main() -> None:
    """Draw for whoever started this, with standard output kept for the pictures alone."""
    map_large_blocks()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    open_application()
    settle()
    draw_all(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
