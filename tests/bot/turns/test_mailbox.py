"""What one conversation's mailbox holds."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from agentbot.bot.turns.mailbox import MOST_PENDING, Mailbox
from agentbot.papercups.models import Message
from tests.simulation.stage import Stage, perform
from tests.simulation.world import metrics
from tests.support.virtual_time import run_virtual

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_mailbox_is_full_with_so_many_messages() -> None:
    """One conversation cannot fill the memory."""

    async def scene() -> None:
        mailbox = Mailbox("c")
        for number in range(MOST_PENDING):
            assert not mailbox.is_full
            message = Message(id=f"m{number}", conversation_id="c", created_at=NOW)
            assert mailbox.hear(message, path="live")
        assert mailbox.is_full

    run_virtual(scene())


def test_a_flood_in_one_conversation_is_shed_counted_and_answered_all_the_same() -> None:
    """What the mailbox had no room for is found by reading, and no message is answered twice."""

    async def scene(stage: Stage) -> None:
        running = await stage.bot()
        assert running.bot is not None
        visitor = stage.visitor()
        stage.world.database.health.slow = 3.0
        await visitor.say("hello ?")
        await stage.until(lambda: running.bot is not None and running.bot._tasks)
        for _ in range(3 * MOST_PENDING):
            await visitor.say("hello ?")
        [mailbox] = running.bot._mailboxes.values()
        await stage.until(lambda: mailbox.is_full)
        await asyncio.sleep(1)
        assert len(mailbox.pending_ids) == MOST_PENDING
        assert metrics().shed["message"] >= 2 * MOST_PENDING
        stage.world.database.health.slow = 0.0
        await asyncio.sleep(240)
        answered = [id_ for reply in stage.replies(visitor) for id_ in stage.answered_by(reply)]
        asked = [m.id for m in visitor.conversation.messages if m.customer_id is not None]
        assert sorted(answered) == sorted(asked)

    perform(scene)
