"""Where the buckets of the distribution begin: 0, then eight to each doubling, as whole bytes.

A limit that is a power of two bytes (1 MB, 64 MB, 1 GB) is the beginning of a bucket: counting up to it needs no
row. No floating point decides where a card belongs.
"""

from bisect import bisect_right
from math import isqrt

_DOUBLINGS = 50
_STEPS = 8


def _eighth_root(number: int) -> int:
    """Smallest whole number whose eighth power is at least ``number``."""
    root = isqrt(isqrt(isqrt(number)))
    return root if root**8 == number else root + 1


STARTS: tuple[int, ...] = (
    0,
    *sorted({_eighth_root(1 << step) for step in range(_DOUBLINGS * _STEPS + 1)}),
)
"""Smallest volume of each bucket, rising. Card with ``STARTS[i] <= bytes < STARTS[i + 1]``: bucket i."""


def start_of(volume: int) -> int:
    """Where the bucket of ``volume`` begins."""
    return STARTS[bisect_right(STARTS, volume) - 1]
