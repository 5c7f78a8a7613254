"""One conversation's turns: gathered, claimed and answered one at a time, or left to their holder.

What one attempt at a claimed turn does is tested with ``turns/attempt.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from agentbot.bot.turns.dialogue import pause_after, take_turns
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.devserver.store import records
from agentbot.state.store import Claim
from agentbot.window import Window
from tests.support.bot_parts import Parts, Visitor, perform, reply, thinking
from tests.support.states import record_of
from tests.support.virtual_time import now

QUICK: dict[str, Any] = {"reply": {"first_delay_seconds": 0.0}}
"""Settings with which no fresh visitor's window is waited for."""


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("How much is it?", True),
        ("I have a question.", True),
        ("Help!", True),
        ("Really?!", False),
        ("Why? ", True),
        ('They said "no."', True),
        ("(Is it?)", True),
        ("«Vraiment?»", True),
        ("Hello", False),
        ("Hello,", False),
        ("well..", False),
        ("well...", False),
        ("well... ", False),
        ("What?\nI mean", False),
        (".", False),
        ("", False),
        ("How? Tell me", False),
    ],
)
def test_a_pause_is_left_where_more_may_come(text: str, ends: bool) -> None:  # noqa: FBT001
    """A question or a whole sentence is answered at once."""
    assert pause_after(text, 1.5) == (0.0 if ends else 1.5)


class Conversing:
    """A conversation whose mailbox the test fills, and the task that empties it."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.visitor: Visitor = parts.visitor()
        self.visitor.open_window()
        self.mailbox = Mailbox(self.visitor.id)

    async def hear(self, body: str = "Hi?", *, path: str = LIVE) -> records.Message:
        """Write, and hear it, or find it."""
        record = self.visitor.write(body, heard=False)
        self.mailbox.hear(await self.parts.message(record), path=path)
        return record

    @asynccontextmanager
    async def taking_turns(self) -> AsyncIterator[asyncio.Task[None]]:
        """Have the turns taken meanwhile; wait for the end."""
        task = asyncio.create_task(take_turns(self.mailbox, self.parts.services))
        try:
            yield task
        except BaseException:
            task.cancel()
            raise
        async with asyncio.timeout(120):
            await task

    @property
    def turns(self) -> list[list[str]]:
        """The texts of each turn that was decided."""
        return [[one.text for one in turn.messages] for turn in self.parts.responder.turns]


def converse(story: Callable[[Conversing], Awaitable[None]], **settings: Any) -> None:
    """Play a story in one conversation."""

    async def main(parts: Parts) -> None:
        await story(Conversing(parts))

    perform(main, **{**QUICK, **settings})


def took(began: float) -> float:
    """Return the seconds since then, to a tenth."""
    return round(now() - began, 1)


# Gathering


def test_a_question_is_answered_at_once() -> None:
    """Nothing more is waited for."""

    async def story(talk: Conversing) -> None:
        began = now()
        await talk.hear("How much?")
        async with talk.taking_turns():
            pass
        assert took(began) == 0.0
        assert len(talk.visitor.said) == 1
        assert not talk.mailbox

    converse(story)


def test_what_follows_quickly_is_one_turn() -> None:
    """A pause of the customer's ends it."""

    async def story(talk: Conversing) -> None:
        began = now()
        await talk.hear("Hello")
        async with talk.taking_turns():
            for text in ("I would like", "to order a tent"):
                await asyncio.sleep(0.9)
                await talk.hear(text)
        assert took(began) == 2.8
        assert talk.turns == [["Hello", "I would like", "to order a tent"]]

    converse(story)


def test_what_follows_after_a_pause_is_a_turn_of_its_own() -> None:
    """The first is answered by then."""

    async def story(talk: Conversing) -> None:
        await talk.hear("Hello")
        async with talk.taking_turns():
            pass
        await talk.hear("And now")
        async with talk.taking_turns():
            pass
        assert talk.turns == [["Hello"], ["And now"]]

    converse(story)


def test_who_goes_on_writing_is_waited_for_no_longer_than_the_longest_wait() -> None:
    """Counted from the first message."""

    async def story(talk: Conversing) -> None:
        began = now()
        await talk.hear("0")
        async with talk.taking_turns():
            for number in range(1, 8):
                await asyncio.sleep(0.8)
                await talk.hear(str(number))
        assert took(began) == 6.0
        assert talk.turns == [[str(number) for number in range(8)]]

    converse(story)


