"""Glances at an output come in; whether it is black or frozen goes out, without a false alarm for what stands still.

Pure: a glance says what a picture of the output was, and what the stage believes to be there.
"""

from __future__ import annotations

from dataclasses import dataclass

from signage.wire import OutputLook

BLACK_LUMA = 16
"""What is no brighter than this of 255 is black."""
CERTAIN_AFTER_S = 2.0
STALLED_S = 10.0


@dataclass(frozen=True, slots=True)
class Glance:
    """One look at the output. `at_s` is monotonic.

    Two pictures of the output that are the same to the last pixel have the same `output`; two things that the stage
    put there that differ have another `believed`. `is_dark`: nothing is brighter than
    black; `should_show`: something is to be seen.
    `stalled_s`: for so long a film on screen got no new picture from its decoder.
    """

    at_s: float
    taken_ms: int
    output: int
    is_dark: bool
    luma: float
    believed: int
    should_show: bool = True
    stalled_s: float = 0.0


class OutputJudge:
    """Judges each glance by those before it. One that may be black or frozen is certain at the next, 2 s later or more.

    Frozen: the picture of the output stays the same to the last pixel while what the stage put there became another.
    So neither a picture that stands for an hour, nor two items that look alike, nor a still passage of a film is it.
    """

    def __init__(self, certain_after_s: float = CERTAIN_AFTER_S) -> None:
        self._certain_after_s = certain_after_s
        self._dark_since_s: float | None = None
        self._differs_since_s: float | None = None
        self._first: Glance | None = None

    def judge(self, glance: Glance) -> tuple[OutputLook, bool]:
        """Give what is to be reported, and whether it is doubtful: to be looked at again soon."""
        is_dark = glance.should_show and glance.is_dark
        self._dark_since_s = _since(self._dark_since_s, glance.at_s, is_dark)
        first = self._first
        if first is None or first.output != glance.output or not glance.should_show:
            first = self._first = glance
        self._differs_since_s = _since(self._differs_since_s, glance.at_s, first.believed != glance.believed)
        is_black = self._is_certain(self._dark_since_s, glance.at_s)
        frozen_s = glance.at_s - first.at_s if self._is_certain(self._differs_since_s, glance.at_s) else 0.0
        if glance.stalled_s >= STALLED_S:
            frozen_s = max(frozen_s, glance.stalled_s)
        is_doubtful = (is_dark and not is_black) or (self._differs_since_s is not None and not frozen_s)
        look = OutputLook(glance.taken_ms, round(glance.luma, 1), is_black, round(frozen_s, 1))
        return look, is_doubtful

    def _is_certain(self, since_s: float | None, now_s: float) -> bool:
        return since_s is not None and now_s - since_s >= self._certain_after_s


def _since(since_s: float | None, now_s: float, is_so: bool) -> float | None:
    if not is_so:
        return None
    return now_s if since_s is None else since_s
