"""What keeps a delivery's text from the customer: refusals, objections, news, and the mode.

In each of its steps JOIN, CHECK and LOOK, on a devserver in the same process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from agentbot.bot.delivery.result import DeliveryResult, DeliveryStatus
from agentbot.bot.objections import CLOSED, LEASE_LOST
from tests.support.bot_delivery import TAGS, Delivering, deliver
from tests.support.bot_parts import reply

# JOIN


def test_a_topic_that_is_refused_leaves_the_text_unconfirmed() -> None:
    """The conversation was deleted, say: nothing is sent, and nothing follows."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        del it.server.store.conversations[it.visitor.id]
        result = await delivery.carry_out(it.plan(reply(actions=TAGS)))
        assert result.status is DeliveryStatus.UNCONFIRMED
        assert result.reason is not None
        assert result.reason.code == "refused"
        assert result.objection is None
        assert it.server.store.tags == {}

    deliver(story)


def test_a_topic_that_is_refused_while_something_objects_withholds_the_text() -> None:
    """A bot that is leaving joins nothing: its turn is handed back, and not lost."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        del it.server.store.conversations[it.visitor.id]
        it.objections = [CLOSED]
        result = await delivery.carry_out(it.plan(reply()))
        assert result == DeliveryResult.withheld(CLOSED)
        assert result.objection is CLOSED

    deliver(story)


@pytest.mark.parametrize("source", ["chat", "email"])
def test_what_was_read_before_the_connection_broke_is_not_answered(source: str) -> None:
    """Nobody knows what was said meanwhile: it must be read again first."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        it.server.restart(downtime=20, linger=0)
        await asyncio.sleep(1)
        result = await delivery.carry_out(it.plan(reply()))
        assert result.objection is not None
        assert result.objection.reason.code == "reconnected"
        assert it.texts == []
        assert it.parts.session.is_ready

    deliver(story, source=source)


# CHECK


def test_what_objects_in_the_last_moment_withholds_the_text_and_all_that_follows() -> None:
    """It is asked once everything is joined."""

    async def story(it: Delivering) -> None:
        it.objections = [CLOSED]
        result = await it.deliver(reply(actions=TAGS))
        assert result == DeliveryResult.withheld(CLOSED)
        assert result.reason == CLOSED.reason
        assert (it.texts, it.tags) == ([], set())

    deliver(story)


def test_what_objects_before_the_second_sending_withholds_it() -> None:
    """The first was lost: the customer got nothing."""

    async def story(it: Delivering) -> None:
        it.faults.drop_shout(times=1)
        it.objections = [None, CLOSED]
        result = await it.deliver(reply())
        assert result.objection is CLOSED
        assert it.texts == []

    deliver(story)


# LOOK

MEANWHILE: dict[str, tuple[str, Callable[[Delivering], object]]] = {
    "a person answers": ("person", lambda it: it.visitor.is_answered_by(it.parts.account.ann)),
    "it is deleted": (
        "changed",
        lambda it: it.server.store.conversations.pop(it.visitor.id),
    ),
    "it is closed": ("changed", lambda it: setattr(it.visitor.conversation, "status", "closed")),
    "it is assigned": (
        "changed",
        lambda it: setattr(it.visitor.conversation, "assignee_id", it.parts.account.ann.id),
    ),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_has_changed_since_the_first_sending_withholds_the_second(what: str) -> None:
    """It is read before anything is sent again, whether anybody has told us or not."""
    code, happen = MEANWHILE[what]

    async def story(it: Delivering) -> None:
        it.faults.drop_shout(times=1)
        it.in_seconds(3, lambda: happen(it))
        result = await it.deliver(reply(actions=TAGS))
        assert result.status is DeliveryStatus.WITHHELD
        assert result.objection is not None
        assert result.objection.reason.code == code
        assert (it.texts, it.tags) == ([], set())

    deliver(story)


# Modes in which the customer is told nothing


def test_a_suggestion_is_left_to_people_as_a_note() -> None:
    """Nothing else of the plan is done."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        result = await delivery.only_show(it.plan(reply("a\0b", actions=TAGS)))
        assert result.status is DeliveryStatus.WITHHELD
        assert result.reason is not None
        assert (result.reason.code, result.objection) == ("suggested", None)
        assert [note.body for note in it.visitor.notes] == ["Suggested reply:\n\nab"]
        assert (it.texts, it.tags) == ([], set())

    deliver(story, mode="suggest")


def test_a_suggestion_is_left_under_the_lease_alone() -> None:
    """Another process may have left it meanwhile."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        it.parts.services.leases.drop(it.claim)
        result = await delivery.only_show(it.plan(reply()))
        assert result == DeliveryResult.withheld(LEASE_LOST)
        assert it.visitor.notes == []

    deliver(story, mode="suggest")


def test_a_dry_run_leaves_nothing() -> None:
    """It stands in the journal alone."""

    async def story(it: Delivering) -> None:
        delivery = await it.delivery()
        result = await delivery.only_show(it.plan(reply(actions=TAGS)))
        assert result.status is DeliveryStatus.WITHHELD
        assert result.reason is not None
        assert (result.reason.code, result.objection) == ("dry_run", None)
        assert (it.visitor.notes, it.texts, it.tags) == ([], [], set())

    deliver(story, mode="dry_run")
