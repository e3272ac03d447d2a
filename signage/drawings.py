"""What passes between whoever wants a picture and the process that draws it: one JSON line each way, then the bytes.

A frozen value in, a line out, and strictly back. Files are named by absolute paths, so that the drawing process needs
no store: of a published release they are its blobs, of a file with a rendition the rendition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from signage.content.values import Item, Screen
from signage.release.codec import Codec
from signage.schedule.slots import Slot

MOST_LINE_BYTES = 16_000_000
LARGEST_SIDE_PX = 8192

_CODEC = Codec()


@dataclass(frozen=True, slots=True)
class ItemWish:
    """One item as a zone of that size shows it, scaled to a width. `page` counts from 1; of a card that has several.

    `today` is the day of whoever looks (a card may count the days). `paths` gives where each file lies, by its name.
    """

    item: Item
    zone_px: tuple[int, int]
    width_px: int
    today: date
    page: int = 1
    paths: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MomentWish:
    """A whole screen at an instant: the slot of each of its zones, its clock, its layout; scaled to a width."""

    screen: Screen
    slots: tuple[Slot, ...]
    at_ms: int
    width_px: int
    paths: tuple[tuple[str, str], ...] = ()


Wish = ItemWish | MomentWish


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a wish: `length` bytes of WebP follow; none, and the reason in `fault`, where nothing came of it.

    `pages` counts those of a card. `left_out` names what could not be shown within the picture. `memory_bytes` is what
    the drawing process holds now.
    """

    length: int
    fault: str = ""
    pages: int = 1
    left_out: tuple[str, ...] = ()
    memory_bytes: int = 0


def wish_line(wish: Wish) -> bytes:
    """Give the line that asks for it."""
    return _line({"wish": type(wish).__name__, "value": _CODEC.encode(type(wish), wish)})


def read_wish(line: bytes) -> Wish:
    """Give what a line asks for.

    Raises:
        ReleaseError: it is no such line.
        ValueError: it is no JSON.
    """
    said = json.loads(line)
    kind = {"ItemWish": ItemWish, "MomentWish": MomentWish}[said["wish"]]
    wish: Wish = _CODEC.decode(kind, said["value"])
    return wish


def answer_line(answer: Answer) -> bytes:
    """Give an answer as the line that goes back to the office."""
    return _line(_CODEC.encode(Answer, answer))


def read_answer(line: bytes) -> Answer:
    """Give what a line answers; it raises as `read_wish` does."""
    answer: Answer = _CODEC.decode(Answer, json.loads(line))
    return answer


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
