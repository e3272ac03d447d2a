"""Blocks of pictures and frames go back to the system when they are freed, whatever lies around them."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys
from signage.stage.memory import map_large_blocks

def held_kb():
    text = open("/proc/self/statm").read().split()
    return int(text[1]) * 4

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]

def take(size):
    block = libc.malloc(size)
    ctypes.memset(block, 1, size)
    return block

if sys.argv[1] == "mapped":
    map_large_blocks()
libc.free(take(16 << 20))  # from here on glibc would keep blocks of up to that size
blocks = [(take(8 << 20), take(100_000)) for _ in range(8)]
before = held_kb()
for large, _small in blocks:
    libc.free(large)
print(before - held_kb())
"""


def given_back_kb(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, timeout=60, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_a_large_block_goes_back_to_the_system_though_small_ones_lie_behind_it():
    assert given_back_kb("mapped") > 60_000
    assert given_back_kb("as usual") < 30_000