def test_what_was_found_is_not_waited_for() -> None:
    """Whoever wrote it did so some time ago."""

    async def story(talk: Conversing) -> None:
        began = now()
        await talk.hear("Hello")
        await asyncio.sleep(0.1)
        await talk.hear("found", path="periodic")
        async with talk.taking_turns():
            pass
        assert took(began) == 0.1
        assert talk.turns == [["Hello", "found"]]

    converse(story)


def test_what_another_bot_has_answered_meanwhile_is_no_turn() -> None:
    """The mailbox is empty again before anything was claimed."""

    async def story(talk: Conversing) -> None:
        message = await talk.hear("Hello")
        async with talk.taking_turns():
            await asyncio.sleep(0.5)
            talk.mailbox.done_with([message.id])
            talk.mailbox.wake()
        assert talk.parts.store.asked == []
        assert talk.turns == []

    converse(story)


# Claiming


def test_what_is_settled_already_is_done_with() -> None:
    """A message that is heard late has its outcome: nothing is said twice."""

    async def story(talk: Conversing) -> None:
        message = await talk.hear()
        async with talk.taking_turns():
            pass
        assert len(talk.visitor.said) == 1
        talk.mailbox.hear(await talk.parts.message(message), path=LIVE)
        async with talk.taking_turns():
            pass
        assert not talk.mailbox
        assert len(talk.visitor.said) == 1

    converse(story)


def test_of_several_messages_only_those_that_could_be_claimed_are_waited_for() -> None:
    """One of them has its outcome already."""

    async def story(talk: Conversing) -> None:
        first = await talk.hear("One?")
        async with talk.taking_turns():
            pass
        talk.mailbox.hear(await talk.parts.message(first), path=LIVE)
        await asyncio.sleep(2)
        await talk.hear("Two?")
        async with talk.taking_turns():
            pass
        assert talk.turns == [["One?"], ["Two?"]]
        assert talk.parts.responder.turns[1].waited is not None, "it is known when it was heard"
        assert not talk.mailbox

    converse(story)


async def claimed_by_colleague(talk: Conversing, message: records.Message) -> Callable[[], Any]:
    """Let another replica claim the turn; return what settles it there."""
    store = await talk.parts.colleague()
    claim = await store.claim(talk.visitor.id, (message.id,))
    assert isinstance(claim, Claim)

    async def settle() -> None:
        await store.settle(claim, record_of(claim), None)

    return settle


def test_what_another_replica_has_is_left_to_it() -> None:
    """Until it has an outcome: then nothing is to be done."""

    async def story(talk: Conversing) -> None:
        message = await talk.hear()
        settle = await claimed_by_colleague(talk, message)
        async with talk.taking_turns() as task:
            await asyncio.sleep(10)
            await settle()
            assert not task.done()
        assert talk.turns == []
        assert talk.parts.store.asked.count("claim") == 2

    converse(story)


def test_what_another_replica_has_answered_is_forgotten_as_its_reply_is_heard() -> None:
    """Nobody waits for the end of the lease then."""

    async def story(talk: Conversing) -> None:
        message = await talk.hear()
        await claimed_by_colleague(talk, message)
        began = now()
        async with talk.taking_turns():
            await asyncio.sleep(3)
            talk.mailbox.wake()  # anything may happen: it is still the other's
            await asyncio.sleep(1)
            talk.mailbox.done_with([message.id])
            talk.mailbox.wake()
        assert took(began) == 4.0
        assert talk.parts.store.asked.count("claim") == 1

    converse(story)


def test_a_dead_replicas_turn_is_taken_over_when_its_lease_has_run_out() -> None:
    """A moment later, for clocks differ; what it may have sent is waited for before reading."""

    async def story(talk: Conversing) -> None:
        message = await talk.hear()
        await claimed_by_colleague(talk, message)
        began = now()
        async with talk.taking_turns():
            await asyncio.sleep(15.1)
            assert talk.parts.store.asked.count("claim") == 1
            await asyncio.sleep(0.2)
            assert talk.parts.store.asked.count("claim") == 2
        assert took(began) == 15.2 + 2.0
        assert len(talk.visitor.said) == 1

    converse(story)


@pytest.mark.parametrize(("error", "asked_again"), [(-3600, 15.7), (3600, 0.7)])
def test_a_clock_that_differs_costs_a_lease_at_most(error: float, asked_again: float) -> None:
    """By our clock the other's lease ends in an hour, or ended long ago."""

    async def story(talk: Conversing) -> None:
        message = await talk.hear()
        await claimed_by_colleague(talk, message)
        began = now()
        asked: list[float] = []
        talk.parts.store.on_asked["claim"] = lambda: asked.append(took(began))
        talk.parts.store.slow["claim"] = 0.5
        async with talk.taking_turns():
            await asyncio.sleep(0.25)
            talk.parts.clock_error = timedelta(seconds=error)
            await talk.parts.until(lambda: len(asked) > 1)
            talk.mailbox.done_with([message.id])
            talk.mailbox.wake()
        assert asked[1] == asked_again

    converse(story)


