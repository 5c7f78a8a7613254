"""Coming to a decision on one turn, while the world goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable

from agentbot.bot.objections import Objection
from agentbot.bot.services import Services
from agentbot.bot.turns.holding import HoldingMessage
from agentbot.bot.turns.mailbox import Mailbox
from agentbot.bot.turns.window import ChatWindow, age_of
from agentbot.papercups.models import Message
from agentbot.pipeline.decision import Decision, Reason, Silence
from agentbot.pipeline.turn import Turn


class Thinking:
    """What asks the pipeline, and waits for it until something comes up.

    ``heard_at`` is the loop's time at which the turn began, ``deadline`` that until which a
    decision is waited for.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        services: Services,
        holding: HoldingMessage,
        *,
        heard_at: float,
        deadline: float,
    ) -> None:
        self._mailbox = mailbox
        self._services = services
        self._holding = holding
        self._deadline = deadline
        self._window = ChatWindow(mailbox, services, heard_at=heard_at)

    async def decide(
        self,
        turn: Turn,
        before: Iterable[Message],
        *,
        as_of: int,
        objection: Callable[[], Objection | None],
    ) -> Decision | Objection:
        """Return the decision, or what has come up before there was one.

        ``before`` are the conversation's messages, read while ``as_of`` was
        ``Current.connections``; ``objection`` says what has come up since.
        """
        pipeline = self._services.current.pipeline
        if (silence := self._too_old(turn) or pipeline.guard(turn)) is not None:
            return silence
        await self._window.acknowledge(turn)
        outcome = pipeline.respond(turn)
        if isawaitable(outcome):
            decision = await self._wait(outcome, turn, before, as_of, objection)
        else:
            decision = outcome
        if not isinstance(decision, Silence | Objection):
            await self._window.settle(turn, objection)
        return decision

    async def _wait(
        self,
        outcome: Awaitable[Decision],
        turn: Turn,
        before: Iterable[Message],
        as_of: int,
        objection: Callable[[], Objection | None],
    ) -> Decision | Objection:
        """Wait for a decision until the turn's deadline, or until something objects to it.

        Who waits long is asked for a moment meanwhile.
        """
        thinking = asyncio.ensure_future(outcome)
        thinking.add_done_callback(lambda _done: self._mailbox.wake())
        try:
            while not thinking.done():
                due_at = self._holding.due_at(turn)
                has_news = await self._mailbox.news(until=min(due_at, self._deadline))
                if thinking.done() or not (has_news or due_at < self._deadline):
                    break
                if (objected := objection()) is not None:
                    return objected
                if not has_news:
                    self._holding.say(turn, before, as_of=as_of)
            if thinking.done():
                return thinking.result()
        finally:
            thinking.cancel()
        seconds = self._services.settings.turns.deadline_seconds
        reason = Reason("deadline", f"no decision within {seconds:g} s")
        return self._services.current.pipeline.fallback(turn, reason)

    def _too_old(self, turn: Turn) -> Silence | None:
        """Leave to people what was found only after too long a time."""
        max_age = self._services.current.pipeline.prompts.policy.catch_up.max_age
        if age_of(turn) <= max_age:
            return None
        return Silence(reason=Reason("too_old", f"found unanswered after more than {max_age}"))
