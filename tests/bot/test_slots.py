"""The places for conversations: no more at work than there are, and those who wait are counted."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.bot.slots import CatchUpSlots, Slots
from agentbot.window import Window


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


class CatchingUp:
    """Turns that were found, and the places for them."""

    def __init__(self, *, first: int, most: int = 10) -> None:
        self.slots = CatchUpSlots(Window(first=first, most=most))
        self.at_work: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def find(self, *ids: str) -> None:
        """Begin work on these, as far as there are places."""
        for id_ in ids:
            self.tasks[id_] = asyncio.create_task(self._work(id_))
        await asyncio.sleep(0)

    async def end(self, *ids: str) -> None:
        """End work on these."""
        for id_ in ids:
            self.tasks.pop(id_).cancel()
        for _ in range(4):
            await asyncio.sleep(0)

    async def _work(self, id_: str) -> None:
        async with self.slots.place(id_):
            self.at_work.append(id_)
            try:
                await asyncio.Event().wait()
            finally:
                self.at_work.remove(id_)


async def test_turns_that_were_found_wait_for_the_window_in_their_order() -> None:
    """A place that is given back is the next one's; good answers make more, bad ones fewer."""
    it = CatchingUp(first=2)
    await it.find("a", "b", "c", "d", "e", "f")
    assert it.at_work == ["a", "b"]
    await it.end("a")
    assert it.at_work == ["b", "c"]
    it.slots.answered(0.01)
    await asyncio.sleep(0)
    assert it.at_work == ["b", "c", "d"]
    it.slots.failed()
    await it.end("b", "c")
    assert it.at_work == ["d"]
    await it.end("d")
    assert it.at_work == ["e"]
    await it.end("e", "f")
    assert it.at_work == []


async def test_one_whose_customer_writes_meanwhile_is_let_in_at_once() -> None:
    """Beyond the window; the next one waits until there is room again."""
    it = CatchingUp(first=1)
    await it.find("a", "b", "c")
    it.slots.let_in("c")
    it.slots.let_in("nobody")
    await asyncio.sleep(0)
    assert it.at_work == ["a", "c"]
    await it.end("a")
    assert it.at_work == ["c"]
    await it.end("c")
    assert it.at_work == ["b"]
    await it.end("b")


async def test_one_who_is_cancelled_keeps_no_place() -> None:
    """Neither while it waits, nor in the moment in which it was granted one."""
    it = CatchingUp(first=1)
    await it.find("a", "b", "c")
    await it.end("b")
    assert it.at_work == ["a"]
    it.slots.let_in("c")
    await it.end("c")
    assert it.at_work == ["a"]
    await it.end("a")
    await it.find("d")
    assert it.at_work == ["d"]
    await it.end("d")


async def test_one_who_was_cancelled_and_is_found_again_waits_behind_the_others() -> None:
    """Its old place in the queue is gone."""
    it = CatchingUp(first=1)
    await it.find("a", "b", "c")
    await it.end("b")
    await it.find("b")
    await it.end("a")
    assert it.at_work == ["c"]
    await it.end("c")
    assert it.at_work == ["b"]
    await it.end("b")
