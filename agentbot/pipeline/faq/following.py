"""What the FAQ makes of a message that goes on from what was said before it.

A wrong answer is worse than none. What is found with the topic counts only where the entry has to
do with that topic and with what the customer added, and what is found for the bare words alone
("how much?") only where both agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agentbot.pipeline.faq.entries import FaqEntry
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
from agentbot.pipeline.faq.questions.conditions import unspoken
from agentbot.pipeline.faq.questions.keywords import Keywords, telling
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.turn import FollowUp, FollowUpKind, Turn
from agentbot.pipeline.words import fold

_VERBATIM = 1.0
"""The score (0 to 1) of a question in the FAQ's own words: whoever writes one means it."""
_ENOUGH = 0.75
"""The probability (0 to 1) that both looks together must give an entry, for it to be the answer."""
_BEFOREHAND = 0.15
"""The probability (0 to 1) of an entry before anything is looked for, by which both looks are put
together. It is set high, as if there were seven entries, since both see some of the same words."""
_MOST = 0.999
"""The probability (0 to 1) that a look is taken to give at most, and one less it at least."""
_ASKED = 0.2
"""The probability (0 to 1) that the bare words must give an entry, for it to be what is asked: what
they have nothing to do with only has the topic."""
_ASKED_ELSEWHERE = 0.3
"""The same for an entry to be offered to whoever writes another language than the FAQ."""
_SAY_WHAT = frozenset({FollowUpKind.PRONOUN, FollowUpKind.FRAGMENT})
"""The kinds that say themselves what they are about: they are looked for as written first."""
_ASKS_SO = 0.6
"""The share (0 to 1) of a question's words that a wording must have to ask the same of its topic:
"how long does that usually take" and "How long does a refund take?"."""


def texts_of(turn: Turn) -> tuple[str, ...]:
    """Return the texts that are looked up for a turn: one, or two where it goes on from another.

    Where several of its sentences go on, two for each; three where an aspect was asked meanwhile.
    """
    meant = turn.meant
    if meant is None:
        return (turn.text,)
    texts = [meant.standing] if meant.standing else []
    for one in meant.follow_ups:
        texts += [one.question] if meant.standing else [one.bare, one.question]
        texts += [one.without_aspect] if one.without_aspect and not meant.standing else []
    return tuple(texts)


@dataclass(frozen=True, slots=True)
class _Before:
    """What was answered last (``said``), or offered, by the ids of rules and entries."""

    said: tuple[str, ...]
    offered: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """What was spoken of."""
        return self.said or self.offered


