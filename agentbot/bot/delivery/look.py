"""A look at the conversation before an act, and after it: does the act still fit?

Between the text and what follows it the world goes on, for minutes where a process died in between.
Papercups has no "close it if nobody has written": a look and the change that follows are two
requests, and what happens between them is seen only by a second look. That one misses nothing: a
customer's message opens a conversation in a step of its own, after it is stored. Whoever wrote so
early that this step still found the conversation open is in the second look; whoever wrote later
has opened it again (papercups: lib/chat_api/messages/helpers.ex, and its changesets write only
what differs from what they have read).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.marks import with_marks
from agentbot.bot.objections import ASSIGNED, CLOSED, PERSON, SUPERSEDED
from agentbot.bot.proof import answers
from agentbot.bot.services import Services
from agentbot.bot.transcript import unanswered
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.decision import Action, Assign, Close, Reason
from agentbot.retry import GIVE_UP_AFTER, retry_while_away


@dataclass(frozen=True, slots=True)
class Look:
    """What has come up since a plan was made.

    ``newer`` are the customer's messages that the plan does not answer; ``by_person`` is what a
    person wrote since; ``taken_by`` is the person whose the conversation has become.
    """

    conversation: Conversation
    newer: tuple[Message, ...]
    by_person: Message | None
    taken_by: int | None

    @property
    def is_closed(self) -> bool:
        """Whether the conversation is closed now."""
        return self.conversation.status == "closed"

    def unfit(self, action: Action, *, is_ours: bool = False) -> Reason | None:
        """Return why ``action`` does not fit any more, None where it does.

        ``is_ours``: where it is closed, we have closed it.
        """
        match action:
            case Close():
                return self.unfit_to_hide() or self._taken() or self._closed(is_ours=is_ours)
            case Assign():
                return self._person() or self._taken() or self._closed(is_ours=is_ours)
            case _:  # it takes nothing from anybody, and hides nothing
                return None

    def unfit_to_hide(self) -> Reason | None:
        """Return why people should still look at the conversation, None where they need not."""
        return SUPERSEDED.reason if self.newer else self._person()

    def _person(self) -> Reason | None:
        return PERSON.reason if self.by_person is not None else None

    def _taken(self) -> Reason | None:
        return ASSIGNED.reason if self.taken_by is not None else None

    def _closed(self, *, is_ours: bool) -> Reason | None:
        return CLOSED.reason if self.is_closed and not is_ours else None


async def look(services: Services, conversation_id: str, plan: Plan) -> Look:
    """Read the conversation, and return what has come up since ``plan`` was made.

    Raises what REST raises where the server answers nothing but errors for a minute.
    """
    conversation = await services.conversations.read(
        conversation_id, what="look", give_up_after=GIVE_UP_AFTER
    )
    conversation = await with_marks(services, conversation, plan.message_ids)
    identity = services.current.identity
    messages = conversation.messages
    asked_at = max((m.created_at for m in messages if m.id in plan.message_ids), default=None)
    persons = [
        message
        for message in messages
        if identity.is_person(message)
        and not message.is_private
        # Times are in whole seconds. Who wrote before the question was asked has kept us out.
        and asked_at is not None
        and message.created_at >= asked_at
    ]
    nobody = {services.session.user_id, *identity.nobody_ids}
    taken_by = conversation.assignee_id
    if taken_by in nobody or taken_by == plan.assignee_id:
        taken_by = None
    return Look(
        conversation,
        newer=await _newer(services, messages, plan),
        by_person=max(persons, key=lambda one: one.created_at, default=None),
        taken_by=taken_by,
    )


async def _newer(
    services: Services, messages: Sequence[Message], plan: Plan
) -> tuple[Message, ...]:
    """Return the customer's messages that are newer than what ``plan`` answers.

    What waits was written later, or has its outcome already: it was left without a reply. What was
    clearly written after our reply is newer even with an outcome, which another replica gave it.
    """
    ours = frozenset(plan.message_ids)
    said_at = max(
        (m.created_at for m in messages if m.id in ours or answers(m) & ours), default=None
    )
    others = [m for m in messages if m.is_from_customer and not m.is_private and m.id not in ours]
    later = {m.id for m in others if said_at is not None and m.created_at > said_at}
    unsaid = {m.id for m in unanswered(messages, services.current.identity)}
    waiting = {m.id for m in others if m.id in unsaid}
    if waiting:
        ids = sorted(waiting)
        settled = await retry_while_away(lambda: services.store.settled(ids), what="settled")
        waiting -= settled
    return tuple(m for m in others if m.id in later or m.id in waiting)
