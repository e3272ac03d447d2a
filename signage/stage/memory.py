"""Gives memory that was freed back to the system. Nothing comes in; on other systems than glibc's little happens."""

from __future__ import annotations

import ctypes
import gc


def give_back() -> None:
    """Free what only the cycle collector frees, and return it to the system. For the end of a decoding thread.

    PyAV's containers and codecs are in cycles, and the collector counts objects, not the tens of megabytes that each
    holds. glibc then keeps what a thread freed for that thread's arena, where only a thread of the same arena uses it
    again. The second step takes some milliseconds and does not hold Python's lock; the first is short once
    `settle` was called.
    """
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        return


def settle() -> None:
    """Leave all that there is now out of later collections: call it once the program is up."""
    gc.collect()
    gc.freeze()
