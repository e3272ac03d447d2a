"""Gives memory that was freed back to the system. Nothing comes in; on other systems than glibc's little happens."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

_M_MMAP_THRESHOLD = -3  # glibc's malloc.h
_LARGE_BYTES = 1 << 20


def map_large_blocks() -> None:
    """Have each block of a megabyte or more taken from the system alone and returned to it once freed.

    glibc raises that limit by itself to the size of the first picture freed. From then on pictures and frames lie
    between small blocks in the heaps of many threads, which grow with each change of item: measured over changes of
    mixed items, 319 MiB after 370 changes and growing, against 158 that stay. Call it before threads begin.

    Source: mallopt(3), M_MMAP_THRESHOLD; setting it ends its adjustment.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back() -> None:
    """Free what only the cycle collector frees, and return it to the system. For the end of a decoding thread.

    PyAV's containers and codecs are in cycles, and the collector counts objects, not the tens of megabytes that each
    holds. glibc then keeps what a thread freed for that thread's arena, where only a thread of the same arena uses it
    again. The second step takes some milliseconds and does not hold Python's lock; the first is short once
    `settle` was called.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def settle() -> None:
    """Leave all that there is now out of later collections: call it once the program is up."""
    gc.collect()
    gc.freeze()
