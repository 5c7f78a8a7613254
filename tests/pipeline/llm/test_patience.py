"""A time-out that begins anew with each sign of life."""

from __future__ import annotations

import asyncio

import pytest

from agentbot.pipeline.llm.patience import Patience
from tests.support.virtual_time import in_virtual_time


async def end_of(patience: Patience, *waits: float | None) -> None:
    """Wait in these ways, for what does not come."""
    async with patience:
        for seconds in waits:
            patience.wait(seconds)
        await asyncio.sleep(20)


@in_virtual_time
async def test_silence_for_too_long_ends_the_body() -> None:
    """And it says that it was itself; it may become shorter, too: once the answer is whole."""
    for waits in ((0.02,), (20, 0.02)):
        patience = Patience()
        with pytest.raises(TimeoutError):
            await end_of(patience, *waits)
        assert patience.is_out


@in_virtual_time
async def test_each_sign_begins_it_anew() -> None:
    """Together they may take far longer; and at its end nothing is left that could end anything."""
    async with Patience() as patience:
        for _ in range(6):
            patience.wait(0.2)
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    assert not patience.is_out


@in_virtual_time
async def test_anothers_timeout_is_not_its_own() -> None:
    """Nor is it one where it waits without an end."""
    patience = Patience()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(end_of(patience, 0.01, None), 0.05)
    assert not patience.is_out
