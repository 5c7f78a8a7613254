"""What is spoken of, and the question that a follow-up makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentbot.pipeline.context.placing import ENDS, bare, put_into
from agentbot.pipeline.languages.asking import Form
from agentbot.pipeline.languages.following import FollowUps, Token, tokens_of, words_of, written
from agentbot.pipeline.turn import FollowUp, FollowUpKind

_LONGEST_ASPECT = 8
"""Words of a question in which a pronoun is all that names something: "and how long does that
usually take, please?"."""
_SHORT = 2
"""Words that are enough to ask something of what was spoken of: "how much?", "to Sweden"."""
_LONGEST_PRONOUN = 10
"""Words of a question in which a pronoun may stand for what was said before it."""
_LONGEST_FRAGMENT = 6
"""Words of what is put in the place of something, or asked of it without any name: "and to the
United Kingdom?", "how many days do I have?"."""
_LONGEST_BARE = 4
"""The same where nothing shows that it goes on: "to Sweden?"."""
_MOST_TOPIC = 12
"""Words of a question that are the topic: a long story has none."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What is spoken of: the last question that says so itself, and what was asked of it since.

    "Do you ship to Norway?", "how much is that?".
    """

    question: tuple[Token, ...] = ()
    aspect: tuple[Token, ...] = ()


def kind_of(tokens: tuple[Token, ...], form: Form, words: FollowUps) -> FollowUpKind | None:
    """Return how a sentence follows up on what was said; None where it stands for itself."""
    if form in {Form.TALK, Form.STATEMENT} or not tokens:
        return None
    kept, goes_on = words.without_ends(tokens)
    said = words_of(kept)
    has_pronoun = any(word in words.pronouns for word in said)
    is_asked = form is Form.QUESTION or goes_on
    if not words.has_subject(kept):
        is_short = len(said) <= _SHORT and not any(word.isdecimal() for word in said)
        asks = has_pronoun or is_short or any(word in words.aspects for word in said)
        longest = _LONGEST_ASPECT if has_pronoun else _LONGEST_FRAGMENT
        is_aspect = asks and is_asked and len(said) <= longest
        return FollowUpKind.ASPECT if is_aspect else None
    if opener := words.openers.at(said, 0):
        is_cut = len(said) > opener and said[opener] in words.before
        if has_pronoun or (is_cut and len(said) <= _LONGEST_BARE):
            return FollowUpKind.PRONOUN if len(said) <= _LONGEST_PRONOUN else None
        return None
    if not _is_fragment(tokens, said, words, goes_on=goes_on):
        return None
    return FollowUpKind.SUPPLEMENT if said[0] in words.before else FollowUpKind.FRAGMENT


def _is_fragment(
    tokens: Sequence[Token], said: Sequence[str], words: FollowUps, *, goes_on: bool
) -> bool:
    is_asked = tokens[-1].text.endswith("?")
    if any(sign.isdecimal() for word in said for sign in word):
        return False  # the number of an order, a date, a size: it is given, not asked about
    if said[0] in words.subjects and not is_asked:
        return False
    if goes_on:
        return len(said) <= _LONGEST_FRAGMENT
    if is_asked:
        return len(said) <= _LONGEST_BARE
    return len(said) <= _SHORT and said[0] in words.before


def follow(
    sentence: str, kind: FollowUpKind, topic: Topic, words: FollowUps
) -> tuple[FollowUp, Topic] | None:
    """Return what a follow-up on this topic means, and the topic after it.

    None where the topic says nothing.
    """
    tokens = tokens_of(sentence)
    kept, goes_on = words.without_ends(tokens)
    goes_on = goes_on or kept[-1] != tokens[-1]  # "Klarna too?"
    matter = words.subject_of(topic.question)
    if not matter:
        return None
    adds = False
    plain = ""
    if kind in {FollowUpKind.FRAGMENT, FollowUpKind.SUPPLEMENT}:
        question = put_into(topic.question, kept, words)
        is_loose = kind is FollowUpKind.FRAGMENT and not goes_on
        adds = is_loose or len(question) >= len(topic.question) + len(kept)
        said, after = question, replace(topic, question=question)
        if topic.aspect:
            plain = _as_question(question)
            said = _of(topic.aspect, words.subject_of(question), words)
    else:
        said = _of(kept, matter, words)
        after = replace(topic, aspect=kept) if kind is FollowUpKind.ASPECT else Topic(said)
    asked = _sentence(_as_question(said))
    follow_up = FollowUp(
        kind,
        sentence,
        bare=_as_question(kept),
        question=asked,
        topic=written(matter),
        adds=adds,
        without_aspect=_sentence(plain),
    )
    return follow_up, after


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _as_question(tokens: Sequence[Token]) -> str:
    return f"{written(tokens).rstrip(ENDS)}?"


def topic_of(tokens: tuple[Token, ...], before: Topic, words: FollowUps) -> Topic:
    """Return the topic after a sentence that stands for itself."""
    kept, _ = words.without_ends(tokens)
    if not words.has_subject(kept):
        return before
    said = kept if len(kept) <= _MOST_TOPIC else words.subject_of(kept)[:_MOST_TOPIC]
    # Amid another sentence its capital letter would begin a new one.
    first = replace(said[0], text=said[0].text.lower()) if said[0].text.istitle() else said[0]
    return Topic((first, *said[1:]))


def _of(asked: Sequence[Token], matter: Sequence[Token], words: FollowUps) -> tuple[Token, ...]:
    """Return a question with what is spoken of in the place of its pronoun, or at its end."""
    things = tuple(bare(token) for token in matter)
    for place, token in enumerate(asked):
        if any(word in words.pronouns for word in token.words):
            return (*asked[:place], *things, *asked[place + 1 :])
    return (*(bare(token) for token in asked), *things)
