"""What must have become of the acts that follow a text, when all is well again."""

from __future__ import annotations

from collections.abc import Iterator

from agentbot.devserver.store.records import Conversation, Message
from tests.simulation.assigning import WORD
from tests.simulation.history import Custody
from tests.simulation.speech import text_of
from tests.simulation.world import World


def undone(world: World, conversation: Conversation) -> Iterator[str]:
    """Yield what is wrong with what the bot has done in a conversation, or has not done."""
    custody = world.custody.get(conversation.id) or Custody()
    yield from _assigned_away(world, conversation, custody)
    yield from _not_assigned(world, conversation, custody)


def _assigned_away(world: World, conversation: Conversation, custody: Custody) -> Iterator[str]:
    """What a person has taken, and nobody gave away since, is theirs."""
    given = [(id_, span) for id_, span in custody.assignments if span.by_person]
    if not given or given[-1][0] not in world.people:
        return
    owner, span = given[-1]
    if conversation.assignee_id == owner or span.ended_by_person:
        return
    taken = [one for one in world.assignments.taken[conversation.id] if one.since == span.since]
    if not any(map(world.assignments.could_not_know, taken)):
        yield f"{conversation.id} was ASSIGNED AWAY from {owner} at {span.until:.3f}"


def _not_assigned(world: World, conversation: Conversation, custody: Custody) -> Iterator[str]:
    """What a rule assigns is assigned, unless something has come up."""
    if conversation.id in world.touched or custody.closings or world.may_lose_acts:
        return
    for reply in conversation.messages:
        stored_at = world.stored_at[reply.id]
        is_to_be = WORD in _asked(world, reply) and not _took_too_long(reply)
        if is_to_be and not custody.was_of({world.colleague_user_id}, stored_at, float("inf")):
            yield f"{conversation.id} is NOT ASSIGNED, and {reply.id} was to bring that"


def _asked(world: World, reply: Message) -> set[str]:
    """Return the words of all that a reply of the bot's answers."""
    questions = (world.messages[id_] for id_ in world.marks.get(reply.id, ()))
    return {word for question in questions for word in (question.body or "").split()}


def _took_too_long(reply: Message) -> bool:
    """Say whether the reply was decided by the deadline: then no rule was heard."""
    return reply.body == text_of("fallback")
