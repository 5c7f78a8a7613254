"""What the FAQ makes of a message that goes on from what was said before it.

A wrong answer is worse than none. What is found with the topic counts only where the entry has to
do with that topic and with what the customer added, and what is found for the bare words alone
("how much?") only where both agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.keywords import Keywords, telling
from agentbot.pipeline.faq.outcomes import (
    ENOUGH_TO_OFFER,
    OFFERED,
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
    percent,
)
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.turn import FollowUp, FollowUpKind, Turn
from agentbot.pipeline.words import fold

_VERBATIM = 1.0
"""The score (0 to 1) of a question in the FAQ's own words: whoever writes one means it."""
_ENOUGH = 0.85
"""The probability (0 to 1) that both looks together must give an entry, for it to be the answer."""
_BEFOREHAND = 0.15
"""The probability (0 to 1) of an entry before anything is looked for, by which both looks are put
together. It is set high, as if there were seven entries, since both see some of the same words."""
_MOST = 0.999
"""The probability (0 to 1) that a look is taken to give at most, and one less it at least."""
_ASKS_SO = 0.6
"""The share (0 to 1) of a question's words that a wording must have to ask the same of its topic:
"how long does that usually take" and "How long does a refund take?"."""


def texts_of(turn: Turn) -> tuple[str, ...]:
    """Return the texts that are looked up for a turn: one, or two where it goes on from another.

    Where several of its sentences go on, two for each.
    """
    meant = turn.meant
    if meant is None:
        return (turn.text,)
    texts = [meant.standing] if meant.standing else []
    for one in meant.follow_ups:
        texts += [one.question] if meant.standing else [one.bare, one.question]
    return tuple(texts)


class Following:
    """The FAQ's outcomes in a conversation."""

    def __init__(self, matcher: CachedMatcher, entries: Sequence[FaqEntry]) -> None:
        """``entries`` are those of the matcher."""
        self._matcher = matcher
        self._keywords = Keywords(entries)
        self._entries = {entry.id: entry for entry in entries}

    def outcome(self, turn: Turn) -> FaqOutcome:
        """Return what a turn gets; it looks up :func:`texts_of`."""
        meant = turn.meant
        if meant is None:
            return self._matcher.match(turn.text)
        if not meant.follow_ups:
            return FaqAbstention((), 0.0, "none of the questions that were offered is meant")
        found: list[tuple[str, FaqOutcome]] = []
        if meant.standing:
            found.append((meant.standing, self._matcher.match(meant.standing)))
        for one in meant.follow_ups:
            with_topic = self._fitting(self._matcher.match(one.question), one, meant.source)
            if not meant.standing:
                bare = self._matcher.match(one.bare)
                with_topic = self._one(bare, with_topic, one, meant.source)
            found.append((one.written, with_topic))
        return _joined(found)

    def _one(
        self, bare: FaqOutcome, with_topic: FaqOutcome, asked: FollowUp, source: str
    ) -> FaqOutcome:
        """Return what a message gets that is one follow-up, by its bare words and with the topic.

        ``with_topic`` is an answer only where it fits.
        """
        is_verbatim = _answers(bare) and bare.score >= _VERBATIM
        if is_verbatim or (asked.kind is FollowUpKind.PRONOUN and _answers(bare)):
            return bare  # it says itself what it asks
        if _answers(with_topic):
            return with_topic
        if asked.kind is FollowUpKind.ASPECT:
            return self._together(bare, with_topic, asked, source)
        if asked.kind is FollowUpKind.FRAGMENT and not _answers(bare):
            named = self._naming(asked.bare, source)
            if named is not None:
                return FaqAnswer(named, with_topic.score, "the answer that was given names it")
        return bare if _answers(bare) else _offers((with_topic, bare))

    def _together(
        self, bare: FaqOutcome, with_topic: FaqOutcome, asked: FollowUp, source: str
    ) -> FaqOutcome:
        """Return the entry that both looks are for, by how sure both together are of it."""
        shares = {one.id: one.prob for one in with_topic.nearest}
        odds = {
            one.id: _odds(one.prob) + _odds(shares[one.id]) - _odds(_BEFOREHAND)
            for one in bare.nearest
            if one.id in shares and one.id in self._entries and self._fits(one.id, asked, source)
        }
        best = max(odds, key=lambda id_: odds[id_], default="")
        score = 1 / (1 + math.exp(-odds[best])) if best else 0.0
        said = f"{percent(score)} sure by its words and its topic together"
        if best and score >= _ENOUGH:
            return FaqAnswer(self._entries[best], score, said)
        if score >= ENOUGH_TO_OFFER:
            return FaqSuggestions((self._entries[best],), score, said)
        near = tuple(entry for entry in _offered(with_topic) if self._fits(entry.id, asked, source))
        if near:
            return FaqSuggestions(near, with_topic.score, with_topic.reason)
        return FaqAbstention(with_topic.nearest, score, f"{said}: nothing fits its topic")

    def _fitting(self, outcome: FaqOutcome, asked: FollowUp, source: str) -> FaqOutcome:
        """Return an outcome whose answers fit the topic and what was added; else no answer."""
        if not _answers(outcome) or all(
            self._fits(one.id, asked, source) for one in _offered(outcome)
        ):
            return outcome
        entries = tuple(_offered(outcome))[:OFFERED]
        reason = f"{outcome.reason}, but it does not fit the topic"
        return FaqSuggestions(entries, outcome.score, reason, outcome.nearest)

    def _fits(self, entry: str, asked: FollowUp, source: str) -> bool:
        """Say whether an entry has to do with what is spoken of, and with what was added."""
        said_before = _ids(source)
        is_of_topic = self._keywords.is_about(asked.topic, entry) or any(
            self._keywords.are_akin(one, entry) for one in said_before
        )
        if not is_of_topic or self._keywords.is_of_another(asked.bare, entry):
            return False
        if entry in said_before and asked.kind is FollowUpKind.ASPECT:
            # It has been said: it answers again only where it is about what is asked of it.
            return self._asks_so(asked.bare, entry)
        return True

    def _asks_so(self, text: str, entry: str) -> bool:
        """Say whether an entry is asked so in one of its wordings, or names it in its answer."""
        known = self._entries.get(entry)
        if known is None:
            return False
        if self._naming(text, entry) is not None:
            return True
        asked = set(fold(text).split())
        enough = _ASKS_SO * len(asked)
        return any(len(asked & set(fold(one).split())) >= enough for one in known.wordings)

    def _naming(self, text: str, source: str) -> FaqEntry | None:
        """Return the entry of these whose answer has all the telling words of a text, if any."""
        told = telling(text)
        known = (self._entries[one] for one in _ids(source) if one in self._entries)
        return next((one for one in known if told and told <= telling(one.answer)), None)


