"""Which of the offered questions a customer means: "the second one", "2", "shipping", "yes"."""

from __future__ import annotations

from collections.abc import Sequence

from agentbot.pipeline.faq.keywords import telling
from agentbot.pipeline.faq.reading import reader
from agentbot.pipeline.languages.asking import asking
from agentbot.pipeline.languages.following import FollowUps
from agentbot.pipeline.own_messages import NONE_OF_THESE, Offered
from agentbot.pipeline.words import fold

_LONGEST = 8
"""Words of a message that may choose: "I think I meant the second one, please"."""
_MOST_NAMED = 4
"""Words of a message that may name a question by a word of it: more are a question themselves."""

_SHORTEST = 3
"""Letters of a word of which a longer one may be a form."""


def chosen(text: str, offered: Sequence[Offered], words: FollowUps) -> Offered | None:
    """Return the offered question that a message chooses; None where it chooses none for sure."""
    questions = [one for one in offered if one.action != NONE_OF_THESE]
    said = fold(text).split()
    if not questions or not said or len(said) > _LONGEST:
        return None
    # Of a rule's buttons a figure may be the answer to what the rule asks: "How many?", "2".
    is_figure = len(said) == 1 and said[0].isdecimal() and not any(one.entry for one in questions)
    number = None if is_figure else _ordinal(said, len(questions), words)
    if number is not None:
        return questions[number] if number < len(questions) else None
    kind = reader().read(text)
    if kind is not None:
        is_one = len(questions) == 1 and bool(questions[0].entry)
        return questions[0] if kind.kind == "yes" and is_one else None
    return _named(text, questions) if len(said) <= _MOST_NAMED else None


def is_refused(text: str, offered: Sequence[Offered], words: FollowUps) -> bool:
    """Say whether a message turns down all the questions that the FAQ has offered."""
    if not any(one.entry for one in offered):
        return False
    said = tuple(fold(text).split())
    buttons = {tuple(fold(one.text).split()) for one in offered if one.action == NONE_OF_THESE}
    if said in buttons:
        return True
    kind = reader().read(text)
    if kind is not None and kind.kind == "no":
        return True
    no = {phrase for phrase in words.none if said[-len(phrase) :] == phrase}
    return any(_is_around(said[: -len(phrase)], words) for phrase in no)


def _ordinal(said: Sequence[str], count: int, words: FollowUps) -> int | None:
    """Return the place that a message names, from 0; None where it names none, or two."""
    places = []
    rest = []
    for word in said:
        if word in words.ordinals:
            places.append(words.ordinals[word])
        elif word in words.last:
            places.append(count - 1)
        elif word.isdecimal() and 1 <= int(word) <= count:
            places.append(int(word) - 1)
        else:
            rest.append(word)
    return places[0] if len(places) == 1 and _is_around(rest, words) else None


def _is_around(rest: Sequence[str], words: FollowUps) -> bool:
    return all(word in words.around or word in asking().common for word in rest)


def _named(text: str, questions: Sequence[Offered]) -> Offered | None:
    """Return the only one of the questions that has all the telling words of a message.

    The id of an entry says what it is about, too: payment-methods.
    """
    told = telling(text)
    found = [one for one in questions if told and all(_has(one, word) for word in told)]
    return found[0] if len(found) == 1 else None


def _has(question: Offered, word: str) -> bool:
    """Say whether a question has a word in one of its forms: "pay" and "payment"."""
    own = telling(f"{question.text} {question.entry}")
    return any(
        one == word or (min(len(one), len(word)) >= _SHORTEST and _is_form(one, word))
        for one in own
    )


def _is_form(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
