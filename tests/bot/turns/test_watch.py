"""What has come up since the conversation was read: each objection, and which weighs most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.bot.turns.watch import Watch
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.turn import Author, Memory
from agentbot.state.store import Claim, ConversationMemory
from tests.support.bot_parts import Parts, perform, pipeline_of
from tests.support.turns import history, message, turn

ANN, BEN = 7, 8
DEADLINE = 45.0


class Watched:
    """A claimed turn of one message, heard just now, that is watched."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.mailbox = Mailbox("c")
        self.turn = turn(messages=(message("Hi", at=parts.now(), id="m1"),), now=parts.now())
        self.claim: Claim
        self.watch: Watch

    async def begin(self) -> None:
        """Hear the message, claim it, and read the conversation."""
        self.hear("m1")
        claim = await self.parts.services.leases.claim("c", ("m1",), on_lost=lambda: None)
        assert isinstance(claim, Claim)
        self.claim = claim
        deadline = asyncio.get_running_loop().time() + DEADLINE
        self.watch = Watch(self.mailbox, self.parts.services, deadline=deadline)
        self.read()

    def read(self, assignee_id: int | None = None) -> None:
        """Read the conversation."""
        self.watch.reading()
        self.watch.has_read(Conversation(id="c", assignee_id=assignee_id))

    def hear(self, id_: str, *, path: str = LIVE) -> None:
        """Hear a customer's message, or find it."""
        self.mailbox.hear(self._message(id_), path=path)

    def person_writes(self) -> None:
        """Hear a person's message."""
        self.mailbox.person_wrote(self._message("p"))

    @property
    def objection(self) -> str | None:
        """The code of what speaks most against an answer now."""
        objection = self.watch.objection(self.claim, self.turn)
        return None if objection is None else objection.reason.code

    def _message(self, id_: str) -> Message:
        return Message(id=id_, conversation_id="c", created_at=self.parts.now())


def lose_the_lease(watched: Watched) -> None:
    """Let another replica have it."""
    watched.parts.services.leases.drop(watched.claim)


def drain(watched: Watched) -> None:
    """Let the time of a bot that stops be nearly over."""
    watched.parts.services.handing_back.set()


def snooze(watched: Watched) -> None:
    """Have the guards object."""
    until = watched.parts.now() + timedelta(hours=1)
    watched.turn = replace(watched.turn, memory=Memory(snoozed_until=until))


TROUBLES: dict[str, Callable[[Watched], object]] = {
    "lease_lost": lose_the_lease,
    "draining": drain,
    "person": Watched.person_writes,
    "closed": lambda watched: watched.mailbox.status_changed("closed"),
    "assigned": lambda watched: watched.mailbox.assigned_to(ANN),
    "superseded": lambda watched: watched.hear("m2", path="periodic"),
    "snoozed": snooze,
}
"""All that may come up, in the order in which it weighs: the most first."""


def test_a_turn_that_has_begun_goes_on_while_the_bot_drains() -> None:
    """It has the grace time for it."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        parts.services.draining.set()
        assert watched.objection is None

    perform(story)


def test_nothing_speaks_against_an_answer_while_nothing_happens() -> None:
    """However often it is asked."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        assert watched.objection is None
        await asyncio.sleep(5)
        assert watched.objection is None

    perform(story, listening=False)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_trouble_is_an_objection(trouble: str) -> None:
    """As soon as it has happened."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        TROUBLES[trouble](watched)
        assert watched.objection == trouble

    perform(story, listening=False)


@pytest.mark.parametrize(("more", "less"), list(combinations(TROUBLES, 2)))
def test_of_two_objections_the_weightier_is_told(more: str, less: str) -> None:
    """What makes us stop goes before what keeps us silent, and that before what is read anew."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        TROUBLES[less](watched)
        TROUBLES[more](watched)
        assert watched.objection == more

    perform(story, listening=False)


def test_a_person_who_wrote_before_the_turn_was_taken_is_no_news() -> None:
    """The conversation that is read has their message; the guards judge it."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        watched.person_writes()
        await watched.begin()
        assert watched.objection is None

    perform(story, listening=False)


def test_a_closing_that_was_heard_before_the_reading_is_no_news() -> None:
    """What is read says whether it still holds: it may be open again, and nobody had listened."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        watched.mailbox.status_changed("closed")
        assert watched.objection == "closed"
        watched.read()
        assert watched.objection is None

    perform(story, listening=False)


