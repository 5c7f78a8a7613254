"""Whose a conversation is: given to somebody, and given back where that was ours to undo.

Papercups assigns a conversation to whoever writes first with a user, and tells of each change in
order, but has no "assign it if nobody has it": what came in between is seen afterwards, and undone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile

import structlog

from agentbot.bot.delivery.look import Look
from agentbot.bot.delivery.plan import Plan
from agentbot.bot.objections import ASSIGNED
from agentbot.bot.services import Services
from agentbot.errors import AgentbotError, PushError
from agentbot.papercups.events import Via
from agentbot.papercups.models import Conversation
from agentbot.pipeline.decision import Assign, Reason
from agentbot.retry import retry_for_a_while

_log = structlog.get_logger("agentbot.assignment")

_HEARD_AGAIN = 0.01
"""Seconds between two looks whether our own change was heard: it takes some milliseconds."""

HeardAssignees = Callable[[], Sequence[int | None]]
"""A function that returns whose the conversation was, one after the other, by what was heard."""


class LeaseGone(Exception):
    """The turn is not ours any more, and the act was not begun."""


class Assignment:
    """Whose one conversation is, which is as it was when it was read.

    ``heard`` is what was heard of it since. ``is_held`` says whether the turn is still ours.
    """

    def __init__(
        self,
        conversation: Conversation,
        services: Services,
        *,
        heard: HeardAssignees = lambda: (),
        is_held: Callable[[], bool] = lambda: True,
    ) -> None:
        self._conversation = conversation
        self._services = services
        self._session = services.session
        self._rest = services.rest
        self._heard = heard
        self._is_held = is_held

    async def assign(
        self, email: str, plan: Plan, *, look: Callable[[Plan], Awaitable[Look]]
    ) -> tuple[Reason | None, int | None]:
        """Assign it where that fits; return why it is not, where it does not, and to whom it is.

        Raises :class:`LeaseGone` where the turn is not ours any more by the time that it fits.
        """
        users = await retry_for_a_while(self._rest.users, what="users")
        wanted = email.lower()
        user = next((user for user in users if (user.email or "").lower() == wanted), None)
        if user is None:
            _log.warning("action.no_such_user", email=email)
            return None, None
        before = len(self._heard())
        is_sent = False

        async def assign() -> Reason | None:
            nonlocal is_sent
            seen = await look(plan)
            if seen.conversation.assignee_id == user.id:
                return None
            if (unfit := seen.unfit(Assign(email))) is not None:
                return unfit
            if not self._is_held():
                raise LeaseGone
            is_sent = True
            await self._rest.assign(self._conversation.id, user.id)
            return None

        if (unfit := await retry_for_a_while(assign, what="assignment")) is not None:
            return unfit, None
        if is_sent:
            taken_by = await self._give_to_who_took_it(user.id, since=before)
            by_person = (await look(plan)).by_person
            if taken_by is None and by_person is not None:
                taken_by = by_person.user_id
                await self._update(taken_by)
            if taken_by is not None:
                return ASSIGNED.reason, None
        self._conversation = self._conversation.model_copy(update={"assignee_id": user.id})
        return None, user.id

    async def give_to(self, user_id: int) -> None:
        """Assign it to this person, unless somebody has taken it meanwhile."""
        rest, id_ = self._rest, self._conversation.id
        before, given = len(self._heard()), False

        async def give() -> None:
            nonlocal given
            if (await rest.conversation(id_)).assignee_id is None:
                given = True
                await rest.assign(id_, user_id)

        await retry_for_a_while(give, what="assignment")
        if given and await self._give_to_who_took_it(user_id, since=before) is None:
            _log.info("conversation.given", conversation_id=id_, to=user_id)

    async def undo(self, *, via: Via) -> None:
        """Undo the assignment to us that our message on ``via`` has brought with it.

        The first message with a user assigns, whosever the conversation was.
        """
        try:
            # The echo comes before the assignment does.
            await self._session.dealt_with(self._conversation.id, via=via)
        except PushError:
            await asyncio.sleep(self._services.settings.catch_up.settle_seconds)
        try:
            await self.give_back()
        except AgentbotError as error:
            _log.warning("assignment.not_undone", error=str(error))

    async def give_back(self, **fields: object) -> None:
        """Set ``fields``, and the assignee as before where it is us by now.

        Only the first message with a user assigns, and a person may have taken the conversation
        meanwhile: that stands.
        """
        rest, id_ = self._rest, self._conversation.id
        before, given = len(self._heard()), False
        to: int | None = None

        async def give() -> None:
            nonlocal given, to
            now = await rest.conversation(id_)
            if now.assignee_id == self._session.user_id:
                holder = self._holder_before(now.assignee_id, (), self._heard())
                to, given = self._assignee_id if holder is None else holder, True
                await rest.assign(id_, to, **fields)
            elif fields:
                await rest.update_conversation(id_, **fields)

        await retry_for_a_while(give, what="assignment")
        if given:
            await self._give_to_who_took_it(to, since=before)

    async def _give_to_who_took_it(self, to: int | None, *, since: int) -> int | None:
        """Give it back to whoever took it between our look and our assignment ``to`` somebody.

        Return them. What was heard ``since`` says so: the server tells of each change in order.
        """
        if not self._session.is_on_duty:
            return None  # nothing is heard then
        loop = asyncio.get_running_loop()
        until = loop.time() + self._services.settings.catch_up.settle_seconds
        while to not in self._heard()[since:] and loop.time() < until:  # noqa: ASYNC110 - the mailbox wakes the turn's own task alone
            await asyncio.sleep(_HEARD_AGAIN)
        heard = self._heard()
        taken_by = self._holder_before(to, heard[:since], heard[since:])
        if taken_by is not None:
            _log.info("action.undone", action="assign", reason=str(ASSIGNED.reason))
            await self._update(taken_by)
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

    @property
    def _assignee_id(self) -> int | None:
        """The user that the conversation was assigned to before we wrote.

        Where it was assigned to us when it was read, an earlier process of this bot had written
        and died before it could undo that.
        """
        assignee_id = self._conversation.assignee_id
        return None if assignee_id == self._session.user_id else assignee_id

    async def _update(self, assignee_id: int | None) -> None:
        rest, id_ = self._rest, self._conversation.id
        await retry_for_a_while(
            lambda: rest.update_conversation(id_, assignee_id=assignee_id), what="update"
        )
