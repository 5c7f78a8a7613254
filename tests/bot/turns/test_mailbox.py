"""One conversation's mailbox: what waits in it, what it notes besides, and whom that wakes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentbot.bot.proof import mark
from agentbot.bot.turns.mailbox import LIVE, MOST_PENDING, Mailbox
from agentbot.papercups.models import Message
from tests.simulation.stage import Stage
from tests.simulation.stage import perform as perform_simulated
from tests.simulation.world import metrics
from tests.support.virtual_time import now, run_virtual

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def message(id_: str, *, second: int = 0, **fields: Any) -> Message:
    """Return a message of ``second`` seconds past nine."""
    at = NOW + timedelta(seconds=second)
    return Message(**{"id": id_, "conversation_id": "c", "created_at": at, **fields})


def perform(scene: Callable[[Mailbox], Awaitable[None]]) -> None:
    """Play a scene with an empty mailbox."""

    async def main() -> None:
        await scene(Mailbox("c"))

    run_virtual(main())


def ids(mailbox: Mailbox) -> list[str]:
    """Return the ids of what waits, in order."""
    return list(mailbox.pending_ids)


def test_what_waits_is_kept_oldest_first_until_it_is_done_with() -> None:
    """By the server's stamps, and within a second in the order in which it was heard."""

    async def scene(mailbox: Mailbox) -> None:
        assert not mailbox
        for id_, second in (("b", 1), ("c", 1), ("a", 0)):
            assert mailbox.hear(message(id_, second=second), path=LIVE)
            await asyncio.sleep(0.1)
        assert mailbox
        assert ids(mailbox) == ["a", "b", "c"]
        assert [one.message.id for one in mailbox.pending] == ["a", "b", "c"]
        mailbox.done_with(["b", "unknown"])
        assert ids(mailbox) == ["a", "c"]
        assert mailbox.get("b") is None
        mailbox.done_with(["a", "c"])
        assert not mailbox

    perform(scene)


def test_a_message_is_taken_once_and_stays_as_it_was_first_heard() -> None:
    """Found by reading after it was heard, it is still known when it was written."""

    async def scene(mailbox: Mailbox) -> None:
        heard_at = now()
        assert mailbox.hear(message("m"), path=LIVE)
        await asyncio.sleep(5)
        assert not mailbox.hear(message("m"), path="fresh")
        pending = mailbox.get("m")
        assert pending is not None
        assert (pending.message.id, pending.path) == ("m", LIVE)
        assert pending.heard_at == heard_at

    perform(scene)


def test_a_customers_message_opens_a_closed_conversation() -> None:
    """As it does on the server. What is found by reading was read with its status."""

    async def scene(mailbox: Mailbox) -> None:
        closed = [mailbox.is_closed]
        mailbox.status_changed("closed")
        closed.append(mailbox.is_closed)
        mailbox.hear(message("found"), path="periodic")
        closed.append(mailbox.is_closed)
        mailbox.hear(message("heard"), path=LIVE)
        closed.append(mailbox.is_closed)
        mailbox.status_changed("closed")
        mailbox.status_changed("open")
        closed.append(mailbox.is_closed)
        assert closed == [False, True, True, False, False]

    perform(scene)


def test_it_notes_whose_it_was_one_after_the_other() -> None:
    """News that say the same again are no change."""

    async def scene(mailbox: Mailbox) -> None:
        for user_id in (None, None, 7, 7, None, 7):
            mailbox.held_by(user_id)
        assert mailbox.assignees == [None, 7, None, 7]

    perform(scene)


def test_it_notes_when_it_was_closed() -> None:
    """By the server's clock; what is open again has no such time."""

    async def scene(mailbox: Mailbox) -> None:
        at = datetime(2026, 11, 25, 12, tzinfo=UTC)
        mailbox.status_changed("closed", closed_at=at)
        assert mailbox.closed_at == at
        mailbox.status_changed("open", closed_at=at)
        assert mailbox.closed_at is None

    perform(scene)


def test_it_notes_when_a_person_wrote_and_whose_the_conversation_is() -> None:
    """The last word of each counts."""

    async def scene(mailbox: Mailbox) -> None:
        assert (mailbox.person_at, mailbox.assignee_id) == (None, None)
        mailbox.person_wrote(message("p", second=3))
        mailbox.assigned_to(7)
        assert mailbox.person_at == NOW + timedelta(seconds=3)
        assert mailbox.assignee_id == 7

    perform(scene)


def test_a_bots_reply_takes_out_what_it_answers() -> None:
    """Another replica's reply too: it was said."""

    async def scene(mailbox: Mailbox) -> None:
        for id_ in ("a", "b", "c"):
            mailbox.hear(message(id_), path=LIVE)
        metadata = mark(["a", "b"], by="rule", source="r")
        mailbox.answered(message("r", type="bot", metadata=metadata))
        assert ids(mailbox) == ["c"]

    perform(scene)


NEWS: dict[str, Callable[[Mailbox], object]] = {
    "a message": lambda mailbox: mailbox.hear(message("m"), path=LIVE),
    "a person": lambda mailbox: mailbox.person_wrote(message("p")),
    "a reply": lambda mailbox: mailbox.answered(message("r", type="bot")),
    "a status": lambda mailbox: mailbox.status_changed("open"),
    "an assignment": lambda mailbox: mailbox.assigned_to(7),
    "something outside": Mailbox.wake,
}


@pytest.mark.parametrize("news", NEWS)
def test_whatever_happens_wakes_who_waits_for_news(news: str) -> None:
    """At once, not at the end of the wait."""

    async def scene(mailbox: Mailbox) -> None:
        asyncio.get_running_loop().call_later(3, NEWS[news], mailbox)
        began = now()
        assert await mailbox.news(until=began + 10)
        assert now() - began == pytest.approx(3, abs=0.01)

    perform(scene)


def test_no_news_is_told_when_the_time_is_over() -> None:
    """What happened before the call is no news: the caller has looked."""

    async def scene(mailbox: Mailbox) -> None:
        mailbox.wake()
        began = now()
        assert not await mailbox.news(until=began + 10)
        assert now() - began == pytest.approx(10, abs=0.01)

    perform(scene)


def test_a_mailbox_is_full_with_so_many_messages() -> None:
    """One conversation cannot fill the memory."""

    async def scene(mailbox: Mailbox) -> None:
        for number in range(MOST_PENDING):
            assert not mailbox.is_full
            assert mailbox.hear(message(f"m{number}"), path=LIVE)
        assert mailbox.is_full

    perform(scene)


def test_a_flood_in_one_conversation_is_shed_counted_and_answered_all_the_same() -> None:
    """What the mailbox had no room for is found by reading, and no message is answered twice."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        stage.world.database.health.slow = 3.0
        await visitor.say("hello ?")
        value = metrics().registry.get_sample_value
        await stage.until(lambda: value("agentbot_conversations_active"))
        for _ in range(3 * MOST_PENDING):
            await visitor.say("hello ?")
        shed = metrics().shed
        await stage.until(lambda: shed["message"])
        await asyncio.sleep(1)
        assert shed["message"] >= 2 * MOST_PENDING
        stage.world.database.health.slow = 0.0
        await asyncio.sleep(240)
        answered = [id_ for reply in stage.replies(visitor) for id_ in stage.answered_by(reply)]
        asked = [m.id for m in visitor.conversation.messages if m.customer_id is not None]
        assert sorted(answered) == sorted(asked)

    perform_simulated(scene)
