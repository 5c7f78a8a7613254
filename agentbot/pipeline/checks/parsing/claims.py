"""The sentences of an answer, and what each is: a claim, a question, or a courtesy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache

from agentbot.pipeline.checks.parsing.figures import ADDRESS
from agentbot.pipeline.checks.parsing.wording import stem, tongue
from agentbot.pipeline.files.texts import Language, SmallTalkKind
from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.languages.phrases import Phrases, phrase_of
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import SPACELESS, fold, plain

_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)]*)\)")
_MARKS = re.compile(r"^\s*(?:[-*+\u2022>|]|#{1,6}|\d{1,2}[.)])\s+|[*_`]{1,3}|^\s*\|", re.MULTILINE)
_END = re.compile(r"(?<=[.!?\u2026])[\"'\u201d\u2019\u00bb)]*\s+|(?<=[\u3002\uff01\uff1f])|\n+")
_SHORTENED = re.compile(
    r"(?:^|[\s(.])(?:[^\W\d_]|approx|incl|excl|etc|ca|bzw|ggf|inkl|zzgl|usw|nr|vs|tel|max|min|aprox"
    r"|env|pl|np|tzn|resp)\.$",
    re.IGNORECASE,
)
"""A shortened word, whose full stop ends no sentence."""
_QUESTION = re.compile(r"[?\uff1f\u061f]\W*$")
_LONGEST_QUESTION = 30
"""Words of a question that asks and does not tell."""
_READ_OUT = 4
"""Words from which on a question that stands in a text was read out of it."""
_MOST_THEIRS = 3
"""Words of the customer's alone that a question may repeat."""
_TALK: tuple[SmallTalkKind, ...] = (
    *("greeting", "thanks", "goodbye", "sorry", "ok", "praise", "how_are_you"),
)
"""The kinds of small talk whose phrases a bot's courtesies are made of."""
_GREETED = 4
"""Words of a greeting that holds a name."""
_MOST_READ = 40
"""Words of a courtesy: longer sentences say something."""


class Kind(Enum):
    """What a sentence is."""

    CLAIM = "claim"
    QUESTION = "question"
    COURTESY = "courtesy"
    READ_OUT = "question read out of a source"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, without the marks of markdown and without addresses.

    ``whole`` is the same with its addresses.
    """

    text: str
    kind: Kind
    whole: str

    @property
    def asks(self) -> bool:
        """Whether it is a question to the customer that claims nothing."""
        is_question = _QUESTION.search(self.text) is not None
        return is_question and self.kind in {Kind.QUESTION, Kind.COURTESY}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that a question may hold, folded, with their stems; others tell something.

    ``ours`` are those of the sources and of the business's texts, ``theirs`` the customer's;
    ``texts`` are these texts, folded: ours, and theirs.
    """

    ours: frozenset[str]
    theirs: frozenset[str]
    texts: tuple[str, str]


def split(text: str, language: Language, known: Vocabulary) -> list[Sentence]:
    """Return the sentences of an answer."""
    bare = _MARKS.sub("", _LINK.sub(r"\1", plain(text)))
    found = []
    for part in _parts(bare):
        sentence = ADDRESS.sub(" ", part).strip()
        if fold(sentence).strip():
            found.append(Sentence(sentence, _kind(sentence, language, known), part.strip()))
    return found


def _parts(text: str) -> list[str]:
    """Return the sentences of a text, whatever letter they begin with."""
    parts: list[str] = []
    for part in filter(None, _END.split(text)):
        if parts and _SHORTENED.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {part}"
        else:
            parts.append(part)
    return parts


def without_leads(text: str, language: Language) -> str:
    """Return a claim without the words before it that claim nothing: "I can confirm that"."""
    words = text.split()
    folded = [fold(word).split() for word in words]
    flat = [word for one in folded for word in one]
    taken = _leads(language).at(flat, 0) if flat else 0
    if taken == 1 and words[0][-1].isalnum():
        return text  # "No money is taken" denies; "No, money is taken" answers
    dropped = seen = 0
    for one in folded:
        if seen >= taken:
            break
        seen += len(one)
        dropped += 1
    rest = " ".join(words[dropped:]).lstrip(" ,:;.!-\u2013\u2014")
    return rest if taken and fold(rest).strip() else text


def _kind(sentence: str, language: Language, known: Vocabulary) -> Kind:
    words = fold(sentence).split()
    if _is_courtesy(sentence, words, language, known.ours):
        return Kind.COURTESY
    if not _QUESTION.search(sentence) or len(words) > _LONGEST_QUESTION:
        return Kind.CLAIM
    if len(words) >= _READ_OUT and fold(sentence) in known.texts[0]:
        return Kind.READ_OUT
    return Kind.QUESTION if _asks_harmlessly(sentence, words, language, known) else Kind.CLAIM


def _asks_harmlessly(
    sentence: str, words: list[str], language: Language, known: Vocabulary
) -> bool:
    # What the customer asked asks them nothing: "Sure, here you go: …".
    parts = [fold(part) for part in sentence.split(":")]
    if any(_is_long(one) and one in known.texts[1] for one in parts):
        return False
    common, courteous = tongue(language).common, _courteous_words(language)
    telling = [word for word in words if word not in common]
    own = [w for w in telling if w in courteous or w in known.ours or stem(w) in known.ours]
    theirs = [w for w in telling if w not in own and (w in known.theirs or stem(w) in known.theirs)]
    if len(own) + len(theirs) < len(telling) or len(theirs) > _MOST_THEIRS:
        return False
    return bool(own) or not theirs


def _is_long(folded: str) -> bool:
    """Say whether a folded part is more than a few words, or letters of a script without spaces."""
    size = len(folded) if SPACELESS.search(folded) else len(folded.split())
    return size >= _READ_OUT


def _is_courtesy(
    sentence: str, words: list[str], language: Language, allowed: frozenset[str]
) -> bool:
    """Say whether all that a sentence tells is in courtesies, one of which stands in it."""
    if len(words) > _MOST_READ:
        return False
    phrases = _courtesies(language)
    common = tongue(language).common
    names = _names(sentence, words, allowed, language)
    place, found = 0, False
    while place < len(words):
        if length := phrases.at(words, place):
            found, place = True, place + length
        elif words[place] in common or words[place] in names:
            place += 1
        else:
            return False
    return found


def _names(
    sentence: str, words: list[str], allowed: frozenset[str], language: Language
) -> set[str]:
    """Return the words with a capital that are known here, or that a short greeting is for."""
    capitals = {
        word for token in sentence.split() if token[:1].isupper() for word in fold(token).split()
    }
    known = capitals & allowed
    if len(words) <= _GREETED and _greetings(language).at(words, 0):
        known |= capitals
    return known


@cache
def _courtesies(language: Language) -> Phrases:
    pack, speech = all_packs()[language], all_speech()[language]
    talk = (phrase for kind in _TALK for phrase in pack.small_talk[kind].phrases)
    return Phrases([*speech.courtesies, *talk, *(one for one in pack.fillers if phrase_of(one))])


@cache
def _courteous_words(language: Language) -> frozenset[str]:
    found: Iterable[str] = all_speech()[language].courtesies
    return frozenset(word for phrase in found for word in fold(phrase).split())


@cache
def _leads(language: Language) -> Phrases:
    return Phrases(all_speech()[language].leads)


@cache
def _greetings(language: Language) -> Phrases:
    return Phrases(all_packs()[language].small_talk["greeting"].phrases)
