"""What must be said to what: recomputed from the customers' words and the operator's texts.

Nothing of the pipeline is used, so that a wrong pipeline cannot agree with itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import Enum, auto
from functools import cache

from jinja2 import Template

from agentbot.devserver.store.records import Conversation, Message
from tests.simulation.opening import operators_file, reopenings
from tests.simulation.witness import held
from tests.simulation.world import World

_PATIENT = frozenset({"think", "stall"})
"""Words over which the deadline may pass. Everything else is decided at once."""


class Meaning(Enum):
    """What an answer does beside being one."""

    ANSWER = auto()
    SNOOZE = auto()
    HANDOFF = auto()
    UNANSWERED = auto()
    """A handoff, too, but one that leaves the bot free to answer the next question."""
    UNANSWERED_AGAIN = auto()
    """What is said while people are waited for who were asked before."""


@cache
def text_of(name: str, reopens_at: str | None = None) -> str:
    """Return one of the operator's texts, words alone.

    ``reopens_at``: in which words it says when people are back; None where it does not, since the
    shop is open or somebody is there.
    """
    told = reopens_at is not None
    facts = {"outside_hours": told, "nobody_online": told, "reopens_at": reopens_at or ""}
    return _words(Template(operators_file("texts")[name]).render(facts))


def expected(
    words: Sequence[str], body: str, reopens: Collection[str | None] = (None,)
) -> dict[str, Meaning]:
    """Return what may be said to a message of these words, and what each means.

    ``reopens``: what may be told of when people are back, see :func:`text_of`.
    """
    said = {}
    if not {"fail", "silent", "pass"} & set(words):
        if "person" in words:
            meaning = Meaning.HANDOFF
        else:
            meaning = Meaning.SNOOZE if "tag" in words else Meaning.ANSWER
        said[_words(f"re: {body}")] = meaning
    for at in reopens:
        if {"fail", "pass"} & set(words):
            said[text_of("unanswered", at)] = Meaning.UNANSWERED
        if {"fail", "pass", "person"} & set(words):
            said[text_of("unanswered_again", at)] = Meaning.UNANSWERED_AGAIN
    if is_address(body):
        said[text_of("email_thanks")] = Meaning.ANSWER
    if _PATIENT & set(words):
        said[text_of("fallback")] = Meaning.HANDOFF
    return said


def is_address(body: str) -> bool:
    """Say whether a customer's words are their e-mail address, and nothing else."""
    return body.endswith("@example.com")


def is_thanks(said: str) -> bool:
    """Say whether the bot thanks for an address, for the first time or once more."""
    return _without_again(_words(said)) == text_of("email_thanks")


def meaning_of(world: World, reply: Message) -> Meaning | None:
    """Return what a stored reply means; None where it is not what was to be said."""
    ids = world.marks[reply.id]
    question = world.messages.get(ids[-1])
    if question is None or question.body is None:
        return None
    reopens = reopenings(world, reply.conversation_id, ids, until=world.stored_at[reply.id])
    may_be_said = expected(question.body.split(), question.body, reopens)
    words = _words(reply.body or "")
    if words in may_be_said:
        return may_be_said[words]
    plain = _without_again(words)
    before = said_before(world, reply.conversation_id, until=world.stored_at[reply.id])
    if plain != words and plain in before:
        return may_be_said.get(plain)
    if words in {text_of("hand_over", at) for at in reopens}:
        twice = {_without_again(one) for one in before if _without_again(one) != one}
        return next((meaning for text, meaning in may_be_said.items() if text in twice), None)
    return None


def said_before(world: World, conversation_id: str, *, until: float) -> set[str]:
    """Return the words of what was said last to the customer by then.

    The last one by the server's stamps, and the last one in truth: its clock may have been set.
    """
    said = [
        message
        for message in world.messages.values()
        if message.conversation_id == conversation_id
        and message.customer_id is None
        and not message.private
        and held(message) is None
        and world.stored_at[message.id] < until
    ]
    if not said:
        return set()
    last = max(said, key=lambda one: one.created_at), max(said, key=lambda m: world.stored_at[m.id])
    return {_words(message.body or "") for message in last}


def is_said_again(words: str) -> bool:
    """Say whether these words tell the customer that they have just been given them."""
    return _without_again(words) != words


def _without_again(words: str) -> str:
    return words.removeprefix(f"{text_of('same_again')} ")


def misspoken(world: World, conversation: Conversation) -> Iterator[str]:
    """Yield what is wrong with the replies of a conversation."""
    for reply in conversation.messages:
        ids = world.marks.get(reply.id)
        if not ids:
            continue
        questions = [world.messages.get(id_) for id_ in ids]
        if any(one is None or one.conversation_id != conversation.id for one in questions):
            yield f"MISPLACED: {reply.id} answers what was not said in {conversation.id}"
        elif meaning_of(world, reply) is None:
            asked = questions[-1].body if questions[-1] is not None else ""
            yield f"MISSPOKEN: {reply.id} says {reply.body!r} to {asked!r}"
        elif (by := world.authors[reply.id]) != _author(world, reply):
            yield f"MISSPOKEN: {reply.id} {reply.body!r} is signed {by}"


def _author(world: World, reply: Message) -> tuple[str, str]:
    meaning = meaning_of(world, reply)
    if is_thanks(reply.body or ""):
        return ("rule", "email")
    by_rule = meaning in {Meaning.ANSWER, Meaning.SNOOZE}
    return ("rule", "sim") if by_rule else ("fallback", "")


def _words(text: str) -> str:
    return " ".join(text.split())
