"""How customers ask, in all languages: what begins a question, and words that tell nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.words import fold


class Form(IntEnum):
    """What a sentence does, first what asks most plainly.

    A ``QUESTION`` begins like one, or like a wish. ``OTHER`` is a complaint, an order ("cancel it")
    or a mere topic, a ``STATEMENT`` tells something, and ``TALK`` thanks, or greets.
    """

    QUESTION = 0
    OTHER = 1
    STATEMENT = 2
    TALK = 3


@dataclass(frozen=True, slots=True)
class Asking:
    """How customers ask.

    ``leads`` may stand before the beginning of a question, and ``joins`` join a second one to a
    first. ``starts`` are words that begin a sentence, ``common`` those that stand in questions of
    any kind, and ``contracted`` those of them that are written without their apostrophe; all
    folded.
    """

    openers: Phrases
    clauses: Phrases
    leads: frozenset[str]
    joins: frozenset[str]
    subjects: frozenset[str]
    troubles: Phrases
    thanks: Phrases
    starts: frozenset[str]
    common: frozenset[str]
    contracted: frozenset[str]

    def form(self, words: Sequence[str], *, is_question: bool) -> Form:
        """Return what a sentence of these folded words does.

        ``is_question``: it ends with a question mark.
        """
        if is_question or not words:
            return Form.QUESTION if words else Form.TALK
        start = next((place for place, word in enumerate(words) if word not in self.leads), 0)
        if self.openers.at(words, start):
            return Form.QUESTION
        if self.thanks.at(words, start):
            rest = words[start + self.thanks.at(words, start) :]
            return Form.QUESTION if self.clauses.are_in(rest) else Form.TALK
        if words[start] in self.subjects and not self.troubles.are_in(words):
            return Form.STATEMENT
        return Form.OTHER


@cache
def asking() -> Asking:
    """Return how customers ask, in the languages of all packs together."""
    packs = all_packs().values()
    openers = [one for pack in packs for one in pack.asking.openers]
    subjects = _single(one for pack in packs for one in pack.asking.subjects)
    thanks = [one for pack in packs for one in pack.small_talk["thanks"].phrases]
    fillers = [one for pack in packs for one in pack.fillers]
    return Asking(
        openers=Phrases(openers),
        clauses=Phrases(one for one in openers if " " in fold(one).strip()),
        leads=_single(one for pack in packs for one in pack.asking.leads),
        joins=_single(one for pack in packs for one in pack.asking.joins),
        subjects=subjects,
        troubles=Phrases(one for pack in packs for one in pack.asking.troubles),
        thanks=Phrases(thanks),
        starts=(subjects | {fold(one).split()[0] for one in (*openers, *thanks)}) - {"i"},
        contracted=frozenset(
            "".join(fold(one).split())
            for pack in packs
            for one in (*pack.asking.common, *openers)
            if "'" in one and " " not in one
        ),
        common=_single(one for pack in packs for one in pack.asking.common) | _single(fillers),
    )


def _single(listed: Iterable[str]) -> frozenset[str]:
    """Return the folded words of all that is listed: "don't" is two."""
    return frozenset(word for one in listed for word in fold(one).split())
