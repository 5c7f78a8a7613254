"""``--stalls`` makes loops and threads stand still, and leaves virtual time alone."""

from __future__ import annotations

import asyncio

from tests.support.stalls import LONGEST, SHARE, stalling
from tests.support.virtual_time import run_virtual

_MANY = 200
"""Turns of a loop, of which SHARE are to stand still."""


async def _turn(work: int = 0) -> None:
    """Let the loop turn many times, and a thread work as often as is said."""
    for _ in range(_MANY):
        await asyncio.sleep(0)
    for _ in range(work):
        await asyncio.to_thread(lambda: None)


def test_a_loop_stands_still_now_and_then() -> None:
    """By the seed, so that what was found can be found again; and no longer once it has ended."""
    told: list[list[float]] = []
    for seed in (1, 1, 2):
        stood: list[float] = []
        with stalling(seed, stood.append):
            asyncio.run(_turn())
        told.append(stood)
        asyncio.run(_turn())
    assert told[0] == told[1] != told[2]
    assert SHARE / 2 < len(told[0]) / _MANY < SHARE * 2
    assert all(0 <= seconds <= LONGEST for seconds in told[0])


def test_virtual_time_is_left_alone_but_for_its_threads() -> None:
    """No busy machine can make it late."""
    stood: list[float] = []
    with stalling(1, stood.append):
        run_virtual(_turn())
        assert stood == []
        run_virtual(_turn(work=_MANY))
    assert stood
