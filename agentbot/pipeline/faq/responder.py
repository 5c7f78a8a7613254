"""The responder that answers from the FAQ, verbatim; or offers the nearest questions; or passes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from datetime import timedelta
from typing import Protocol

from agentbot.pipeline.decision import Decision, Pass, QuickReply, Reason, Reply, TraceStep
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import FaqAbstention, FaqAnswer, FaqOutcome, FaqSuggestions
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.llm.responder import Passage, Retriever
from agentbot.pipeline.turn import Turn

_REMEMBERED = 256
_MAX_BUTTON = 80
_MAX_KNOWLEDGE = 12_000
SUGGESTED = "faq_suggested"
"""The key under which it is remembered that a conversation was asked back."""
NONE_OF_THESE = "faq:none"
"""The action of the button that says so."""
_NOT_AGAIN = timedelta(minutes=5)


class Matcher(Protocol):
    """What finds the entry for a question: :class:`agentbot.pipeline.faq.matcher.FaqMatcher`."""

    def match(self, text: str) -> FaqOutcome:
        """An answer, suggestions, or an abstention."""


class CachedMatcher:
    """Asks the FAQ, once a question: rules, responder and texts share what it said.

    ``in_thread``: a match takes long enough to be done in a thread of its own.
    """

    def __init__(self, matcher: Matcher, *, in_thread: bool = False) -> None:
        self._matcher = matcher
        self._in_thread = in_thread
        self._said: OrderedDict[str, FaqOutcome] = OrderedDict()

    def is_ready(self, text: str) -> bool:
        """Whether what it says on ``text`` is at hand, or quickly made."""
        return not self._in_thread or text in self._said

    async def prepare(self, text: str) -> None:
        """Ask it about ``text`` in a thread of its own."""
        if text not in self._said:
            self._remember(text, await asyncio.to_thread(self._matcher.match, text))

    def ask(self, text: str) -> FaqOutcome:
        """What the FAQ makes of ``text``."""
        outcome = self._said.get(text)
        if outcome is None:
            outcome = self._matcher.match(text)
            self._remember(text, outcome)
        return outcome

    def nearest(self, text: str) -> tuple[str, float, bool]:
        """The facts of it: the nearest entry, its score, whether the FAQ answers."""
        outcome = self.ask(text)
        return outcome.best or "", outcome.score, isinstance(outcome, FaqAnswer)

    def _remember(self, text: str, outcome: FaqOutcome) -> None:
        self._said[text] = outcome
        if len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)


def retriever_from(entries: tuple[FaqEntry, ...], desk: CachedMatcher | None) -> Retriever:
    """What a model may answer from: entries near the question first, as many as there is room for.

    Without a ``desk`` they come in the order of the files.
    """
    by_id = {entry.id: entry for entry in entries}

    async def recall(text: str) -> list[Passage]:
        if desk and not desk.is_ready(text):
            await desk.prepare(text)
        outcome = desk.ask(text) if desk else None
        first = dict.fromkeys(_near(outcome)) if outcome else {}
        ranked = [*first, *(id_ for id_ in by_id if id_ not in first)]
        pieces: list[Passage] = []
        left = _MAX_KNOWLEDGE
        for entry in (by_id[id_] for id_ in ranked if id_ in by_id):
            left -= len(entry.question) + len(entry.answer)
            if left < 0:
                break
            pieces.append(Passage(entry.id, entry.question, entry.answer))
        return pieces

    return recall


def _near(outcome: FaqOutcome) -> list[str]:
    if isinstance(outcome, FaqAnswer):
        return [outcome.entry.id]
    if isinstance(outcome, FaqSuggestions):
        return [entry.id for entry in outcome.entries]
    return [candidate.id for candidate in outcome.nearest]


class FaqResponder:
    """Answers from the FAQ where it is sure, asks back where it is not, and passes else."""

    def __init__(
        self,
        desk: CachedMatcher,
        *,
        did_you_mean: Template,
        none_of_these: str | None,
        world: FactSources,
        suggestions: int = 3,
    ) -> None:
        """``suggestions``: how many questions are offered at most. ``none_of_these``: the text of
        a last button; None: there is none.
        """
        self.name = "faq"
        self._desk = desk
        self._did_you_mean = did_you_mean
        self._none_of_these = none_of_these
        self._world = world
        self._suggestions = suggestions

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """The answer, the nearest questions as quick replies, or a pass."""
        if self._desk.is_ready(turn.text):
            return self._decide(turn)
        return self._respond_later(turn)

    async def _respond_later(self, turn: Turn) -> Decision | Pass:
        await self._desk.prepare(turn.text)
        return self._decide(turn)

    def _decide(self, turn: Turn) -> Decision | Pass:
        outcome = self._desk.ask(turn.text)
        said = _said(outcome)
        if isinstance(outcome, FaqAnswer):
            entry = outcome.entry
            return Reply(
                reason=Reason("faq", said), text=_full_answer(entry), by="faq", source=entry.id
            )
        if isinstance(outcome, FaqAbstention):
            return Pass(Reason("faq_abstains", said))
        offered = tuple(
            QuickReply(entry.question, f"faq:{entry.id}")
            for entry in outcome.entries[: self._suggestions]
            if len(entry.question) <= _MAX_BUTTON
        )
        if not offered:
            return Pass(Reason("faq_abstains", f"{said}; their questions do not fit on buttons"))
        asked = turn.memory.fired.get(SUGGESTED)
        if asked is not None and turn.now - asked < _NOT_AGAIN:
            return Pass(Reason("faq_asked_before", f"{said}; not asked back twice in a row"))
        try:
            text = self._did_you_mean.render(Facts(turn, self._world))
        except TemplateProblem as error:
            return Pass(Reason("faq_failed", f"did_you_mean: {error.problem}"))
        if self._none_of_these is not None:
            offered = (*offered, QuickReply(self._none_of_these, NONE_OF_THESE))
        return Reply(
            reason=Reason("faq_unsure", said),
            text=text,
            by="faq",
            quick_replies=offered,
            fires=(SUGGESTED,),
        )

    def explain(self, turn: Turn) -> tuple[TraceStep, ...]:
        """What the FAQ makes of it, in one step."""
        outcome = self._desk.ask(turn.text)
        names = {FaqAnswer: "answers", FaqSuggestions: "suggests", FaqAbstention: "abstains"}
        return (TraceStep("faq", names[type(outcome)], Reason("faq", _said(outcome))),)


def _said(outcome: FaqOutcome) -> str:
    return f"{outcome.reason} ({outcome.best or 'nothing near'}, {outcome.score:.2f})"


def _full_answer(entry: FaqEntry) -> str:
    """The answer as it stands, with those of its links that it does not name itself."""
    missing = [link for link in entry.links if link not in entry.answer]
    return "\n\n".join([entry.answer, *missing])
