"""Which of the offered questions a customer means: "the second one", "2", "shipping", "yes"."""

from __future__ import annotations

from collections.abc import Sequence

from agentbot.pipeline.context.exchanges import Exchange
from agentbot.pipeline.faq.questions.keywords import telling
from agentbot.pipeline.faq.questions.reading import reader
from agentbot.pipeline.languages.asking import asking
from agentbot.pipeline.languages.following import FollowUps, tokens_of, words_of
from agentbot.pipeline.own_messages import NONE_OF_THESE, Offered, offered_in
from agentbot.pipeline.words import fold

_LONGEST = 8
"""Words of a message that may choose: "I think I meant the second one, please"."""
_MOST_NAMED = 4
"""Words of a message that may name a question by a word of it: more are a question themselves."""

_SHORTEST = 3
"""Letters of a word of which a longer one may be a form."""


def still_open(said: Sequence[Exchange], words: FollowUps) -> tuple[tuple[Offered, ...], bool]:
    """Return the questions that can be chosen from now, and whether one of them was already.

    Those that were offered last, as long as nothing but choices of them was said since: who takes
    the second may have meant the first.
    """
    for place in range(len(said) - 1, -1, -1):
        if offered := offered_in(said[place].answer):
            since = [one.said for one in said[place + 1 :]]
            texts = {one.text for one in offered}
            is_open = all(
                one.strip() in texts
                or chosen(one, offered, words)
                or chosen_again(one, offered, words)
                for one in since
            )
            return (offered, bool(since)) if is_open else ((), False)
    return (), False


def chosen_again(text: str, offered: Sequence[Offered], words: FollowUps) -> Offered | None:
    """Return the question that a message chooses by its place after another one: "no, the first".

    A word that names one, and a figure, may mean anything then.
    """
    first, comma, rest = text.partition(",")
    kind = reader().read(first) if comma else None
    said = rest if kind is not None and kind.kind == "no" else text
    kept, _ = words.without_ends(tokens_of(said))
    folded = words_of(kept)
    if not folded or len(folded) > _LONGEST or (len(folded) == 1 and folded[0].isdecimal()):
        return None
    questions = [one for one in offered if one.action != NONE_OF_THESE]
    number = _ordinal(folded, len(questions), words)
    return questions[number] if number is not None and number < len(questions) else None


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
