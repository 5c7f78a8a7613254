"""What commands do with tasks: a failure comes out as itself, and nothing is left running."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from agentbot.cli.tasks import in_background, task_group, wait_for_stop
from agentbot.errors import LoginRefused
from tests.support.timing import within

REFUSED = LoginRefused("POST", "/api/session", 401, "wrong password")


async def fail() -> None:
    """Fail, once others had their turn."""
    await asyncio.sleep(0)
    raise REFUSED


async def test_a_group_raises_what_failed_and_cancels_the_rest() -> None:
    """The exit code depends on the exception, which no group of exceptions may hide."""
    tasks = []

    async def run() -> None:
        async with task_group() as group:
            tasks.append(group.create_task(asyncio.sleep(60)))
            group.create_task(fail())

    with pytest.raises(LoginRefused) as caught:
        await run()
    assert caught.value is REFUSED
    assert tasks[0].cancelled()


async def test_what_is_done_in_the_background_ends_with_the_body() -> None:
    """It has ended, not only been told to, when the body is left."""
    done = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            done.append("tidied up")

    async with in_background(work()):
        await asyncio.sleep(0)
    assert done == ["tidied up"]


async def test_what_fails_in_the_background_is_raised_at_the_end() -> None:
    """A failure is not lost."""

    async def run() -> None:
        async with in_background(fail()):
            await asyncio.sleep(0.01)

    with pytest.raises(LoginRefused):
        await run()


async def test_a_signal_ends_the_wait() -> None:
    """SIGTERM does, SIGHUP does not; afterwards the process has its own handlers back."""
    before = signal.getsignal(signal.SIGTERM)
    async with within(10):
        waiting = asyncio.create_task(wait_for_stop())
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.05)
        assert not waiting.done()
        os.kill(os.getpid(), signal.SIGTERM)
        await waiting
    assert signal.getsignal(signal.SIGTERM) is before


async def test_a_task_that_is_done_ends_the_wait() -> None:
    """Nothing is left to wait for where the bot has ended by itself."""
    async with within(10):
        await wait_for_stop(asyncio.create_task(asyncio.sleep(0)))