# Side by side


def test_no_more_turns_are_worked_on_than_there_are_places() -> None:
    """Gathering and waiting for another replica take none; the others wait, and are counted."""

    async def story(talk: Conversing) -> None:
        talk.parts.responder.script = thinking(10, reply())
        await talk.hear()
        second = Conversing(talk.parts)
        await second.hear()
        began = now()
        async with talk.taking_turns(), second.taking_turns():
            await asyncio.sleep(5)
            assert talk.parts.metric("queue_length") == 1
            assert len(talk.turns) == 1
        assert took(began) == 20.0
        assert talk.parts.metric("queue_length") == 0
        assert len(talk.visitor.said) == len(second.visitor.said) == 1

    converse(story, turns={"concurrency": 1})


def test_who_waits_for_another_replica_takes_no_place() -> None:
    """Its place is another conversation's meanwhile."""

    async def story(talk: Conversing) -> None:
        settle = await claimed_by_colleague(talk, await talk.hear())
        second = Conversing(talk.parts)
        await second.hear()
        async with talk.taking_turns():
            await asyncio.sleep(1)
            began = now()
            async with second.taking_turns():
                pass
            assert took(began) == 0.0
            await settle()

    converse(story, turns={"concurrency": 1})


# Draining


def test_what_was_found_waits_for_the_servers_pace_and_what_is_written_now_does_not() -> None:
    """One turn that was found may be under way here, and it is another conversation's."""

    async def found(talk: Conversing) -> None:
        await talk.hear(path="start")
        talk.parts.services.catching_up.window = Window(first=1, most=1)
        catching_up = talk.parts.services.catching_up
        async with talk.taking_turns() as turns, catching_up.place("another"):
            await asyncio.sleep(5)
            assert not turns.done()
            assert talk.visitor.said == []
        assert len(talk.visitor.said) == 1

    async def live(talk: Conversing) -> None:
        await talk.hear()
        talk.parts.services.catching_up.window = Window(first=1, most=1)
        async with talk.parts.services.catching_up.place("another"), talk.taking_turns():
            pass
        assert len(talk.visitor.said) == 1

    converse(found)
    converse(live)


def test_a_turn_that_waits_for_its_place_does_not_begin_once_the_bot_drains() -> None:
    """Another conversation has the only place, and keeps it until then."""

    async def story(talk: Conversing) -> None:
        await talk.hear()
        async with talk.parts.services.slots, talk.taking_turns():
            await asyncio.sleep(2)
            talk.parts.services.draining.set()
            talk.mailbox.wake()
            await asyncio.sleep(1)
            talk.parts.services.slots._free.release()
        assert talk.parts.store.asked == []
        assert talk.mailbox

    converse(story, turns={"concurrency": 1})


def test_a_turn_that_is_answered_while_it_waits_for_its_place_does_not_begin() -> None:
    """Another replica was quicker: nothing is left to claim."""

    async def story(talk: Conversing) -> None:
        await talk.hear()
        async with talk.parts.services.slots, talk.taking_turns():
            await asyncio.sleep(2)
            talk.mailbox.done_with(talk.mailbox.pending_ids)
            talk.parts.services.slots._free.release()
            await asyncio.sleep(1)
        assert talk.parts.store.asked == []

    converse(story, turns={"concurrency": 1})


def test_a_draining_bot_takes_no_turn() -> None:
    """Neither one that waits for more, nor one that another replica has, nor a next one."""

    async def gathering(talk: Conversing) -> None:
        await talk.hear("Hello")
        async with talk.taking_turns():
            await asyncio.sleep(0.5)
            talk.parts.services.draining.set()
            talk.mailbox.wake()
        assert talk.parts.store.asked == []

    async def leaving(talk: Conversing) -> None:
        await claimed_by_colleague(talk, await talk.hear())
        began = now()
        async with talk.taking_turns():
            await asyncio.sleep(2)
            talk.parts.services.draining.set()
            talk.mailbox.wake()
        assert took(began) == 2.0
        assert talk.mailbox

    async def beginning(talk: Conversing) -> None:
        await talk.hear()
        talk.parts.services.draining.set()
        async with talk.taking_turns():
            pass
        assert talk.parts.store.asked == []

    for story in (gathering, leaving, beginning):
        converse(story)