@pytest.mark.parametrize(
    ("heard", "ours", "objection"), [(0, 0, None), (0, 1, "closed"), (0, None, "closed")]
)
def test_news_of_our_own_closing_comes_late_and_objects_to_nothing(
    heard: int, ours: int | None, objection: str | None
) -> None:
    """We have closed it over the message that is to be answered now."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        at = parts.now()
        mine = None if ours is None else at + timedelta(seconds=ours)
        watched.watch.recalls(ConversationMemory(closed_at=mine))
        watched.mailbox.status_changed("closed", closed_at=at + timedelta(seconds=heard))
        assert watched.objection == objection
        watched.mailbox.status_changed("closed")
        assert watched.objection == "closed"

    perform(story, listening=False)


def test_only_an_assignment_that_was_not_read_is_news() -> None:
    """One heard before the reading stands in what was read, and so does one told again."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        watched.mailbox.assigned_to(BEN)
        await watched.begin()
        watched.read(assignee_id=ANN)
        assert watched.objection is None
        watched.mailbox.assigned_to(ANN)
        assert watched.objection is None
        watched.mailbox.assigned_to(BEN)
        assert watched.objection == "assigned"

    perform(story, listening=False)


def test_whose_it_was_before_the_reading_is_forgotten() -> None:
    """What is read says whose it is; only what is heard since tells of changes."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        watched.mailbox.held_by(BEN)
        await watched.begin()
        assert watched.mailbox.assignees == []

    perform(story, listening=False)


def test_what_the_customer_writes_is_waited_for_until_the_deadline_alone() -> None:
    """Who never stops writing is answered all the same."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        watched.hear("m2")
        await asyncio.sleep(DEADLINE - 0.1)
        await watched.parts.services.leases.renew()  # a turn may last longer than a lease
        await parts.services.leases.claim("c", ("m1",), on_lost=lambda: None)
        assert watched.objection == "superseded"
        await asyncio.sleep(0.2)
        assert watched.objection is None

    perform(story, listening=False)


def test_the_guards_are_those_of_now() -> None:
    """The policy may have been reloaded since the turn was taken."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        parts.services.current.pipeline = pipeline_of(
            parts.responder, stand_back={"while_assigned": False}
        )
        await watched.begin()
        conversation = replace(watched.turn.conversation, assignee_id=ANN)
        watched.turn = replace(watched.turn, conversation=conversation)
        assert watched.objection is None
        parts.services.current.pipeline = pipeline_of(parts.responder)
        assert watched.objection == "assigned"

    perform(story, listening=False)


def test_the_guards_are_asked_as_of_now() -> None:
    """A silence that has ended while the answer was thought out keeps nobody silent."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        until = parts.now() + timedelta(seconds=5)
        watched.turn = replace(watched.turn, memory=Memory(snoozed_until=until))
        assert watched.objection == "snoozed"
        await asyncio.sleep(5.1)
        assert watched.objection is None

    perform(story, listening=False)


def test_a_turn_as_of_now_has_waited_since_its_last_message() -> None:
    """By the loop's time: what the wall clock shows does not matter to it."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        for id_ in ("m2", "m3"):
            await asyncio.sleep(10)
            watched.hear(id_)
        messages = tuple(message("Hi", id=id_) for id_ in ("m1", "m2", "m3"))
        grown = turn(messages=messages, history=history((Author.BOT, 1.0)))
        await asyncio.sleep(1.5)
        parts.clock_error = timedelta(hours=1)
        now = watched.watch.as_of_now(grown)
        assert now.now == parts.now()
        assert now.waited is not None
        assert now.waited.total_seconds() == pytest.approx(1.5, abs=0.01)
        assert (now.messages, now.history) == (grown.messages, grown.history)

    perform(story, listening=False)


def test_only_what_was_heard_as_it_was_written_has_waited() -> None:
    """Of what was found nobody knows how long, and what has its answer waits no more."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        watched.hear("found", path="fresh")
        await asyncio.sleep(2)
        waited = watched.watch.waited("m1")
        assert waited is not None
        assert waited.total_seconds() == pytest.approx(2, abs=0.01)
        assert watched.watch.waited("found") is None
        watched.mailbox.done_with(["m1"])
        assert watched.watch.waited("m1") is None

    perform(story, listening=False)


def test_a_person_who_comes_online_meanwhile_is_stood_back_for() -> None:
    """What was decided because nobody was there is not said over their head."""

    async def story(parts: Parts) -> None:
        watched = Watched(parts)
        await watched.begin()
        memory = Memory(handed_off_at=parts.now() - timedelta(minutes=1))
        watched.turn = replace(watched.turn, memory=memory)
        assert watched.objection is None
        parts.session._in_room.people = frozenset({ANN})
        assert watched.objection == "handed_over"

    perform(story, listening=False)
