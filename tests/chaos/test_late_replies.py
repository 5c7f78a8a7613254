"""No reply comes too late: from a process that stood still, or on a connection that does."""

from __future__ import annotations

import asyncio
import signal

from tests.chaos.responder import THINKING
from tests.chaos.stage import ProcessStage
from tests.support.postgres import PostgresServer

_LONG = 9.0
"""Seconds: longer than the bot waits for an echo, and then for the server to say what it has."""


async def test_who_wakes_after_its_lease_leaves_the_turn_to_its_successor(
    stage: ProcessStage, database: PostgresServer
) -> None:
    """The other replica answers; the first, stopped while it thought, says nothing any more."""
    stage.keep_state_in(database)
    first = await stage.start()
    await first.ready()
    async with stage.customer() as customer:
        await customer.shout("slow 4.0 #1")
        await first.logged(THINKING)
        first.send(signal.SIGSTOP)
        successor = await stage.start()
        await stage.answered("slow 4.0 #1")
        await successor.idle()
        first.send(signal.SIGCONT)
        await first.idle()
    stage.ledger.look()
    assert len(stage.ledger.replies) == 1
    # Its lease has run out, or it has read the answer meanwhile; nothing that it says is kept.
    (end,) = [e for e in first.events() if e["message"] in {"turn.handed_back", "turn.settled"}]
    assert not end.get("kept")


async def test_a_reply_that_crawls_is_given_up_before_it_is_sent_again(stage: ProcessStage) -> None:
    """The connection is reset, not closed: what is under way on it must not arrive after all."""
    bot = await stage.start()
    await bot.ready()
    async with stage.customer() as customer:
        await customer.shout("slow 3.0 #1")
        await stage.claimed("slow 3.0 #1")
        for link in stage.proxy.sockets:
            link.delay(_LONG)
        await stage.answered("slow 3.0 #1")
        await bot.idle()
        await asyncio.sleep(_LONG)  # until what was under way would have come
    stage.ledger.look()
    assert len(stage.ledger.replies) == 1
    assert any(entry["message"] == "reply.unconfirmed" for entry in bot.events())
