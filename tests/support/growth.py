"""How the time of some work grows with its size, measured side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMES = 8
"""How much larger the larger work is."""
LINEAR = 24.0
"""Growth that is still called linear: three times the 8 that it should be, for machines are noisy,
and far from the 64 of a square."""
_AGAIN = 3
"""How often growth that looks more than linear is measured again. A machine that is busy with
others makes linear work look slower, in figures of the processor's time too; what is not linear is
so each time."""
_SHORTEST = 0.001
"""Seconds of the smaller work at least: what is shorter is told by the clock's own steps."""


def growth(work: Callable[[int], object], *, size: int) -> float:
    """Return how many times longer ``work`` of 8 times the size takes than of ``size``.

    The processor's time counts, and of two runs the shorter.
    """
    work(size)  # whatever is only done once is done now
    found = _growth(work, size)
    for _ in range(_AGAIN):
        if found >= LINEAR:
            found = min(found, _growth(work, size))
    return found


def _growth(work: Callable[[int], object], size: int) -> float:
    small = min(_seconds(work, size) for _ in range(2))
    large = min(_seconds(work, TIMES * size) for _ in range(2))
    return large / max(small, _SHORTEST)


def _seconds(work: Callable[[int], object], size: int) -> float:
    began = time.process_time()
    work(size)
    return time.process_time() - began
