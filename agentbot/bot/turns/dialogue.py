"""The task that empties one conversation's mailbox: its turns, one at a time, in order."""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime

from agentbot.bot.services import Services
from agentbot.bot.stages import stage
from agentbot.bot.turns.attempt import TurnAttempt
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.state.store import AlreadySettled, Claim, LeasedElsewhere
from agentbot.tracing import span

_TAKE_OVER_PAUSE = 0.2
"""Seconds past the end of another's lease before it is tried: the clocks of two machines differ."""
_CLEAR_END = re.compile(r"(\?|\w[.!])[\s)\"'»”]*$")
"""The end of a message whose writer has said all: a question mark, or a sentence's end."""


async def take_turns(mailbox: Mailbox, services: Services) -> None:
    """Take turns until nothing is pending, or the bot is draining: then no other turn begins."""
    while mailbox and not services.draining.is_set():
        await _gather(mailbox, services)
        if mailbox and not services.draining.is_set():
            async with _place(mailbox, services), services.slots:
                # While it waited for its place, another replica may have answered.
                if services.draining.is_set() or not mailbox:
                    return
                held_until = await _take_turn(mailbox, services)
            if held_until is not None:
                await _leave_to_holder(mailbox, services, held_until)


def _place(mailbox: Mailbox, services: Services) -> AbstractAsyncContextManager[None]:
    """Return what a turn waits for that was found by catching up; who writes now does not wait."""
    if mailbox.is_live:
        return nullcontext()
    return services.catching_up.place(mailbox.conversation_id)


async def _gather(mailbox: Mailbox, services: Services) -> None:
    """Wait until the customer seems to have ended: a pause, or the longest wait."""
    turns = services.settings.turns
    while mailbox and not services.draining.is_set():
        pending = mailbox.pending
        last = max(pending, key=lambda p: p.heard_at)
        if last.path != LIVE:
            return
        quiet_at = last.heard_at + pause_after(last.message.body or "", turns.idle_seconds)
        until = min(quiet_at, min(p.heard_at for p in pending) + turns.max_seconds)
        if asyncio.get_running_loop().time() >= until:
            return
        await mailbox.news(until=until)


async def _take_turn(mailbox: Mailbox, services: Services) -> datetime | None:
    """Claim what is pending and answer it; return until when another replica has it, if so."""
    ids, id_ = mailbox.pending_ids, mailbox.conversation_id
    heard_at = min(pending.heard_at for pending in mailbox.pending)
    services.metrics.stage_took("wait", asyncio.get_running_loop().time() - heard_at)
    with span("turn", {"agentbot.conversation.id": id_, "agentbot.messages": len(ids)}):
        with stage(services.metrics, "claim"):
            claim = await services.leases.claim(id_, ids, on_lost=mailbox.wake)
        match claim:
            case LeasedElsewhere(until=until):
                return until
            case AlreadySettled():
                mailbox.done_with(ids)
            case Claim():
                mailbox.done_with(set(ids) - set(claim.message_ids))
                await TurnAttempt(mailbox, services, claim).run()
    return None


async def _leave_to_holder(mailbox: Mailbox, services: Services, until: datetime) -> None:
    """Wait until the replica that has the turn has answered it, or has lost it."""
    seconds = (until - services.clock()).total_seconds()
    longest = services.settings.state.lease_seconds  # clocks differ; a lease is never longer
    wait = min(max(seconds, 0.0), longest) + _TAKE_OVER_PAUSE
    deadline = asyncio.get_running_loop().time() + wait
    while mailbox and not services.draining.is_set():
        if not await mailbox.news(until=deadline):
            return


def pause_after(text: str, idle_seconds: float) -> float:
    """Return how long to wait for more after ``text``: not at all where it clearly ends."""
    ends = _CLEAR_END.search(text) is not None and not text.rstrip().endswith("..")
    return 0.0 if ends else idle_seconds
