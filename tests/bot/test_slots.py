"""The places for conversations: no more at work than there are, and those who wait are counted."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.bot.slots import Slots


async def test_no_more_than_the_limit_work_and_those_who_wait_are_counted() -> None:
    """Two places and five who want one: never three at work, three who wait, none at the end."""
    waiting: list[int] = []
    slots = Slots(2, on_waiting=waiting.append)
    at_work: set[int] = set()
    most: list[int] = []
    go_on = asyncio.Event()

    async def work(number: int) -> None:
        async with slots:
            at_work.add(number)
            most.append(len(at_work))
            await go_on.wait()
            at_work.discard(number)

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(work(number))
        while max(waiting, default=0) < 3:  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)
        go_on.set()
    assert max(most) == 2
    assert max(waiting) == 3
    assert waiting[-1] == 0


async def test_one_who_is_cancelled_while_waiting_waits_no_more() -> None:
    """Their place is neither lost nor counted."""
    waiting: list[int] = []
    slots = Slots(1, on_waiting=waiting.append)
    async with slots:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), slots:
                pytest.fail("there was no place")
    assert waiting == [1, 0]
    async with slots:
        pass
