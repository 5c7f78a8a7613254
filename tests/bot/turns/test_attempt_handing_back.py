"""An attempt that is not finished hands its turn back: nothing is said, and another may take it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from agentbot.devserver.store import records
from agentbot.state.store import Claim
from tests.support.bot_attempt import Attempting, Stalled, attempt, took
from tests.support.bot_parts import reply, thinking
from tests.support.virtual_time import now


def test_a_turn_that_another_replica_has_by_now_is_handed_back() -> None:
    """What else waits cannot be claimed: the other answers all of it."""

    async def story(it: Attempting) -> None:
        asked = await it.hear()
        claim = await it.claim()
        it.visitor.write("Two?", heard=False)
        it.parts.clock_error = timedelta(seconds=60)
        other = await it.parts.colleague()
        assert isinstance(await other.claim(it.visitor.id, (asked.id,)), Claim)
        await it.run(claim)
        assert (it.parts.settled, it.texts) == ([], [])
        assert it.mailbox

    with capture_logs() as said:
        attempt(story)
    [line] = [line for line in said if line["event"] == "turn.handed_back"]
    assert line["reason"].startswith("lease_lost")


async def is_free(it: Attempting, asked: records.Message) -> bool:
    """Say whether another replica can have the turn at once."""
    store = await it.parts.colleague()
    return isinstance(await store.claim(it.visitor.id, (asked.id,)), Claim)


@pytest.mark.parametrize("thought_out_for", [0.0, 10.0])
def test_a_bot_that_has_no_time_left_hands_the_turn_back(thought_out_for: float) -> None:
    """Nothing is said, and another replica may take it at once."""

    async def story(it: Attempting) -> None:
        if thought_out_for:
            it.parts.responder.script = thinking(thought_out_for, reply())
        asked = await it.hear()
        claim = await it.claim()
        it.in_seconds(1, it.parts.services.handing_back.set)
        it.in_seconds(1, it.mailbox.wake)
        began = now()
        await it.run(claim)
        assert took(began) == 1.0
        assert (it.parts.settled, it.texts) == ([], [])
        assert await is_free(it, asked)
        assert not it.parts.services.leases.is_good(claim)

    with capture_logs() as said:
        attempt(story, delay=30.0)
    assert [line["reason"] for line in said if line["event"] == "turn.handed_back"] == [
        "draining: the bot stops, and no time is left"
    ]


def test_a_turn_whose_lease_is_lost_before_its_answer_leaves_is_handed_back() -> None:
    """Whoever has it now will answer."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(5, reply())
        await it.hear()
        claim = await it.claim()
        it.in_seconds(3, lambda: it.parts.services.leases.drop(claim))
        await it.run(claim)
        assert (it.parts.settled, it.texts) == ([], [])

    with capture_logs() as said:
        attempt(story)
    [line] = [line for line in said if line["event"] == "turn.handed_back"]
    assert line["reason"].startswith("lease_lost")


def test_a_claim_that_cannot_be_given_back_runs_out() -> None:
    """The store is away: that is said, and stops nothing."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(5, reply())
        await it.hear()
        it.parts.store.failures["release"] = 1
        it.parts.services.handing_back.set()
        await it.run()

    with capture_logs() as said:
        attempt(story)
    assert "claim.not_released" in {line["event"] for line in said}


def test_an_attempt_that_is_cancelled_gives_its_claim_back() -> None:
    """Even while the store takes its time."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = Stalled()
        asked = await it.hear()
        it.parts.store.late = 1.0
        claim = await it.claim()
        task = asyncio.create_task(it.run(claim))
        await asyncio.sleep(2)
        task.cancel()
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(1.5)
        assert await is_free(it, asked)
        assert not it.parts.services.leases.is_good(claim)

    attempt(story)
