"""The clauses of a sentence, each with what its figures are said of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache

from agentbot.pipeline.checks.parsing.figures import figures
from agentbot.pipeline.checks.parsing.segments import (
    AFFIRMATION,
    Segment,
    is_state,
    segment,
    words_of,
)
from agentbot.pipeline.checks.parsing.wording import Wording, tongue
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.words import fold, plain

_KEPT = 1024
"""Sentences whose clauses are kept: those of one answer and its sources, many times over."""
_LEAST_LISTED = 2
"""Names, and figures, that are given in one order; labels of a clause that affirms something."""


def clauses(sentence: str, code: str) -> list[Segment]:
    """Return the clauses of a sentence that hold values, with their labels."""
    return list(_clauses(sentence, code))


@lru_cache(_KEPT)
def _clauses(sentence: str, code: str) -> list[Segment]:
    sentence = plain(sentence)
    if ordered := _in_order(sentence, code):
        return ordered
    read = [(between, piece, segment(piece, code)) for between, piece in _pieces(sentence, code)]
    if any(one.denies for _, _, one in read):
        read = [(between, piece, _affirmed(one)) for between, piece, one in read]
    is_headed = bool(read) and read[0][1].endswith(":")
    found: list[Segment] = []
    lead: Segment | None = None
    before = ""
    for between, piece, one in read:
        if not one.values:
            lead = one if lead is None else lead.joined(one)
            continue
        if lead is not None:
            is_heading = is_headed and bool(one.own) and not found
            found.append(replace(one, context=lead.labels) if is_heading else lead.joined(one))
            lead = None
        elif not one.own and found:
            found[-1] = found[-1].joined(one)
        elif not found:
            found.append(one)
        elif _is_about_something_else(between, piece, one, found[-1], code):
            found.append(replace(one, context=_shared(before, piece, found[-1], one, code)))
        else:
            found.append(replace(one, context=found[-1].labels))
        before = piece
    if lead is not None and found:
        found[-1] = found[-1].joined(lead)
    return found


def _pieces(sentence: str, code: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a sentence, each with what stands between it and the one before."""
    at, between = 0, ""
    for one in _cut(code).finditer(sentence):
        if sentence[at : one.start()].strip():
            yield between, sentence[at : one.start()].strip()
        at, between = one.end(), one[0]
    if sentence[at:].strip():
        yield between, sentence[at:].strip()


def _in_order(sentence: str, code: str) -> list[Segment]:
    """Return "a at x", "b at y" of "a and b are at x and y respectively"; [] of others."""
    if not _respectively(code).are_in(tuple(fold(sentence).split())):
        return []
    found = figures(sentence)
    names = [piece for _, piece in _pieces(sentence[: found[0].start], code)] if found else []
    if len(found) < _LEAST_LISTED or len(names) != len(found):
        return []
    return [
        segment(f"{name} {sentence[one.start : one.end]}", code)
        for name, one in zip(names, found, strict=True)
    ]


def _affirmed(one: Segment) -> Segment:
    """Return a clause beside one that denies as one that affirms, where it says something."""
    if one.denies or len(one.own) < _LEAST_LISTED:
        return one
    return replace(one, values=(*one.values, AFFIRMATION))


def _is_about_something_else(
    between: str, piece: str, one: Segment, before: Segment, code: str
) -> bool:
    """Say whether a clause begins anew: "and bowls cost 7", not "and closes at 7"."""
    words = fold(piece).split()
    if not one.own or words[0] in words_of(code, "pronouns"):
        return False
    common = _function_words(code)
    if one.names or words[0] in common or words[0][0].isdigit() or one.own & before.own:
        return True
    has_figures = not all(map(is_state, one.values))
    if between.strip() in {",", ";"} or (not has_figures and _has_rival_states(one, before)):
        return True
    if one.denies:
        return len(one.own) <= _LEAST_LISTED
    told = _until_value(piece, one)
    return told != piece and _last_word(told) not in {*common, ""}  # "bowls 7"


def _has_rival_states(one: Segment, before: Segment) -> bool:
    states = {unit for value in one.values if is_state(value) for unit in value.units()}
    return any(is_state(value) and not states.isdisjoint(value.units()) for value in before.values)


def _shared(before: str, piece: str, first: Segment, second: Segment, code: str) -> frozenset[str]:
    """Return the words of the clause before that an elliptic one leaves out.

    All before the figure of "We charge 9 for cups and 14 for bowls"; of "Cups cost 9 and bowls 14"
    the last one that is no name.
    """
    told = segment(_until_value(before, first), code)
    own = _until_value(piece, second)
    if not segment(own, code).own:
        return told.own
    words = [
        word
        for word in Wording.of(_until_value(before, first), tongue(code)).telling
        if word not in told.names
    ]
    is_elliptic = own != piece and _last_word(own) not in _function_words(code)
    return frozenset(words[-1:]) if is_elliptic and len(words) >= _LEAST_LISTED else frozenset()


def _until_value(piece: str, one: Segment) -> str:
    """Return what stands before the first figure, or opposite, of a piece."""
    if found := figures(piece):
        return piece[: found[0].start]
    states = [value.written for value in one.values if is_state(value)]
    places = [at for word in states if (at := piece.lower().find(word.split()[0])) >= 0]
    return piece[: min(places)] if places else piece


def _last_word(text: str) -> str:
    return (fold(text).split() or [""])[-1]


@cache
def _function_words(code: str) -> frozenset[str]:
    """Return the words that carry no content, and those that stand before what a figure is of."""
    packs = [pack for one, pack in all_packs().items() if code in {"", one}]
    before = {
        word for one in packs for text in one.follow_ups.before for word in fold(text).split()
    }
    return tongue(code).common | before


@cache
def _cut(code: str) -> re.Pattern[str]:
    """Return what stands between clauses: a sign, or a word that joins them."""
    read = [words for one, words in all_belonging().items() if code in {"", one}]
    joins = "|".join(re.escape(one) for words in read for one in words.joins)
    return re.compile(
        rf"(?<=:)\s+|[,;]\s+(?:(?:{joins})\s)?|[()\n]|(?<!\d)\s-\s|\s-\s(?!\d)|\s(?:{joins})\s",
        re.IGNORECASE,
    )


@cache
def _respectively(code: str) -> Phrases:
    read = [words for one, words in all_belonging().items() if code in {"", one}]
    return Phrases(one for words in read for one in words.respectively)
