"""``holding.py``: who waits for a slow answer is asked for a moment, once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.support.bot_attempt import Attempting, Stalled, attempt, took
from tests.support.bot_parts import reply, thinking
from tests.support.virtual_time import now

MOMENT = "One moment, I am looking that up."
AFTER = {"one_moment_after": timedelta(seconds=6)}


def test_who_waits_is_asked_for_a_moment_once() -> None:
    """It names whose question takes its time, answers nothing, and the record says so."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(20, reply())
        asked = await it.hear()
        record = await it.outcome()
        assert it.texts == [MOMENT, reply().text]
        assert it.answered[0] == {"v": 1, "holding": asked.id}
        said_at, answered_at = (message.created_at for message in it.visitor.said)
        assert (answered_at - said_at).total_seconds() == pytest.approx(14, abs=1)
        assert record.outcome == "replied"
        [step] = [one for one in record.decision["trace"] if one["name"] == "one_moment"]
        assert (step["outcome"], step["reason"]["code"]) == ("said", "one_moment")
        assert it.parts.metric("holding_messages_total") == 1

    attempt(story, policy=AFTER)


@pytest.mark.parametrize(
    ("seconds", "after"), [(5, 6), (20, None)], ids=["sooner than that", "never asked for"]
)
def test_an_answer_that_comes_soon_is_all_that_is_said(seconds: float, after: int | None) -> None:
    """So it is where the operator wants no such message."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(seconds, reply())
        await it.hear()
        await it.outcome()
        assert it.texts == [reply().text]

    attempt(story, policy={"one_moment_after": after and timedelta(seconds=after)})


async def _left(it: Attempting) -> None:
    it.visitor.close_window()


async def _found(it: Attempting) -> None:
    it.mailbox.done_with(it.mailbox.pending_ids)
    record = it.visitor.conversation.messages[-1]
    it.mailbox.hear(await it.parts.message(record), path="start")


@pytest.mark.parametrize("away", [_left, _found])
def test_nobody_is_asked_who_is_not_there(
    away: Callable[[Attempting], Awaitable[None]],
) -> None:
    """They have closed the window, or had written before anybody listened."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(20, reply())
        await it.hear()
        await away(it)
        await it.outcome()
        assert it.texts == [reply().text]

    attempt(story, policy=AFTER)


@pytest.mark.parametrize(
    "options", [{"source": "email"}, {"mode": "dry_run"}, {"mode": "suggest"}], ids=str
)
def test_only_a_chat_that_gets_replies_is_told(options: dict[str, Any]) -> None:
    """Nobody sits in front of a mail."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(20, reply())
        await it.hear()
        await it.outcome()
        assert MOMENT not in it.texts

    attempt(story, policy=AFTER, **options)


def test_a_person_who_writes_is_not_talked_over() -> None:
    """Whatever takes long after that."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = Stalled()
        it.person_in(5.9)
        await it.hear()
        await it.run()
        assert MOMENT not in it.texts

    attempt(story, policy=AFTER)


def test_what_is_written_meanwhile_does_not_bring_another_one() -> None:
    """The turn is taken anew, and its customer knows already that it takes a moment."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(10, reply())
        it.hear_in(8)
        await it.hear()
        await it.outcome()
        assert it.texts == [MOMENT, reply().text]

    attempt(story, policy=AFTER)


def test_the_moment_counts_from_the_last_message() -> None:
    """Who has just written is not told to wait."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(8, reply())
        it.hear_in(4)
        began = now()
        await it.hear()
        it.in_seconds(9.5, lambda: seen.extend(it.texts))
        await it.outcome()
        assert seen == []
        assert it.texts == [MOMENT, reply().text]
        assert took(began) == pytest.approx(12, abs=0.5)

    seen: list[str | None] = []
    attempt(story, policy=AFTER)


def test_another_process_does_not_ask_again() -> None:
    """What the one before it has said is on the server."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = Stalled()
        await it.hear()
        first = asyncio.create_task(it.run())
        await asyncio.sleep(7)
        first.cancel()
        await asyncio.wait([first])
        assert it.texts == [MOMENT]
        it.parts.responder.script = thinking(20, reply())
        await it.outcome()
        assert it.texts == [MOMENT, reply().text]

    attempt(story, policy=AFTER)


def test_what_was_said_of_waiting_is_no_part_of_what_was_said() -> None:
    """The next turn's history has the answer last."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(8, reply())
        await it.hear()
        await it.outcome()
        await it.hear("And?")
        await it.outcome()
        said = [message.text for message in it.parts.responder.turns[-1].history]
        assert MOMENT not in said
        assert reply().text in said

    attempt(story, policy=AFTER)


@pytest.mark.parametrize("speak_as", ["account", "user"])
def test_it_is_said_by_whom_the_answer_is(speak_as: str) -> None:
    """Under the company's name, or as the bot's own user."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(8, reply())
        await it.hear()
        await it.outcome()
        who = it.bot.id if speak_as == "user" else None
        assert [message.user_id for message in it.visitor.said] == [who, who]

    attempt(story, policy=AFTER, speak_as=speak_as)


def test_a_topic_that_is_gone_carries_none() -> None:
    """The answer waits for it; that it takes a moment is not worth waiting for."""

    async def story(it: Attempting) -> None:
        it.parts.responder.script = thinking(8, reply())
        it.in_seconds(5.9, lambda: it.parts.session.unfollow(it.visitor.id))
        await it.hear()
        record = await it.outcome()
        assert it.texts == [reply().text]
        assert "one_moment" not in {one["name"] for one in record.decision["trace"]}

    attempt(story, policy=AFTER)


async def _seconds(it: Attempting, breaks: int) -> float:
    """Have the connection break so often while it is thought out; return what it all takes."""
    it.parts.responder.script = thinking(10, reply())
    began = now()
    await it.hear()
    for place in range(breaks):
        it.in_seconds(8 + 12 * place, it.parts.session.reconnect)
    await it.outcome()
    return took(began)


@pytest.mark.parametrize("breaks", [1, 2])
def test_what_may_be_under_way_on_a_lost_connection_is_waited_for_once(breaks: int) -> None:
    """Else it could come behind the answer."""

    async def story(it: Attempting) -> None:
        seconds.append(await _seconds(it, breaks))

    seconds: list[float] = []
    for policy in (AFTER, {"one_moment_after": None}):
        attempt(story, policy=policy, catch_up={"settle_seconds": 3.0})
    assert seconds[0] - seconds[1] == pytest.approx(3.0, abs=0.2)
