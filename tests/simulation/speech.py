"""What must be said to what: recomputed from the customers' words and the operator's texts.

Nothing of the pipeline is used, so that a wrong pipeline cannot agree with itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from functools import cache
from pathlib import Path

import yaml
from jinja2 import Template

from agentbot.devserver.store.records import Conversation, Message
from tests.simulation.world import World

_TEXTS = Path(__file__).parents[2] / "prompts" / "texts.yaml"

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
def text_of(name: str) -> str:
    """Return one of the operator's texts as it is said around the clock, words alone."""
    template = yaml.safe_load(_TEXTS.read_text())[name]
    return _words(Template(template).render(outside_hours=False, nobody_online=True))


def expected(words: Sequence[str], body: str) -> dict[str, Meaning]:
    """Return what may be said to a message of these words, and what each means."""
    said = {}
    if not {"fail", "silent", "pass"} & set(words):
        if "person" in words:
            meaning = Meaning.HANDOFF
        else:
            meaning = Meaning.SNOOZE if "tag" in words else Meaning.ANSWER
        said[_words(f"re: {body}")] = meaning
    if {"fail", "pass"} & set(words):
        said[text_of("unanswered")] = Meaning.UNANSWERED
    if {"fail", "pass", "person"} & set(words):
        said[text_of("unanswered_again")] = Meaning.UNANSWERED_AGAIN
    if is_address(body):
        said[text_of("email_thanks")] = Meaning.ANSWER
    if _PATIENT & set(words):
        said[text_of("fallback")] = Meaning.HANDOFF
    return said


def is_address(body: str) -> bool:
    """Say whether a customer's words are their e-mail address, and nothing else."""
    return body.endswith("@example.com")


def is_thanks(said: str) -> bool:
    """Say whether the bot thanks for an address."""
    return _words(said) == text_of("email_thanks")


def meaning_of(world: World, reply: Message) -> Meaning | None:
    """Return what a stored reply means; None where it is not what was to be said."""
    ids = world.marks[reply.id]
    question = world.messages.get(ids[-1])
    if question is None or question.body is None:
        return None
    return expected(question.body.split(), question.body).get(_words(reply.body or ""))


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
