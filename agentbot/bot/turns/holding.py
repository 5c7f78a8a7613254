"""The holding message: that an answer takes a moment, for whoever waits at the chat window.

It is no answer, and so no part of the proof: its mark answers nothing. It is sent once and never
again, whether it arrives or not, and only where nothing speaks against saying something now.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import structlog

from agentbot.bot.proof import held, holding_mark
from agentbot.bot.services import Services
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.errors import PushNotSent
from agentbot.papercups.models import Message
from agentbot.pipeline.decision import Reason, TraceStep
from agentbot.pipeline.turn import Turn

_log = structlog.get_logger("agentbot.turn")

_SAID = TraceStep("one_moment", "said", Reason("one_moment", "the answer took a while"))


class HoldingMessage:
    """The holding message of one turn, which may grow meanwhile."""

    def __init__(self, mailbox: Mailbox, services: Services) -> None:
        self._mailbox = mailbox
        self._services = services
        self._is_over = False
        self._said_on: int | None = None
        self._steps: tuple[TraceStep, ...] = ()

    @property
    def steps(self) -> tuple[TraceStep, ...]:
        """What a decision's trace says of it: one step, or none where it was not said."""
        return self._steps

    @property
    def may_be_under_way(self) -> bool:
        """Whether it may come yet: the connection that it left on has broken since."""
        return self._said_on not in (None, self._services.current.connections)

    def has_arrived(self) -> None:
        """Note that enough time has passed for it to arrive, if ever."""
        self._said_on = None

    def due_at(self, turn: Turn) -> float:
        """Return the loop's time at which it is due; infinite where it is not to be said.

        Nobody is there who waits for the answer to a message that was only found.
        """
        after = self._services.current.pipeline.prompts.policy.one_moment_after
        last = self._mailbox.get(turn.messages[-1].id)
        if self._is_over or after is None or last is None or last.path != LIVE:
            return inf
        seconds = after.total_seconds()
        if turn.is_first:  # the window of a fresh visitor loses what comes earlier
            seconds = max(seconds, self._services.settings.reply.first_delay_seconds)
        return last.heard_at + seconds

    def say(self, turn: Turn, before: Iterable[Message], *, as_of: int) -> None:
        """Say it, where it may be said: it is not tried again. Nothing in here waits.

        ``before`` are the conversation's messages as they were read, while ``as_of`` was
        ``Current.connections``.
        """
        self._is_over = True
        services, conversation_id = self._services, turn.conversation.id
        text = services.current.pipeline.one_moment(turn)
        if not text or not self._may_be_said(turn, before, as_of):
            return
        try:
            services.session.shout(
                conversation_id,
                text,
                metadata=holding_mark(turn.messages[-1].id),
                as_user=services.settings.reply.speak_as == "user",
            )
        except PushNotSent:
            return
        self._said_on = as_of
        self._steps = (_SAID,)
        services.metrics.holding_message()
        _log.info("turn.one_moment", conversation_id=conversation_id)

    def _may_be_said(self, turn: Turn, before: Iterable[Message], as_of: int) -> bool:
        """Say whether somebody waits who was not asked for a moment yet, and can be told now."""
        services = self._services
        asked = {message.id for message in turn.messages}
        return (
            services.settings.mode == "reply"
            and turn.conversation.source == "chat"
            and services.session.is_here(turn.customer.id)
            and services.current.connections == as_of
            and not any(held(message) in asked for message in before)
        )
