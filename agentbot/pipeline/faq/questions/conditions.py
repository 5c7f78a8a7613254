"""Conditions that an entry does not speak of: "for free", "without an account", "by tomorrow".

"Can you deliver to Germany for free?" is as near to "Do you ship abroad?" as without its last two
words, and they change the answer. So an entry that says nothing of them does not answer. Nor does
one that tells the price of adults, or of one plan, to whoever asks for children's, or another's;
one without any time to "how long does it take"; and to "export my data and delete my account" one
that has no word of the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.questions.keywords import telling
from agentbot.pipeline.faq.questions.named import other_name
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.hours.asked import day_words
from agentbot.pipeline.languages.asking import asking
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.following import language_among
from agentbot.pipeline.languages.pack import CODES, Loader
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.languages.subjects import facets_of
from agentbot.pipeline.words import fold

_SUM = re.compile(r"[€$£¥]|\b(?:eur|usd|gbp|chf|nok|sek|dkk|kr|zł)\b", re.IGNORECASE)
"""A sum of money, whatever the sum."""
_MOST_WITHOUT = 4
"""Words after "without" that may name what is left out: "without a bank account"."""
_MOST_BETWEEN = 3
"""Words between "by" and the name of a day: "the 24th of"."""
_LEAST_WISH = 3
"""Words of a second wish: what is to be done, and with which thing."""
_KEPT = 2048
"""Entries whose sides are kept: those that answer often."""
_LEAST_TOLD = 2
"""Telling words of a second wish from which on it is one: "and get my money" may mean the first."""
_FACETS = frozenset({"audience", "plan"})
"""Of whom and of which plan an answer holds. The rest may stand in a list that an answer gives
whole: whoever asks for Bitcoin is told which means of payment there are."""
_HOUR = re.compile(r"\d[:.]\d\d|\d\s?[ap]m\b", re.IGNORECASE)
"""An hour of the day."""


@dataclass(frozen=True, slots=True)
class _Deadline:
    """How one language says by when: what stands before a day, between, and the days."""

    until: Phrases
    between: frozenset[str]
    days: Phrases

    def said_in(self, words: Sequence[str]) -> str:
        """Return the first deadline among folded words; "" where there is none."""
        for place in range(len(words)):
            start = place + (self.until.at(words, place) or len(words))
            last = start + _MOST_BETWEEN
            while start < min(last, len(words)) and self._is_between(words[start]):
                start += 1
            if start < len(words) and (taken := self.days.at(words, start)):
                return " ".join(words[place : start + taken])
        return ""

    def _is_between(self, word: str) -> bool:
        return word in self.between or word[0].isdigit()


@dataclass(frozen=True, slots=True)
class _Words:
    """The lists of ``conditions.yaml``, folded."""

    free: tuple[str, ...]
    money: tuple[str, ...]
    gift: tuple[str, ...]
    present: tuple[str, ...]
    without: frozenset[str]
    deadlines: tuple[_Deadline, ...]
    times: tuple[str, ...]
    lasting: Phrases
    lasts: tuple[str, ...]
    own: frozenset[str]


@cache
def condition_words() -> _Words:
    """Return the lists, read once: by whoever learns a FAQ, not while a customer waits."""
    text = files(__package__).joinpath("conditions.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe one
    return _Words(
        free=tuple(dict.fromkeys(fold(one) for row in read["free"] for one in row)),
        money=tuple(fold(one).strip() for one in read["money"]),
        gift=tuple(dict.fromkeys(fold(one) for row in read["gift"] for one in row)),
        present=tuple(fold(one).strip() for one in read["present"]),
        without=frozenset(fold(one).strip() for one in read["without"]),
        deadlines=tuple(
            _Deadline(
                Phrases(until),
                _between(code),
                Phrases([*read["days"][code], *_names_of_days(code)]),
            )
            for code, until in read["until"].items()
        ),
        times=tuple(fold(one).strip() for one in read["times"]),
        lasting=Phrases(one for row in read["lasting"] for one in row),
        lasts=tuple(fold(one).strip() for one in read["lasts"]),
        own=frozenset(
            word
            for code in CODES
            for one in (*all_belonging()[code].articles, *read["own"])
            for word in fold(one).split()
        ),
    )


def _names_of_days(code: Language) -> Iterator[str]:
    words = day_words()[code]
    yield from (one for forms in words.relative.values() for one in forms)
    yield from (one for forms in (*words.weekdays, *words.months) for one in forms)
    yield from (one for forms in words.holidays.values() for one in forms)
    yield from (*words.weekend, *words.unclear)


def _between(code: Language) -> frozenset[str]:
    """Return what stands before the name of a day: "the 24th of", "next"."""
    before = (*all_belonging()[code].articles, *day_words()[code].next, "of", "de", "di")
    return frozenset(word for one in before for word in fold(one).split())


def unspoken(text: str, entry: FaqEntry) -> str:
    """Return a condition of a question that an entry says nothing of; "" where there is none."""
    words, folded = condition_words(), fold(text)
    if said := next((one for one in words.free if one in folded), ""):
        spoken = _SUM.search(entry.answer) or _begins(entry, words.money)
        return "" if spoken else said.strip()
    if said := next((one for one in words.gift if one in folded), ""):
        return "" if _begins(entry, words.present) else said.strip()
    asked = folded.split()
    return (
        _left_out(asked, words, entry)
        or _not_timed(asked, words, entry)
        or _not_lasting(asked, words, entry)
        or _of_others(asked, entry)
        or other_name(text, entry)
        or _wished_beside(asked, words, entry)
    )


def _left_out(said: Sequence[str], words: _Words, entry: FaqEntry) -> str:
    for place, word in enumerate(said):
        if word in words.without:
            named = " ".join(said[place + 1 : place + 1 + _MOST_WITHOUT])
            told = telling(named)
            if told and not told & telling("\n".join([*entry.wordings, entry.answer])):
                return f"{word} {named}"
    return ""


def _not_timed(said: Sequence[str], words: _Words, entry: FaqEntry) -> str:
    """Return the time by which something must have happened, of which an entry says nothing."""
    named = next(filter(None, (one.said_in(said) for one in words.deadlines)), "")
    if not named:
        return ""
    is_spoken = _begins(entry, words.times) or _HOUR.search(entry.answer)
    return "" if is_spoken else named


def _not_lasting(said: Sequence[str], words: _Words, entry: FaqEntry) -> str:
    """Return how a question asks for how long, where an entry has no time at all."""
    place = next((one for one in range(len(said)) if words.lasting.at(said, one)), None)
    if place is None or _HOUR.search(entry.answer) or _begins(entry, (*words.times, *words.lasts)):
        return ""
    return " ".join(said[place : place + words.lasting.at(said, place)])


def _of_others(said: Sequence[str], entry: FaqEntry) -> str:
    """Return for whom, or for which plan, an answer is asked that an entry gives for another."""
    named = _told_for(entry)
    code = language_among(entry.wordings, "en")
    sides = [one for one in facets_of(code).named_in(said) if one.facet in _FACETS]
    asked = {(one.facet, one.side) for one in sides}
    for one in sides:
        others = {side for side in named - asked if side[0] == one.facet}
        if others and (one.facet, one.side) not in named:
            return " ".join(said[one.start : one.end])
    return ""


@lru_cache(_KEPT)
def _told_for(entry: FaqEntry) -> frozenset[tuple[str, int]]:
    """Return the sides of facets that an entry names."""
    facets = facets_of(language_among(entry.wordings, "en"))
    words = fold("\n".join([*entry.wordings, entry.answer])).split()
    return frozenset((one.facet, one.side) for one in facets.named_in(words))


def _wished_beside(said: Sequence[str], words: _Words, entry: FaqEntry) -> str:
    """Return a second wish, without a subject of its own, of which an entry has no word."""
    last = max((place for place, word in enumerate(said) if word in asking().joins), default=0)
    wish = said[last + 1 :]
    if not last or len(wish) < _LEAST_WISH or wish[0] in asking().subjects | words.own:
        return ""
    told = telling(" ".join(wish))
    is_one = wish[1] in words.own and len(told) >= _LEAST_TOLD
    known = telling("\n".join([*entry.wordings, entry.answer]))
    return " ".join(wish) if is_one and not told & known else ""


def _begins(entry: FaqEntry, beginnings: Sequence[str]) -> bool:
    """Say whether an entry has a word that begins so."""
    said = fold("\n".join([*entry.wordings, entry.answer]))
    return any(f" {one}" in said for one in beginnings)
