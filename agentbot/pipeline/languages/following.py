"""How customers go on from what was said: the words of each language for it, ready for use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.asking import asking
from agentbot.pipeline.languages.pack import CODES, LanguagePack, ThingWords, load_pack
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.words import fold

_LONGEST_LEAD = 6
"""Words of the longest lead: "et pour ce qui est de" has six."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is written, with its signs, and its folded words: "what's" has two."""

    text: str
    words: tuple[str, ...]


def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the words of a text; signs alone belong to the word before: "et PayPal ?"."""
    found: list[Token] = []
    for word in text.split():
        token = _token(word)
        if token.words:
            found.append(token)
        elif found:
            found[-1] = replace(found[-1], text=found[-1].text + word)
    return tuple(found)


@lru_cache(maxsize=8_192)
def _token(word: str) -> Token:
    return Token(word, tuple(fold(word).split()))


def words_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Return the folded words."""
    return tuple(word for token in tokens for word in token.words)


def written(tokens: Sequence[Token]) -> str:
    """Return the words as they are written."""
    return " ".join(token.text for token in tokens)


@dataclass(frozen=True, slots=True)
class Things:
    """The words around what a question is about; all folded, each a word and its parts."""

    articles: frozenset[tuple[str, ...]]
    of: frozenset[tuple[str, ...]]
    before_verbs: frozenset[tuple[str, ...]]
    copulas: frozenset[tuple[str, ...]]
    modals: frozenset[tuple[str, ...]]

    @classmethod
    def of_pack(cls, listed: ThingWords) -> Things:
        """Return those of a pack."""
        return cls(
            articles=_phrases(listed.articles),
            of=_phrases(listed.of),
            before_verbs=_phrases(listed.before_verbs),
            copulas=_phrases(listed.copulas),
            modals=_phrases(listed.modals),
        )


@dataclass(frozen=True, slots=True)
class FollowUps:
    """The words by which customers of one language go on from what was said; all folded."""

    leads: frozenset[tuple[str, ...]]
    lead_starts: frozenset[str]
    tails: frozenset[tuple[str, ...]]
    tail_ends: frozenset[str]
    pronouns: frozenset[str]
    aspects: frozenset[str]
    before: frozenset[str]
    things: Things
    ordinals: dict[str, int]
    last: frozenset[str]
    around: frozenset[str]
    none: frozenset[tuple[str, ...]]
    openers: Phrases
    subjects: frozenset[str]
    nameless: frozenset[str]
    """Words of questions of any kind, aspects and pronouns: they name nothing."""
    vocabulary: frozenset[str]

    @classmethod
    def of(cls, pack: LanguagePack) -> FollowUps:
        """Return those of a pack."""
        listed = pack.follow_ups
        leads, tails = _phrases(listed.leads), _phrases(listed.tails)
        return cls(
            leads=leads,
            lead_starts=frozenset(phrase[0] for phrase in leads),
            tails=tails,
            tail_ends=frozenset(phrase[-1] for phrase in tails),
            pronouns=_words(listed.pronouns),
            aspects=_words(listed.aspects),
            before=_words(listed.before),
            things=Things.of_pack(listed.things),
            ordinals={
                word: number
                for number, forms in enumerate(listed.ordinals)
                for word in _words(forms)
            },
            last=_words(listed.last),
            around=_words(listed.around),
            none=_phrases(listed.none),
            openers=Phrases(pack.asking.openers),
            subjects=_words(pack.asking.subjects),
            nameless=asking().common | _words((*listed.aspects, *listed.pronouns)),
            vocabulary=_words(
                (
                    *(*listed.leads, *listed.pronouns, *listed.aspects, *listed.before),
                    *(*pack.asking.openers, *pack.asking.common, *pack.fillers),
                )
            ),
        )

    def without_ends(self, tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], bool]:
        """Return the words without those that only go on or end it, and whether some went on.

        "And what about returns, please?" is "returns,".
        """
        goes_on = False
        while taken := _taken(tokens, self.leads, self.lead_starts):
            tokens, goes_on = tokens[taken:], True
        while taken := _taken(tokens[::-1], self.tails, self.tail_ends, is_backwards=True):
            tokens = tokens[:-taken]
        return tokens, goes_on

    def without_lead(self, text: str) -> str:
        """Return a question without the "And" before it, as one by itself is written."""
        tokens = tokens_of(text)
        kept, _ = self.without_ends(tokens)
        if not kept or kept[0] == tokens[0]:
            return text
        start = text.index(kept[0].text, len(tokens[0].text))
        return text[start].upper() + text[start + 1 :]

    def subject_of(self, tokens: Sequence[Token]) -> tuple[Token, ...]:
        """Return the words that name something: no words of questions of any kind, no aspects."""
        return tuple(token for token in tokens if self.names(token))

    def has_subject(self, tokens: Iterable[Token]) -> bool:
        """Say whether any of the words names something."""
        return any(map(self.names, tokens))

    def names(self, token: Token) -> bool:
        """Say whether a word names something; figures do not: "is it free from 50 euros?"."""
        return any(
            len(word) > 1 and word not in self.nameless and not word.isdecimal()
            for word in token.words
        )


def _taken(
    tokens: Sequence[Token],
    phrases: frozenset[tuple[str, ...]],
    first_words: frozenset[str],
    *,
    is_backwards: bool = False,
) -> int:
    """Return how many of the first words make up a phrase; 0: none do, or nothing is left."""
    if not tokens or tokens[0].words[-1 if is_backwards else 0] not in first_words:
        return 0  # as is usual
    for count in range(min(_LONGEST_LEAD, len(tokens) - 1), 0, -1):
        first = tokens[:count]
        if words_of(first[::-1] if is_backwards else first) in phrases:
            return count
    return 0


def _phrases(listed: Sequence[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(fold(one).split()) for one in listed)


def _words(listed: Sequence[str]) -> frozenset[str]:
    return frozenset(word for one in listed for word in fold(one).split())


def language_among(texts: Iterable[str], own: Language) -> Language:
    """Return the language with the most words of some short texts; ``own`` where it is as near.

    A follow-up is too short to be plainly in one language, so what the same customer wrote before
    it counts as well. It is only asked which language's words to read it by.
    """
    said = [word for text in texts for word in fold(text).split()]
    order = (own, *(code for code in CODES if code != own))
    return max(order, key=lambda code: sum(word in follow_ups(code).vocabulary for word in said))


# A pack never changes: what is made of it is made once.
@cache
def follow_ups(code: Language) -> FollowUps:
    """Return the words of a language that has a pack."""
    return FollowUps.of(load_pack(code))
