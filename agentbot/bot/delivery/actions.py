"""What is done with a conversation beside talking in it: tags, assignment, notes, receipts.

An act that could hide a conversation, or take it from somebody, looks before it acts, and once more
afterwards: what was done over something that came in between is undone (``look.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import takewhile
from typing import TypeVar

import structlog

from agentbot.bot.delivery.look import Look, look
from agentbot.bot.delivery.notify import in_slacks_words
from agentbot.bot.delivery.plan import Plan, action_kind
from agentbot.bot.objections import ASSIGNED
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
from agentbot.retry import GIVE_UP_AFTER, retry_while_away

_log = structlog.get_logger("agentbot.actions")

T = TypeVar("T")


_HEARD_AGAIN = 0.01
"""Seconds between two looks whether our own change was heard: it takes some milliseconds."""

HeardAssignees = Callable[[], Sequence[int | None]]
"""A function that returns whose the conversation was, one after the other, by what was heard."""


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
        self._heard_assignees = heard_assignees
        self._is_held = is_held

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
                    await _ask(lambda: rest.add_tag(id_, name), what="tag")
                case Assign(email):
                    unfit, assigned_to = await self._assign(email, plan)
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
        except _LeaseGone:
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

    async def give_to(self, user_id: int) -> None:
        """Assign it to this person, unless somebody has taken it meanwhile."""
        rest, id_ = self._rest, self._conversation.id
        before, given = len(self._heard_assignees()), False

        async def give() -> None:
            nonlocal given
            if (await rest.conversation(id_)).assignee_id is None:
                given = True
                await rest.assign(id_, user_id)

        await _ask(give, what="assignment")
        if given and await self._give_to_who_took_it(user_id, since=before) is None:
            _log.info("conversation.given", conversation_id=id_, to=user_id)

    async def undo_assignment(self, *, via: Via) -> None:
        """Undo the assignment to us that our message on ``via`` has brought with it.

        The first message with a user assigns, whosever the conversation was.
        """
        try:
            # The echo comes before the assignment does.
            await self._session.dealt_with(self._conversation.id, via=via)
        except PushError:
            await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
        try:
            await self._give_back()
        except AgentbotError as error:
            _log.warning("assignment.not_undone", error=str(error))

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
        if not await _ask(leave, what="note"):
            return False
        await self._give_back(read=False)
        return True

    async def _set_email(self, address: str, plan: Plan) -> bool:
        """Store the customer's address where none is known by now.

        What the page or people have set stands. An address that the server refuses to store is
        left to people in a note; return False where the lease is gone before that.
        """
        rest, customer_id = self._rest, self._conversation.customer_id
        if customer_id is None:
            return True
        customer = await _ask(lambda: rest.customer(customer_id), what="customer")
        if customer.email:
            _log.info("email.known", is_the_same=customer.email.lower() == address.lower())
            return True
        try:
            await _ask(lambda: rest.update_customer(customer_id, email=address), what="customer")
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

    async def _assign(self, email: str, plan: Plan) -> tuple[Reason | None, int | None]:
        """Assign it where that fits; return why it is not, where it does not, and to whom it is.

        Raises :class:`_LeaseGone` where the turn is not ours any more by the time that it fits.
        """
        users = await _ask(self._rest.users, what="users")
        wanted = email.lower()
        user = next((user for user in users if (user.email or "").lower() == wanted), None)
        if user is None:
            _log.warning("action.no_such_user", email=email)
            return None, None
        before = len(self._heard_assignees())
        is_sent = False

        async def assign() -> Reason | None:
            nonlocal is_sent
            seen = await self._look(plan)
            if seen.conversation.assignee_id == user.id:
                return None
            if (unfit := seen.unfit(Assign(email))) is not None:
                return unfit
            if not self._is_held():
                raise _LeaseGone
            is_sent = True
            await self._rest.assign(self._conversation.id, user.id)
            return None

        if (unfit := await _ask(assign, what="assignment")) is not None:
            return unfit, None
        if is_sent:
            taken_by = await self._give_to_who_took_it(user.id, since=before)
            by_person = (await self._look(plan)).by_person
            if taken_by is None and by_person is not None:
                taken_by = by_person.user_id
                await self._update(assignee_id=taken_by)
            if taken_by is not None:
                return ASSIGNED.reason, None
        self._conversation = self._conversation.model_copy(update={"assignee_id": user.id})
        return None, user.id

    async def _give_to_who_took_it(self, to: int | None, *, since: int) -> int | None:
        """Give it back to whoever took it between our look and our assignment ``to`` somebody.

        Return them. What was heard ``since`` says so: the server tells of each change in order.
        """
        if not self._session.is_on_duty:
            return None  # nothing is heard then
        loop = asyncio.get_running_loop()
        until = loop.time() + self._services.settings.catch_up.settle_seconds
        while to not in self._heard_assignees()[since:] and loop.time() < until:  # noqa: ASYNC110 - the mailbox wakes the turn's own task alone
            await asyncio.sleep(_HEARD_AGAIN)
        heard = self._heard_assignees()
        taken_by = self._holder_before(to, heard[:since], heard[since:])
        if taken_by is not None:
            _log.info("action.undone", action="assign", reason=str(ASSIGNED.reason))
            await self._update(assignee_id=taken_by)
        return taken_by

    def _holder_before(
        self, to: int | None, before: Sequence[int | None], heard: Sequence[int | None]
    ) -> int | None:
        """Return the person who held it just before ``to`` was heard, if they took it meanwhile.

        ``before`` is what was heard before that.
        """
        nobody = {self._session.user_id, *self._services.current.identity.nobody_ids}
        holders = [*before, *takewhile(lambda one: one != to, heard)]
        last = next((one for one in reversed(holders) if one not in nobody), None)
        return None if last in {to, self._conversation.assignee_id} else last

    async def _give_back(self, **fields: object) -> None:
        """Set ``fields``, and the assignee as before where it is us by now.

        Only the first message with a user assigns, and a person may have taken the conversation
        meanwhile: that stands.
        """
        rest, id_ = self._rest, self._conversation.id
        before, given = len(self._heard_assignees()), False
        to: int | None = None

        async def give() -> None:
            nonlocal given, to
            now = await rest.conversation(id_)
            if now.assignee_id == self._session.user_id:
                holder = self._holder_before(now.assignee_id, (), self._heard_assignees())
                to, given = self._assignee_id if holder is None else holder, True
                await rest.assign(id_, to, **fields)
            elif fields:
                await rest.update_conversation(id_, **fields)

        await _ask(give, what="assignment")
        if given:
            await self._give_to_who_took_it(to, since=before)

    @property
    def _assignee_id(self) -> int | None:
        """The user that the conversation was assigned to before we wrote.

        Where it was assigned to us when it was read, an earlier process of this bot had written
        and died before it could undo that.
        """
        assignee_id = self._conversation.assignee_id
        return None if assignee_id == self._session.user_id else assignee_id

    async def _update(self, **fields: object) -> Conversation:
        rest, id_ = self._rest, self._conversation.id
        return await _ask(lambda: rest.update_conversation(id_, **fields), what="update")


class _LeaseGone(Exception):
    """The turn is not ours any more, and the act was not begun."""


async def _ask(ask: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Ask as long as the server is away, but not for ever for what it cannot do."""
    return await retry_while_away(ask, what=what, give_up_after=GIVE_UP_AFTER)


async def open_again(services: Services, conversation_id: str) -> None:
    """Open a conversation that we have closed over the customer's message."""
    try:
        await retry_while_away(
            lambda: services.rest.update_conversation(conversation_id, status="open", read=False),
            what="update",
            give_up_after=GIVE_UP_AFTER,
        )
    except AgentbotError as error:
        _log.warning("conversation.not_opened", conversation_id=conversation_id, error=str(error))
