"""What is done with a conversation beside talking in it: tags, notes, closing, receipts.

An act that could hide a conversation, or take it from somebody, looks before it acts, and once more
afterwards: what was done over something that came in between is undone (``look.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from agentbot.bot.delivery.assignment import Assignment, HeardAssignees, LeaseGone
from agentbot.bot.delivery.look import Look, look
from agentbot.bot.delivery.notify import in_slacks_words
from agentbot.bot.delivery.plan import Plan, action_kind
from agentbot.bot.proof import KEY
from agentbot.bot.services import Services
from agentbot.errors import AgentbotError, ApiError, PushError
from agentbot.ops.redaction import redact
from agentbot.papercups.events import Via
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.decision import (
    Action,
    AddTag,
    Assign,
    Close,
    Note,
    Notify,
    Reason,
    Reply,
    SetEmail,
    SetPriority,
    Snooze,
)
from agentbot.retry import retry_for_a_while

_log = structlog.get_logger("agentbot.actions")


class ConversationActions:
    """Acts on one conversation, which is as it was when it was read.

    The customer does not wait for any of it, and the answer has left: what the server refuses is
    logged, and stops nothing else. ``found`` are the customer's messages that were seen while
    acting, and that the plan does not answer; ``heard_assignees`` is what was heard since it was
    read. ``is_held`` says whether the turn is still ours: what is not to be done twice is begun
    under the lease alone.
    """

    def __init__(
        self,
        conversation: Conversation,
        services: Services,
        *,
        heard_assignees: HeardAssignees = lambda: (),
        is_held: Callable[[], bool] = lambda: True,
    ) -> None:
        self.found: dict[str, Message] = {}
        self._conversation = conversation
        self._services = services
        self._session = services.session
        self._rest = services.rest
        self._is_held = is_held
        self.assignment = Assignment(conversation, services, heard=heard_assignees, is_held=is_held)

    async def act(self, action: Action, plan: Plan) -> Plan:
        """Carry out the plan's next action, or skip it where it does not fit; return the plan.

        It is the same plan where the lease is gone before anything was done.
        """
        rest, id_ = self._rest, self._conversation.id
        unfit: Reason | None = None
        is_done = True
        try:
            match action:
                case AddTag(name):
                    await retry_for_a_while(lambda: rest.add_tag(id_, name), what="tag")
                case Assign(email):
                    unfit, assigned_to = await self.assignment.assign(email, plan, look=self._look)
                    plan = plan.assigned(assigned_to)
                case SetPriority(priority):
                    await self._update(priority="priority" if priority else "not_priority")
                case Close():
                    unfit, closed_at = await self._close(plan)
                    plan = plan.closed(closed_at)
                case Note(text):
                    is_done = await self._leave_note(redact(text), plan)
                case SetEmail(address):
                    is_done = await self._set_email(address, plan)
                case Notify(text):
                    link = f"{rest.url.base}/conversations/all?cid={id_}"
                    self._services.notify(in_slacks_words(redact(text), link))
                case Snooze():
                    pass  # nothing to do on the server: it is remembered with the outcome
        except LeaseGone:
            is_done = False
        except AgentbotError as error:
            _log.warning("action.failed", action=type(action).__name__, error=str(error))
        if not is_done:
            return plan
        if unfit is not None:
            _log.info("action.skipped", action=action_kind(action), reason=str(unfit))
        return plan.action_done(unfit)

    async def suggest(self, text: str, plan: Plan) -> bool:
        """Leave a private note with what would be said; return False where the lease is gone.

        Raises what the server refuses it with.
        """
        return await self._leave_note(text, plan)

    def marks_read(self, plan: Plan) -> bool:
        """Say whether it is to be marked read after the plan."""
        when = self._services.settings.receipts.read
        return isinstance(plan.decision, Reply) and (
            when == "always" or (when == "when_closed" and plan.closes)
        )

    async def mark_read(self, plan: Plan, *, via: Via) -> None:
        """Mark it read after our reply on ``via``, where nobody need look any more."""
        if not self.marks_read(plan):
            return
        try:
            unfit = self._unfit_to_read(await self._look(plan))
            if unfit is None:
                await self._read(via)
                unfit = self._unfit_to_read(await self._look(plan))
                if unfit is not None:
                    await self._update(read=False)
            if unfit is not None:
                _log.info("action.skipped", action="read", reason=str(unfit))
        except AgentbotError as error:
            _log.warning("conversation.not_read", error=str(error))

    def _unfit_to_read(self, seen: Look) -> Reason | None:
        """Return why people should still look at the conversation, None where they need not.

        One that we have closed may be open again without anything newer: the server deals with the
        customer's message a moment after it is broadcast.
        """
        is_for_closed = self._services.settings.receipts.read == "when_closed"
        if is_for_closed and not seen.is_closed:
            return Reason("opened", "the conversation is open again")
        return seen.unfit_to_hide()

    async def _look(self, plan: Plan) -> Look:
        """Look at the conversation as it is now."""
        seen = await look(self._services, self._conversation.id, plan)
        self.found |= {message.id: message for message in seen.newer}
        return seen

    async def _close(self, plan: Plan) -> tuple[Reason | None, datetime | None]:
        """Close it where that fits; return why it is not closed, and when we did close it.

        Where an earlier holder had begun the act, and it is closed now, that was us. Of a closing
        that was undone the time counts too: the news of it may come later than the next question.
        """
        action, id_ = Close(), self._conversation.id
        seen = await self._look(plan)
        closed_at = seen.conversation.closed_at
        if not (seen.is_closed and plan.begun):
            if (unfit := seen.unfit(action)) is not None:
                return unfit, None
            closed_at = (await self._update(status="closed")).closed_at
            seen = await self._look(plan)
        if (unfit := seen.unfit(action, is_ours=True)) is None:
            return None, seen.conversation.closed_at
        if seen.is_closed:
            _log.info("action.undone", action="close", conversation_id=id_, reason=str(unfit))
            await self._update(status="open", read=False)
        return unfit, closed_at

    async def _leave_note(self, text: str, plan: Plan) -> bool:
        """Leave a private note once, and undo what it does: it assigns to us and marks read.

        A turn may leave several: the number of actions done before tells them apart. Return False
        where the lease is gone by the time that it is known not to be there: a machine that slept
        while it looked may not leave a second one.
        """
        rest, id_ = self._rest, self._conversation.id
        metadata = {KEY: {"v": 1, "note_on": plan.message_ids[-1], "number": plan.done}}

        async def leave() -> bool:
            messages = await rest.messages(conversation_id=id_)
            if any(m.is_private and m.metadata == metadata for m in messages):
                return True
            if not self._is_held():
                return False
            await rest.create_message(id_, text, type="note", private=True, metadata=metadata)
            return True

        # An answer that got lost does not mean a lost note: asked again, it is looked for first.
        if not await retry_for_a_while(leave, what="note"):
            return False
        await self.assignment.give_back(read=False)
        return True

    async def _set_email(self, address: str, plan: Plan) -> bool:
        """Store the customer's address where none is known by now.

        What the page or people have set stands. An address that the server refuses to store is
        left to people in a note; return False where the lease is gone before that.
        """
        rest, customer_id = self._rest, self._conversation.customer_id
        if customer_id is None:
            return True
        customer = await retry_for_a_while(lambda: rest.customer(customer_id), what="customer")
        if customer.email:
            _log.info("email.known", is_the_same=customer.email.lower() == address.lower())
            return True
        try:
            await retry_for_a_while(
                lambda: rest.update_customer(customer_id, email=address), what="customer"
            )
        except ApiError as error:
            _log.warning("email.not_stored", error=str(error))
            return await self._leave_note(f"The customer's e-mail address: {address}", plan)
        return True

    async def _read(self, via: Via) -> None:
        id_ = self._conversation.id
        try:
            # Our reply makes the conversation unread, but a moment after its echo.
            await self._session.dealt_with(id_, via=via)
            await self._session.read(id_)
        except PushError:  # the connection broke, or off duty we are not on the agents' topic
            await self._update(read=True)

    async def _update(self, **fields: object) -> Conversation:
        rest, id_ = self._rest, self._conversation.id
        return await retry_for_a_while(
            lambda: rest.update_conversation(id_, **fields), what="update"
        )


async def open_again(services: Services, conversation_id: str) -> None:
    """Open a conversation that we have closed over the customer's message."""
    try:
        await retry_for_a_while(
            lambda: services.rest.update_conversation(conversation_id, status="open", read=False),
            what="update",
        )
    except AgentbotError as error:
        _log.warning("conversation.not_opened", conversation_id=conversation_id, error=str(error))