def _joined(found: Sequence[tuple[str, FaqOutcome]]) -> FaqOutcome:
    """Return what a message gets by what each of its parts gets, given with its words.

    Where one of them is answered, those that are not are named.
    """
    answering = [outcome for _, outcome in found if _answers(outcome)]
    if not answering:
        return found[0][1]
    first = answering[0]
    entries = {entry.id: entry for one in answering for entry in _offered(one)}
    left = dict.fromkeys(text for part, outcome in found for text in _unanswered(outcome, part))
    if len(entries) + len(left) < 2:
        return first
    return FaqAnswers(
        tuple(entries.values()), tuple(left), first.score, first.reason, first.best or ""
    )


def _unanswered(outcome: FaqOutcome, text: str) -> tuple[str, ...]:
    if isinstance(outcome, FaqAnswers):
        return outcome.unanswered
    return () if isinstance(outcome, FaqAnswer) else (text,)


def _offers(found: Iterable[FaqOutcome]) -> FaqOutcome:
    """Return the first outcome that has something to offer; else the first."""
    outcomes = tuple(found)
    offers = (one for one in outcomes if isinstance(one, FaqSuggestions))
    return next(offers, outcomes[0])


def _answers(outcome: FaqOutcome) -> bool:
    return isinstance(outcome, FaqAnswer | FaqAnswers)


def _offered(outcome: FaqOutcome) -> tuple[FaqEntry, ...]:
    """Return the entries that an outcome answers with, or offers."""
    if isinstance(outcome, FaqAnswer):
        return (outcome.entry,)
    return () if isinstance(outcome, FaqAbstention) else outcome.entries


def _ids(source: str) -> tuple[str, ...]:
    """Return the ids of a mark's source, which may be several: "returns, visit"."""
    return tuple(one.strip() for one in source.split(",") if one.strip())


def _odds(share: float) -> float:
    """Return log(p / (1 - p)) of a probability, finite for 0 and 1 too."""
    share = min(max(share, 1 - _MOST), _MOST)
    return math.log(share / (1 - share))
