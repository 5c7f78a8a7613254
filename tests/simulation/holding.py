"""What must hold of holding messages: one to a waiting customer, before the answer, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentbot.devserver.store.records import Conversation, Message
from tests.simulation import excuses
from tests.simulation.speech import text_of
from tests.simulation.witness import held
from tests.simulation.world import World

_PATIENCE = 6.0
"""Seconds after which a customer is asked for a moment: those of the example's policy.yaml."""


def misplaced(world: World, conversation: Conversation) -> Iterator[str]:
    """Yield what is wrong with the holding messages of a conversation.

    Two bots with a state each know nothing of one another: each is judged by itself.
    """
    for is_rival in (False, True):
        yield from _misplaced(world, conversation, is_rival=is_rival)


def _misplaced(world: World, conversation: Conversation, *, is_rival: bool) -> Iterator[str]:
    before: list[str] = []
    said = [one for one in conversation.messages if world.hands.get(one.id) is not None]
    said = [one for one in said if (world.hands[one.id] in world.rivals) is is_rival]
    for message in sorted(said, key=lambda one: world.stored_at[one.id]):
        id_ = held(message)
        if id_ is None:
            continue
        at = world.stored_at[message.id]
        if (message.body or "") != text_of("one_moment"):
            yield f"MISSPOKEN: {message.id} asks for a moment with {message.body!r}"
        if at < world.stored_at[id_] + _PATIENCE:
            yield f"HASTY: {message.id} asks for a moment after {at - world.stored_at[id_]:.3f} s"
        if any(_stored_before(world, reply, at) for reply in _answers(world, said, id_)):
            yield f"LATE: {message.id} asks for a moment after the answer to {id_}"
        waiting = [one for one in before if not _is_done(world, conversation, said, one, at)]
        if waiting:
            yield f"REPEATED: {message.id} asks for a moment, as was asked of {waiting[-1]}"
        before.append(id_)


def _answers(world: World, said: Sequence[Message], id_: str) -> Iterator[Message]:
    for message in said:
        if id_ in world.marks.get(message.id, ()):
            yield message


def _stored_before(world: World, reply: Message, at: float) -> bool:
    return world.stored_at[reply.id] < at


def _is_done(
    world: World, conversation: Conversation, said: Sequence[Message], id_: str, at: float
) -> bool:
    """Say whether a message had its outcome by then: an answer, or a record of why none."""
    if any(_stored_before(world, one, at) for one in _answers(world, said, id_)):
        return True
    records = world.database.ledger.of(id_)
    return any(excuses.case_of(world, conversation, one).seen.asked_at < at for one in records)
