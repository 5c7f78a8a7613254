"""What must have become of the acts that follow a text, when all is well again."""

from __future__ import annotations

from collections.abc import Iterator

from agentbot.devserver.store.records import Conversation, Message
from tests.simulation.assigning import WORD
from tests.simulation.history import Custody
from tests.simulation.speech import Meaning, meaning_of, text_of
from tests.simulation.webhook import WORD as NOTIFY
from tests.simulation.world import World


def undone(world: World, conversation: Conversation) -> Iterator[str]:
    """Yield what is wrong with what the bot has done in a conversation, or has not done."""
    custody = world.custody.get(conversation.id) or Custody()
    yield from _assigned_away(world, conversation, custody)
    yield from _not_assigned(world, conversation, custody)
    yield from _not_told(world, conversation)
    yield from _told_wrongly(world, conversation)


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


def _not_told(world: World, conversation: Conversation) -> Iterator[str]:
    """People are told of a conversation that is handed over, and of what a rule has them told."""
    if world.may_lose_acts:
        return
    told = [one.text for one in world.notices.told if one.where == conversation.id]
    is_told = bool(told)
    for reply in conversation.messages:
        if world.notices.may_be_lost(conversation.id, world.stored_at[reply.id]):
            continue
        if _is_handoff(world, reply) and not is_told:
            yield f"{conversation.id} was handed over by {reply.id}, and people were NOT TOLD"
        if _took_too_long(reply):
            continue
        for words in _questions(world, reply):
            if NOTIFY in words and not any(words[0] in text for text in told):
                yield f"people were NOT TOLD of {' '.join(words)!r}, to which {reply.id} was said"


def _is_handoff(world: World, reply: Message) -> bool:
    handoffs = {Meaning.HANDOFF, Meaning.UNANSWERED}
    return reply.id in world.marks and meaning_of(world, reply) in handoffs


def _told_wrongly(world: World, conversation: Conversation) -> Iterator[str]:
    """People are told of the right conversation, once what was said is there, and once.

    A message whose answer got lost is sent again; who takes a plan over may repeat its last act.
    """
    notices = world.notices
    told = [one for one in notices.told if one.where == conversation.id]
    for text in dict.fromkeys(one.text for one in told):
        same = [one for one in told if one.text == text]
        unknown = sum(not one.is_known for one in same)
        if len(same) > 1 + unknown + notices.taken_over[conversation.id]:
            yield f"{conversation.id} was TOLD {len(same)} TIMES: {text!r}"
        asked = [m for m in conversation.messages if m.customer_id and _token(m) in text]
        if not asked:
            yield f"{conversation.id} was TOLD WRONGLY: {text!r}"
        elif not any(_is_dealt_with(world, m, by=same[0].at) for m in asked):
            yield f"{conversation.id} was TOLD TOO SOON, at {same[0].at:.3f}: {text!r}"


def _is_dealt_with(world: World, message: Message, *, by: float) -> bool:
    """Say whether a reply answers the message by then, or the journal has it without one."""
    replies = (id_ for id_, ids in world.marks.items() if message.id in ids)
    records = world.database.ledger.records
    return any(world.stored_at[id_] <= by for id_ in replies) or any(
        records[place].answer is None for place in world.database.ledger.of(message.id)
    )


def _token(message: Message) -> str:
    """Return the word by which a customer's message is known among all."""
    return (message.body or "").split()[0]


def _questions(world: World, reply: Message) -> Iterator[list[str]]:
    """Yield the words of each message that a reply of the bot's answers."""
    for id_ in world.marks.get(reply.id, ()):
        yield (world.messages[id_].body or "").split()


def _asked(world: World, reply: Message) -> set[str]:
    """Return the words of all that a reply of the bot's answers."""
    return {word for words in _questions(world, reply) for word in words}


def _took_too_long(reply: Message) -> bool:
    """Say whether the reply was decided by the deadline: then no rule was heard."""
    return reply.body == text_of("fallback")
