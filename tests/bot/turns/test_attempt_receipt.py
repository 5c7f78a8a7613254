"""The receipt for what agents wrote, which the customer gets as an attempt takes up their turn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agentbot.pipeline.decision import Decision
from agentbot.pipeline.turn import Turn
from tests.support.bot_attempt import Attempting, attempt, took, unseen
from tests.support.bot_parts import reply, thinking
from tests.support.virtual_time import now


@pytest.mark.parametrize("is_joined", [True, False])
@pytest.mark.parametrize(
    ("source", "options", "is_seen"),
    [
        ("chat", {}, True),
        ("email", {}, False),
        ("chat", {"mode": "suggest"}, False),
        ("chat", {"mode": "dry_run"}, False),
        ("chat", {"receipts": {"seen": False}}, False),
    ],
)
def test_what_agents_wrote_is_marked_seen_as_the_turn_is_taken_up(
    source: str,
    options: dict[str, Any],
    is_seen: bool,  # noqa: FBT001 - a column
    is_joined: bool,  # noqa: FBT001 - a column
) -> None:
    """In a chat, where the customer's window shows it, and where the settings want it."""

    async def story(it: Attempting) -> None:
        message = unseen(it)
        await asyncio.sleep(1)
        if is_joined:
            await it.parts.session.joined(it.visitor.id)
        await it.hear()
        it.parts.responder.script = thinking(5, reply())
        it.in_seconds(4, lambda: stamps.append(message.seen_at is not None))
        await it.outcome()

    stamps: list[bool] = []
    attempt(story, source=source, **options)
    assert stamps == [is_seen]


def test_the_receipt_is_sent_once_a_turn() -> None:
    """Taken anew, the turn sends none: what was written since may not have been seen."""

    async def story(it: Attempting) -> None:
        message = unseen(it)
        await asyncio.sleep(1)
        await it.hear()
        it.parts.responder.script = thinking(5, reply())
        it.in_seconds(2, lambda: setattr(message, "seen_at", None))
        it.hear_in(3)
        await it.outcome()
        assert len(it.turns) == 2
        assert message.seen_at is None

    attempt(story)


def test_a_topic_that_is_joined_late_costs_the_receipt_alone() -> None:
    """Two seconds are waited for it; the answer comes as soon as it can."""

    async def story(it: Attempting) -> None:
        message = unseen(it)
        await asyncio.sleep(1)
        await it.hear()
        it.faults.delay(5, topic=f"conversation:{it.visitor.id}", event="phx_reply", times=1)
        began = now()
        decided: list[float] = []

        def decide(_turn: Turn) -> Decision:
            decided.append(took(began))
            return reply()

        it.parts.responder.script = decide
        record = await it.outcome()
        assert decided == [2.0]
        assert message.seen_at is None
        assert record.outcome == "replied"

    attempt(story)


def test_a_topic_that_is_refused_costs_the_receipt_alone() -> None:
    """The conversation was deleted since it was read: the delivery finds that too."""

    async def story(it: Attempting) -> None:
        await it.hear()
        claim = await it.claim()
        it.faults.slow(1.0, answer=True, path="/api/conversations/", times=1)
        it.in_seconds(0.5, lambda: it.server.store.conversations.pop(it.visitor.id))
        record = await it.outcome(claim)
        assert (record.outcome, record.reason_code) == ("left", "refused")

    attempt(story)