class Following:
    """The FAQ's outcomes in a conversation."""

    def __init__(self, matcher: CachedMatcher, entries: Sequence[FaqEntry]) -> None:
        """``entries`` are those of the matcher."""
        self._matcher = matcher
        self._entries = {entry.id: entry for entry in entries}

    def get_ready(self) -> None:
        """Read what the entries are about: a tenth of a second for some thousands of them."""
        self._keywords  # noqa: B018 - it is kept

    @cached_property
    def _keywords(self) -> Keywords:
        return Keywords(tuple(self._entries.values()))

    def outcome(self, turn: Turn) -> FaqOutcome:
        """Return what a turn gets; it looks up :func:`texts_of`."""
        found = self._found(turn)
        if isinstance(found, FaqAnswer) and (left := unspoken(turn.question, found.entry)):
            why = f"{found.reason}, but the answer says nothing of {left!r}"
            return FaqSuggestions((found.entry,), found.score, why, found.nearest)
        return found

    def _found(self, turn: Turn) -> FaqOutcome:
        meant = turn.meant
        if meant is None:
            return self._matcher.match(turn.text)
        if not meant.follow_ups:
            return FaqAbstention((), 0.0, "none of the questions that were offered is meant")
        before = _Before(_ids(meant.source), meant.offered)
        if not meant.standing:
            return _joined([(one.written, self._one(one, before)) for one in meant.follow_ups])
        standing = self._matcher.match(meant.standing)
        found = [(meant.standing, standing)]
        for one in meant.follow_ups:
            with_topic = self._matcher.match(one.question)
            now = _Before(tuple(entry.id for entry in _offered(standing)))
            is_fit = all(self._is_of_topic(each.id, one, now) for each in _offered(with_topic))
            found.append((one.written, with_topic if is_fit else _unfit(with_topic)))
        return _joined(found)

    def _one(self, asked: FollowUp, before: _Before) -> FaqOutcome:
        """Return what a follow-up gets, by its bare words and with the topic."""
        bare = self._matcher.match(asked.bare)
        with_topic = self._matcher.match(asked.question)
        # Of what nothing has answered, a price of something else is no answer either.
        is_known = bool(before.ids) or asked.kind is not FollowUpKind.ASPECT
        is_verbatim = _answers(bare) and bare.score >= _VERBATIM and is_known
        if is_verbatim or (asked.kind in _SAY_WHAT and _answers(bare)):
            return bare
        if not all(self._fits(one.id, asked, before, bare) for one in _offered(with_topic)):
            with_topic = _unfit(with_topic)
        if _answers(with_topic):
            return with_topic
        if asked.kind is FollowUpKind.ASPECT:
            repeated = next((one for one in before.said if self._is_asked_so(asked.bare, one)), "")
            if repeated:
                return FaqAnswer(self._entries[repeated], with_topic.score, "it was asked so again")
            return self._together(asked, before, bare, with_topic)
        again: FaqOutcome | None = None
        if asked.kind is FollowUpKind.SUPPLEMENT:
            again = self._again(asked, before, with_topic)
        if again is None and asked.kind is not FollowUpKind.PRONOUN:
            again = self._naming(asked.bare, before.ids)
        return again or self._offers(asked, before, bare, with_topic)

    def _again(self, asked: FollowUp, before: _Before, with_topic: FaqOutcome) -> FaqOutcome | None:
        """Return the same answer again, where what is put beside the topic is known for it.

        "How much is shipping?", "and to Switzerland?": the FAQ speaks of it elsewhere.
        """
        best, shares = with_topic.best, {one.id: one.prob for one in with_topic.nearest}
        left = self._keywords.left_by(asked.bare, best or "", with_akin=True)
        is_known = telling(asked.bare) and not left
        if best not in before.said or not is_known or not self._is_of_topic(best, asked, before):
            return None
        share = shares.get(best, 0.0)
        is_near = share >= ENOUGH_TO_OFFER and best in self._entries
        return FaqAnswer(self._entries[best], share, "it was answered so") if is_near else None

    def _together(
        self, asked: FollowUp, before: _Before, bare: FaqOutcome, with_topic: FaqOutcome
    ) -> FaqOutcome:
        """Return the entry that both looks are for, by how sure both together are of it."""
        shares = {one.id: one.prob for one in with_topic.nearest}
        odds = {
            one.id: _odds(one.prob) + _odds(shares[one.id]) - _odds(_BEFOREHAND)
            for one in bare.nearest
            if one.id in shares and self._fits(one.id, asked, before, bare)
        }
        best = max(odds, key=lambda id_: odds[id_], default="")
        score = 1 / (1 + math.exp(-odds[best])) if best else 0.0
        why = f"{percent(score)} sure by its words and its topic together"
        if best and score >= _ENOUGH and self._is_close(best, asked, before):
            return FaqAnswer(self._entries[best], score, why)
        if score >= ENOUGH_TO_OFFER:
            return FaqSuggestions((self._entries[best],), score, why)
        if self._is_foreign(asked, before):  # the topic's words are of no help, but it is known
            fitting = [
                one
                for one in bare.nearest
                if one.prob >= _ASKED_ELSEWHERE and self._fits(one.id, asked, before, bare)
            ]
            if fitting and fitting[0].id not in before.said:
                near = self._entries[fitting[0].id]
                return FaqSuggestions(
                    (near,), fitting[0].prob, "its words and an answer akin to it"
                )
        return self._offers(asked, before, bare, with_topic)

    def _offers(
        self, asked: FollowUp, before: _Before, bare: FaqOutcome, with_topic: FaqOutcome
    ) -> FaqOutcome:
        """Return what is near enough to be offered: nothing that has just been said."""
        # Where the nearest one has just been said, those behind it are not meant either.
        looks = (bare,) if with_topic.best in before.said else (with_topic, bare)
        if asked.without_aspect:  # the topic itself first: the aspect may have no answer for it
            looks = (self._matcher.match(asked.without_aspect), *looks)
        near = {
            entry.id: entry
            for outcome in looks
            if not isinstance(outcome, FaqAbstention)
            for entry in _offered(outcome)
            if entry.id not in before.said and self._may_be_offered(entry.id, asked, before, bare)
        }
        if not near:
            reason = f"nothing near fits its topic ({with_topic.reason})"
            return FaqAbstention(with_topic.nearest, with_topic.score, reason)
        return FaqSuggestions(tuple(near.values())[:OFFERED], with_topic.score, with_topic.reason)

    def _may_be_offered(
        self, entry: str, asked: FollowUp, before: _Before, bare: FaqOutcome
    ) -> bool:
        if asked.kind is FollowUpKind.ASPECT:
            return self._fits(entry, asked, before, bare)
        if asked.kind is FollowUpKind.PRONOUN:
            return self._keywords.is_about(asked.bare, entry) or entry == bare.best
        return True

    def _fits(self, entry: str, asked: FollowUp, before: _Before, bare: FaqOutcome) -> bool:
        """Say whether an entry has to do with what is spoken of, and with what is asked of it.

        What only has the topic answers nothing that is asked of it: "Do you ship to Norway?",
        "how heavy may it be?".
        """
        if entry not in self._entries or not self._is_of_topic(entry, asked, before):
            return False
        match asked.kind:
            case FollowUpKind.ASPECT:
                shares = {one.id: one.prob for one in bare.nearest}
                is_asked = entry not in before.said and shares.get(entry, 0.0) >= _ASKED
                return is_asked or self._is_asked_so(asked.bare, entry)
            case FollowUpKind.PRONOUN:
                # It says itself what it asks: the topic must not answer for it.
                is_new = not telling(asked.bare) <= telling(asked.topic)
                is_nearest = bare.best == entry
                return is_new and is_nearest and self._keywords.has_often(asked.bare, entry)
            case _:
                return self._takes_in(entry, asked)

    def _takes_in(self, entry: str, asked: FollowUp) -> bool:
        """Say whether an entry goes with what was added: with all that the FAQ knows of it.

        "Do you ship to Norway?", "and customs?" is about customs. What is put beside the topic, and
        in the place of nothing, it must know: "with which carrier?".
        """
        is_beside = asked.kind is FollowUpKind.SUPPLEMENT
        left = self._keywords.left_by(asked.bare, entry, with_akin=is_beside)
        left -= telling(self._entries[entry].answer)
        if not asked.adds:
            left = self._keywords.known(left)
        return not left

    def _is_of_topic(self, entry: str, asked: FollowUp, before: _Before) -> bool:
        """Say whether an entry has to do with what is spoken of, and not with something else."""
        is_near = self._keywords.is_about(asked.topic, entry) or any(
            self._keywords.are_akin(one, entry) for one in before.ids
        )
        return is_near and not self._keywords.is_of_another(asked.bare, entry)

    def _is_close(self, entry: str, asked: FollowUp, before: _Before) -> bool:
        """Say whether an entry has the words of the topic, and is akin to what was answered.

        A topic in another language has no words of the FAQ's, and a rule's id says nothing.
        """
        known = [one for one in before.ids if one in self._entries]
        if known and not any(self._keywords.are_akin(one, entry) for one in known):
            return False
        return self._is_foreign(asked, before) or self._keywords.is_about(asked.topic, entry)

    def _is_foreign(self, asked: FollowUp, before: _Before) -> bool:
        """Say whether something answers to a topic of which the FAQ has no word."""
        is_answered = any(one in self._entries for one in before.ids)
        return is_answered and not self._keywords.knows(asked.topic)

    def _is_asked_so(self, text: str, entry: str) -> bool:
        """Say whether an entry is asked so in one of its wordings, or names it in its answer.

        Its first word says what is asked: where, when, how.
        """
        if entry not in self._entries:
            return False
        if self._naming(text, (entry,)) is not None:
            return True
        said = fold(text).split()
        wordings = [fold(one).split() for one in self._entries[entry].wordings]
        if len(said) == 1:  # "when?"
            return any(words[:1] == said for words in wordings)
        asked = set(said)
        return any(
            said[0] in words and len(asked & set(words)) >= _ASKS_SO * len(asked)
            for words in wordings
        )

    def _naming(self, text: str, ids: Sequence[str]) -> FaqAnswer | None:
        """Return the one of these entries whose answer has all the telling words of a text."""
        told = telling(text)
        known = (self._entries[one] for one in ids if one in self._entries)
        named = next((one for one in known if told and told <= telling(one.answer)), None)
        return None if named is None else FaqAnswer(named, _VERBATIM, "its answer names it")


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


def _unfit(outcome: FaqOutcome) -> FaqOutcome:
    """Return an outcome that answers nothing: what was found does not fit."""
    entries = _offered(outcome)[:OFFERED]
    reason = f"{outcome.reason}, but it does not fit the topic"
    if not _answers(outcome):
        return outcome
    return FaqSuggestions(entries, outcome.score, reason, outcome.nearest)


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
