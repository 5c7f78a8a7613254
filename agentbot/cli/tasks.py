"""What commands do with tasks: run several, run one beside another, wait for a signal to stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from agentbot.cli.signals import on_signals
from agentbot.errors import first_error


@asynccontextmanager
async def task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """Run an :class:`asyncio.TaskGroup`; raise what failed first, not a group of it.

    The exit code depends on the exception's own type.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as failed:
        raise first_error(failed) from None


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do ``work`` while the body runs, and cancel it after that. Raises what it failed with."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def wait_for_stop(*others: asyncio.Task[None]) -> None:
    """Return when SIGTERM or SIGINT comes, or when one of ``others`` is done. SIGHUP is ignored."""
    stopping = asyncio.Event()
    with on_signals(stop=stopping.set):
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({stopped, *others}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
