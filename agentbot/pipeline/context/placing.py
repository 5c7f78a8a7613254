"""Where a fragment goes in the earlier question: in the place of the whole thing that is like it.

"Do you take Apple Pay?", "and PayPal?". No grammar is read: what a thing is shows in the words
around it (`things` in the language packs), and in capital letters.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentbot.pipeline.languages.following import FollowUps, Token, words_of

_LONGEST_OBJECT = 4
"""Words behind a preposition of the earlier question: "to the Faroe Islands". Where there are more,
it is about what comes later."""
_LONGEST_NAME = 3
"""Words of a thing that is written small: "english breakfast tea". More is a whole statement."""
ENDS = " ?!.,;:\u2026\u00bf\u00a1\"'()"
"""Signs around a word that are no part of it."""


def put_into(
    question: tuple[Token, ...], fragment: tuple[Token, ...], words: FollowUps
) -> tuple[Token, ...]:
    """Return the earlier question with a fragment in the place of what it is about.

    Where a preposition begins the fragment, that is what the same one holds ("to Norway", "to
    Sweden"), or nothing; else what the last one holds, or the last thing that is named.
    """
    question, fragment = (tuple(bare(token) for token in tokens) for tokens in (question, fragment))
    first = fragment[0].words[0]
    begins = first in words.before
    places = [
        place
        for place, token in enumerate(question)
        if place
        and len(question) - place <= _LONGEST_OBJECT + 1
        and (token.words[0] == first if begins else token.words[0] in words.before)
    ]
    if places:
        place = places[-1]
        rest = question[_end_of_object(question, place + 1, words) :]
        kept = question[:place] if begins else question[: place + 1]
        if words.subject_of((*kept, *rest)):
            return (*kept, *fragment, *rest)
    if begins:
        return (*question, *fragment)
    start, end = _thing(question, fragment, words)
    left = (*question[:start], *question[end:])
    if not words.subject_of(left) and not words.openers.at(words_of(left) or ("",), 0):
        return (*question, *fragment)  # a mere topic: nothing would be left of it
    if fragment[0].words in words.things.articles:
        while start and question[start - 1].words in words.things.articles:
            start -= 1  # the fragment brings its own
    return (*question[:start], *fragment, *question[end:])


def bare(token: Token) -> Token:
    """Return a word without the signs around it."""
    return Token(token.text.strip(ENDS), token.words)


def _thing(
    question: Sequence[Token], fragment: Sequence[Token], words: FollowUps
) -> tuple[int, int]:
    """Return where the thing that a fragment replaces starts and ends in the question."""
    named = [place for place, token in enumerate(question) if words.names(token)]
    capital = [place for place in named if place and _is_name(question[place])]
    # Verbs stand last in some languages: "Wie kann ich ein Rad buchen?", "und ein E-Bike?".
    if capital and any(map(_is_name, fragment)):
        return _around_name(question, fragment, capital[-1], words)
    last = named[-1]
    if fragment[-1].words == question[last].words:  # "green tea", "and black tea?"
        own = _without_article(fragment, words)
        return _start_of_run(question, last, 1, len(own), words), last + 1
    last = _last_of_thing(question, named, words)
    floor = _first_place(question, words)
    if last == len(question) - 1 and last < floor:  # "which cards do you accept", "and Visa?"
        return len(question), len(question)
    if fragment[0].words in words.things.of and question[last - 1].words == fragment[0].words:
        return last - 1, last + 1  # "cursos de español", "y de italiano"
    start = _start_of_run(question, last, max(floor, 1), _LONGEST_NAME, words)
    if start and question[start - 1].words[0] in words.pronouns:
        start = last  # "is this tea organic", "and vegan?"
    while (
        start - 2 >= floor
        and question[start - 1].words in words.things.of
        and words.names(question[start - 2])
    ):
        start -= 2  # "carte de crédit" is one thing
    return start, last + 1


def _around_name(
    question: Sequence[Token], fragment: Sequence[Token], last: int, words: FollowUps
) -> tuple[int, int]:
    """Return where the thing starts and ends whose last capital letter stands at ``last``."""
    start, end = last, last + 1
    while start > 1 and _is_name(question[start - 1]) and words.names(question[start - 1]):
        start -= 1  # "Apple Pay" is one thing
    is_described = (
        words.names(question[start - 1]) and question[start - 2].words[0] in words.subjects
    )
    if start - 1 >= max(_first_place(question, words), 2) and is_described:
        start -= 1  # "Verkaufen Sie grünen Tee?"
    own = _without_article(fragment, words)
    if own[0].words == question[start - 1].words:
        return start - 1, end  # "el plan Pro", "el plan Team"
    if end < len(question) and words.names(question[end]):
        before = question[start - 1]
        is_shared = own[-1].words == question[end].words
        # "Apple pay" is a name, "the Pro plan" a plan of that name.
        is_whole = (
            start > _opener(question, words)
            and before.words not in words.things.articles
            and not _says_last(question, words)
        )
        end += is_shared or is_whole
    return start, end


def _last_of_thing(question: Sequence[Token], named: Sequence[int], words: FollowUps) -> int:
    """Return the place of the last word of what a question in small letters is about."""
    last = named[-1]
    for place in range(_opener(question, words) + 1, last):
        is_copula = question[place].words in words.things.copulas
        if is_copula and {place - 1, place + 1} <= {*named}:
            return place - 1  # "est-ce que la carte est acceptée"
    return last - 1 if last - 1 in named and _says_last(question, words) else last


def _says_last(question: Sequence[Token], words: FollowUps) -> bool:
    """Say whether the last word says something of the thing: "is breakfast included"."""
    if not words.names(question[-1]):
        return False
    things = words.things
    if any(token.words in things.modals for token in question):
        return True
    if question[0].words not in things.copulas:
        return False
    after = question[1].words
    return after[0] not in words.subjects or after in things.articles  # not "is there a shop"


def _start_of_run(
    question: Sequence[Token], last: int, floor: int, most: int, words: FollowUps
) -> int:
    """Return where the words that name something start which end at ``last``, at most ``most``."""
    start = last
    while last - start < most - 1 and start > floor and words.names(question[start - 1]):
        start -= 1
    return start


def _first_place(question: Sequence[Token], words: FollowUps) -> int:
    """Return the first place at which a thing may stand: behind the opener and what is done."""
    for place, token in enumerate(question[:-1]):
        if token.words in words.things.before_verbs and words.names(question[place + 1]):
            return place + 2
    return _opener(question, words)


def _opener(question: Sequence[Token], words: FollowUps) -> int:
    """Return how many of the first words begin a question of any kind: "do you", "is"."""
    count = words.openers.at(words_of(question), 0)
    place = 0
    while count > 0:
        count -= len(question[place].words)
        place += 1
    return place


def _end_of_object(question: Sequence[Token], start: int, words: FollowUps) -> int:
    """Return the place after what a preposition holds: "the Faroe Islands", and not the verb."""
    end = start
    while end < len(question) and not words.names(question[end]):
        end += 1
    first = end
    if first < len(question) and _is_name(question[first]):
        while end < len(question) and _is_name(question[end]):
            end += 1
        return end
    while end < len(question) and words.names(question[end]):
        end += 1
    is_said_last = end == len(question) and end - first > 1 and _says_last(question, words)
    return end - is_said_last


def _without_article(fragment: Sequence[Token], words: FollowUps) -> Sequence[Token]:
    """Return the words of a fragment that an article does not begin; all where it has no others."""
    return fragment[1:] or fragment if fragment[0].words in words.things.articles else fragment


def _is_name(token: Token) -> bool:
    return token.text[:1].isupper()
