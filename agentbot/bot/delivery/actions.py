"""What is done with a conversation beside talking in it: tags, assignment, notes, receipts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.proof import KEY
from agentbot.config import ReceiptsSettings
from agentbot.errors import AgentbotError, PushError
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.events import Via
from agentbot.papercups.models import Conversation
from agentbot.papercups.rest import AgentRest
from agentbot.pipeline.decision import (
    Action,
    AddTag,
    Assign,
    Close,
    Note,
    Reply,
    SetPriority,
    Snooze,
)
from agentbot.retry import GIVE_UP_AFTER, retry_while_away

_log = structlog.get_logger("agentbot.actions")

T = TypeVar("T")


class ConversationActions:
    """Acts on one conversation, which is as it was when it was read.

    The customer does not wait for any of it, and the answer has left: what the server refuses is
    logged, and stops nothing else. ``settle_seconds``: in that time what was sent has arrived.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        session: AgentSession,
        rest: AgentRest,
        receipts: ReceiptsSettings,
        settle_seconds: float,
    ) -> None:
        self._conversation = conversation
        self._session = session
        self._rest = rest
        self._receipts = receipts
        self._settle_seconds = settle_seconds

    async def act(self, action: Action, plan: Plan) -> None:
        """Carry out one action of the plan."""
        rest, id_ = self._rest, self._conversation.id
        try:
            match action:
                case AddTag(name):
                    await _ask(lambda: rest.add_tag(id_, name), what="tag")
                case Assign(email):
                    await self._assign(email)
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

    async def suggest(self, text: str, plan: Plan) -> None:
        """Leave a private note with what would be said. Raises what the server refuses it with."""
        await self._leave_note(text, plan)

    async def undo_assignment(self, *, via: Via) -> None:
        """Undo the assignment to us that our message on ``via`` has brought with it."""
        if self._assignee_id is not None:
            return
        try:
            # The echo comes before the assignment does.
            await self._session.dealt_with(self._conversation.id, via=via)
        except PushError:
            await asyncio.sleep(self._settle_seconds)
        try:
            await self._give_back()
        except AgentbotError as error:
            _log.warning("assignment.not_undone", error=str(error))

    async def mark_read(self, plan: Plan, *, via: Via) -> None:
        """Mark it read after our reply on ``via``, where nobody need look any more."""
        when = self._receipts.read
        if not isinstance(plan.decision, Reply):
            return
        closed = any(isinstance(action, Close) for action in plan.decision.actions)
        if when == "always" or (when == "when_closed" and closed):
            try:
                await self._read(via)
            except AgentbotError as error:
                _log.warning("conversation.not_read", error=str(error))

    async def _leave_note(self, text: str, plan: Plan) -> None:
        """Leave a private note once, and undo what it does: it assigns to us and marks read.

        A turn may leave several: the number of actions done before tells them apart.
        """
        rest, id_ = self._rest, self._conversation.id
        metadata = {KEY: {"v": 1, "note_on": plan.message_ids[-1], "number": plan.done}}

        async def leave() -> None:
            messages = await rest.messages(conversation_id=id_)
            if not any(m.is_private and m.metadata == metadata for m in messages):
                await rest.create_message(id_, text, type="note", private=True, metadata=metadata)

        # An answer that got lost does not mean a lost note: asked again, it is looked for first.
        await _ask(leave, what="note")
        await self._give_back(read=False)

    async def _read(self, via: Via) -> None:
        id_ = self._conversation.id
        try:
            # Our reply makes the conversation unread, but a moment after its echo.
            await self._session.dealt_with(id_, via=via)
            await self._session.read(id_)
        except PushError:  # the connection broke, or off duty we are not on the agents' topic
            await self._update(read=True)

    async def _assign(self, email: str) -> None:
        users = await _ask(self._rest.users, what="users")
        wanted = email.lower()
        user = next((user for user in users if (user.email or "").lower() == wanted), None)
        if user is None:
            _log.warning("action.no_such_user", email=email)
            return
        await self._update(assignee_id=user.id)
        self._conversation = self._conversation.model_copy(update={"assignee_id": user.id})

    async def _give_back(self, **fields: object) -> None:
        """Set ``fields``, and the assignee as before where it is us by now.

        Only the first message with a user assigns, and a person may have taken the conversation
        meanwhile: that stands.
        """
        rest, id_ = self._rest, self._conversation.id
        now = await _ask(lambda: rest.conversation(id_), what="conversation")
        if now.assignee_id == self._session.user_id:
            fields["assignee_id"] = self._assignee_id
        if fields:
            await self._update(**fields)

    @property
    def _assignee_id(self) -> int | None:
        """The user that the conversation was assigned to before we wrote.

        Where it was assigned to us when it was read, an earlier process of this bot had written
        and died before it could undo that.
        """
        assignee_id = self._conversation.assignee_id
        return None if assignee_id == self._session.user_id else assignee_id

    async def _update(self, **fields: object) -> None:
        rest, id_ = self._rest, self._conversation.id
        await _ask(lambda: rest.update_conversation(id_, **fields), what="update")


async def _ask(ask: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Ask as long as the server is away, but not for ever for what it cannot do."""
    return await retry_while_away(ask, what=what, give_up_after=GIVE_UP_AFTER)
