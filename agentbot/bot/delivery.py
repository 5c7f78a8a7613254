"""Carrying out a plan: the text first, confirmed or sent again but never doubled, then the actions.

Every step can be repeated by another process after a crash: the text is looked for on the server
before it is sent again, and the actions set what they set.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

import structlog

from agentbot.bot.echoes import NoEcho
from agentbot.bot.patience import persistently
from agentbot.bot.plan import Plan
from agentbot.bot.proof import KEY, find_reply, mark
from agentbot.bot.services import Services
from agentbot.errors import AgentbotError, PushError, StateUnavailable, TransportError
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.decision import (
    Action,
    AddTag,
    Assign,
    Close,
    Note,
    Reason,
    Reply,
    SetPriority,
    Silence,
    Snooze,
)
from agentbot.state.store import Claim

_LOOK_AGAIN = 0.1

_log = structlog.get_logger("agentbot.delivery")


class Told(StrEnum):
    """What became of a plan's text."""

    CONFIRMED = "confirmed"
    NOTHING_TO_SAY = "nothing_to_say"
    WITHHELD = "withheld"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery. ``reply_id`` is the stored reply's; ``reason`` says why not."""

    told: Told
    reply_id: str | None = None
    reason: Reason | None = None


class Delivery:
    """Delivers one conversation's plan.

    ``withhold`` is asked in the last moment before anything leaves: it returns the reason why
    nothing may, or None.
    """

    def __init__(
        self,
        services: Services,
        conversation: Conversation,
        claim: Claim,
        *,
        withhold: Callable[[], Reason | None],
    ) -> None:
        self._services = services
        self._conversation = conversation
        self._claim = claim
        self._withhold = withhold
        # Messages on conversation: reach chat alone; other sources get e-mail or SMS by way of
        # notification:, which is always sent as the user (PROTOCOL: a shout).
        self._on_conversation = (conversation.source or "chat") == "chat"
        self._as_user = not self._on_conversation or services.settings.reply.speak_as == "user"

    async def carry_out(self, plan: Plan) -> Receipt:
        """Say the plan's text, then do its actions; without the text, no actions.

        Raises ``StateUnavailable`` where a plan with actions cannot be kept, before anything is
        sent.
        """
        if plan.decision.actions:
            await self._services.store.checkpoint(self._claim, plan.to_json())
        receipt = await self._say(plan)
        if receipt.told in {Told.CONFIRMED, Told.NOTHING_TO_SAY}:
            await self.act(plan)
        return receipt

    async def act(self, plan: Plan) -> None:
        """Do what is left of the plan once its text is known to be on the server."""
        if plan.text is not None:
            await self._undo_assignment()
        for action in plan.decision.actions[plan.done :]:
            await self._act(action, plan)
            plan = plan.action_done()
            await self._keep(plan)
        await self._mark_read(plan)

    async def _keep(self, plan: Plan) -> None:
        """Note how far the plan has come. Without the note a resumed action is done again."""
        try:
            await self._services.store.checkpoint(self._claim, plan.to_json())
        except StateUnavailable as error:
            _log.warning("checkpoint.lost", error=str(error))

    async def _say(self, plan: Plan) -> Receipt:
        """Send the text until it is known to be stored, or may not be sent any more."""
        if plan.text is None:
            return Receipt(Told.NOTHING_TO_SAY)
        settings = self._services.settings.reply
        unheard = 0
        for attempt in count(1):
            await self._ready_to_speak()
            if reason := self._withhold():
                return Receipt(Told.WITHHELD, reason=reason)
            if attempt > 1:
                self._services.metrics.reply_resent()
            echo = await self._send(plan)
            if isinstance(echo, Message):
                self._services.metrics.reply_confirmed()
                return Receipt(Told.CONFIRMED, echo.id)
            _log.warning("reply.unconfirmed", why=echo.name.lower(), attempt=attempt)
            if reply_id := await self._stored_reply(plan):
                return Receipt(Told.CONFIRMED, reply_id)
            # Only what was lost on a good line counts: an outage is nothing to give up for.
            unheard += echo is NoEcho.LATE
            if unheard >= settings.max_attempts:
                text = f"sent {unheard} times, and the server stored none"
                return Receipt(Told.UNCONFIRMED, reason=Reason("unconfirmed", text))
        raise AssertionError("counting does not end")

    async def _ready_to_speak(self) -> None:
        """Wait until the topic is joined on which we speak."""
        session = self._services.session
        if self._on_conversation:
            await session.joined(self._conversation.id)
        while not self._on_conversation and not session.is_ready:  # noqa: ASYNC110 - rare
            await asyncio.sleep(_LOOK_AGAIN)

    async def _send(self, plan: Plan) -> Message | NoEcho:
        """Shout once; return the echo, or why there is none."""
        last_message = plan.message_ids[-1]
        echo = self._services.echoes.expect(last_message)
        try:
            self._services.session.shout(
                self._conversation.id,
                plan.text or "",
                metadata=self._metadata(plan),
                as_user=self._as_user,
                via="conversation" if self._on_conversation else "notification",
            )
            async with asyncio.timeout(self._services.settings.reply.confirm_timeout_seconds):
                return await echo
        except TimeoutError:
            return NoEcho.LATE
        except (PushError, TransportError):
            return NoEcho.LINE_LOST
        finally:
            self._services.echoes.forget(last_message)

    async def _stored_reply(self, plan: Plan) -> str | None:
        """Ask the server whether the reply is there, once nothing can be under way any more."""
        await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
        messages = await self._messages()
        reply = find_reply(messages, plan.message_ids)
        return reply.id if reply else None

    def _metadata(self, plan: Plan) -> dict[str, object]:
        decision = plan.decision
        assert not isinstance(decision, Silence)  # noqa: S101 - a silent plan has no text to send
        metadata = mark(plan.message_ids, by=decision.by, source=decision.source)
        if isinstance(decision, Reply) and decision.quick_replies:
            metadata["quick_replies"] = [
                {"text": reply.text, "action": reply.action} for reply in decision.quick_replies
            ]
        return metadata

    async def _messages(self) -> Sequence[Message]:
        rest, id_ = self._services.rest, self._conversation.id
        return await persistently(lambda: rest.messages(conversation_id=id_), what="messages")

    async def _update(self, **fields: object) -> None:
        rest, id_ = self._services.rest, self._conversation.id
        await persistently(lambda: rest.update_conversation(id_, **fields), what="update")

    async def _undo_assignment(self) -> None:
        """Undo the assignment to us that a message on ``notification:`` brings with it.

        A conversation that is the bot's is one that people do not look for. Where the operator
        lets the bot speak as its own user, the assignment is what he asked for.
        """
        chosen = self._services.settings.reply.speak_as == "user"
        if self._as_user and not chosen and self._conversation.assignee_id is None:
            await self._update(assignee_id=None)

    async def _act(self, action: Action, plan: Plan) -> None:
        """Carry out one action. One that the server refuses is logged, and stops no other."""
        rest, id_ = self._services.rest, self._conversation.id
        try:
            match action:
                case AddTag(name):
                    await persistently(lambda: rest.add_tag(id_, name), what="tag")
                case Assign(email):
                    users = await persistently(rest.users, what="users")
                    user = next((user for user in users if user.email == email), None)
                    if user is None:
                        _log.warning("action.no_such_user", email=email)
                    else:
                        await self._update(assignee_id=user.id)
                case SetPriority(priority):
                    await self._update(priority="priority" if priority else "not_priority")
                case Close():
                    await self._update(status="closed")
                case Note(text):
                    await self._leave_note(text, plan)
                case Snooze():
                    pass  # nothing to do on the server: it is remembered with the outcome
        except AgentbotError as error:
            _log.warning("action.failed", action=type(action).__name__, error=str(error))

    async def _leave_note(self, text: str, plan: Plan) -> None:
        """Leave a private note once, and undo what it does: it assigns to us and marks read."""
        metadata = {KEY: {"v": 1, "note_on": plan.message_ids[-1]}}
        if not any(m.is_private and m.metadata == metadata for m in await self._messages()):
            await self._services.rest.create_message(
                self._conversation.id, text, type="note", private=True, metadata=metadata
            )
        await self._update(assignee_id=self._conversation.assignee_id, read=False)

    async def _mark_read(self, plan: Plan) -> None:
        """Mark the conversation read, where nobody need look any more."""
        when = self._services.settings.receipts.read
        if not isinstance(plan.decision, Reply):
            return
        closed = any(isinstance(action, Close) for action in plan.decision.actions)
        if when == "always" or (when == "when_closed" and closed):
            await self._services.session.read(self._conversation.id)
