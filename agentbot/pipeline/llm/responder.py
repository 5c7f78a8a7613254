"""The responder that asks a language model.

It answers from the passages that go with the question, or hands off. What is done and what is said
stand apart: the model's answer names an act, code decides whether it may be done, and whatever the
model wrote is checked before it is said. A handoff is told in the operator's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentbot.errors import LLMError
from agentbot.pipeline.decision import (
    Decision,
    Handoff,
    Pass,
    Reason,
    Reply,
    Silence,
    TraceStep,
)
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.knowledge.passage import Passage, Retriever
from agentbot.pipeline.llm.asking import Asks, OverBudget
from agentbot.pipeline.llm.checking import Checks, findings, supporting
from agentbot.pipeline.llm.form import ModelAnswer
from agentbot.pipeline.llm.masking import Mask
from agentbot.pipeline.llm.prompt import Shown
from agentbot.pipeline.llm.reading import read_answer
from agentbot.pipeline.llm.words import LLMWords
from agentbot.pipeline.turn import Author, Turn

_INSTRUCTIONS = "the instructions that the model has, by their content"
CLARIFIED = "llm_clarify"
"""The key under which it is remembered that a conversation was asked what it means."""
_MAX_CLAIM = 300
"""Characters of a claim that go into the journal: a sentence or two."""
_MOST_TOLD = 5
"""Findings that go into the journal: whoever reads it has seen enough by then."""
_QUESTION_MARKS = frozenset("?\uff1f\u061f\u037e")


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer with all that belongs to it: what was asked, shown and paid."""

    turn: Turn
    facts: Facts
    mask: Mask
    shown: Shown
    cost: dict[str, float]
    trace: tuple[TraceStep, ...]


@dataclass(frozen=True, slots=True)
class _Refused:
    """A text that may not be said: why first of all, and what else speaks against it."""

    reason: Reason
    others: tuple[Reason, ...] = ()

    @property
    def trace(self) -> tuple[TraceStep, ...]:
        return tuple(map(_of_checks, self.others))


class LLMResponder:
    """The responder that asks a language model; what it cannot answer is left to people."""

    def __init__(
        self,
        asker: Asks,
        *,
        words: LLMWords,
        checks: Checks,
        sources: FactSources,
        retriever: Retriever,
        hides: bool = True,
    ) -> None:
        """``hides``: the model sees no personal data."""
        self.name = "llm"
        self._asker = asker
        self._words = words
        self._checks = checks
        self._sources = sources
        self._retriever = retriever
        self._hides = hides

    async def respond(self, turn: Turn) -> Decision | Pass:
        """Return the model's answer, or a handoff with the reason why.

        A pass where the budget is spent: rules and FAQ go on alone.
        """
        facts = Facts(turn, self._sources)
        version = self._asker.prompt_version
        trace: tuple[TraceStep, ...] = (
            _step("prompt", version, "the instructions that the model has"),
        )
        try:
            passages = await self._retriever(turn.question)
            mask = Mask.of(turn, public=_public(passages, facts), is_on=self._hides)
            said = await self._asker.ask(turn, facts, passages, mask)
        except OverBudget as over:
            return Pass(over.reason)
        except LLMError as error:
            return Handoff(
                reason=Reason("llm_failed", str(error)),
                text=self._words.failed(facts),
                failure=error.kind,
                gap=True,
                trace=trace,
            )
        trace += said.trace
        if said.completion.model:
            trace += (_step("model", said.completion.model, "the model that answered"),)
        asked = _Answered(turn, facts, mask, said.shown, said.cost, trace)
        return await self._decide(read_answer(said.completion.text), asked)

    async def _decide(self, answer: ModelAnswer | None, asked: _Answered) -> Decision:
        if answer is None:
            reason = Reason("llm_failed", "empty: the answer holds nothing for the customer")
            text = self._words.failed(asked.facts)
            return Handoff(
                reason=reason,
                text=text,
                failure="empty",
                cost=asked.cost,
                gap=True,
                trace=asked.trace,
            )
        if answer.meant:
            meant = _step("meant", "read", answer.meant)
            asked = replace(asked, trace=(*asked.trace, meant))
        match answer.action:
            case "answer":
                return await self._answer(answer, asked)
            case "clarify":
                return await self._clarify(answer, asked)
            case "stay_silent" if self._words.is_silence_right(asked.facts):
                reason = Reason("llm_silent", "the model says that nothing needs to be said")
                return Silence(reason=reason, cost=asked.cost, trace=asked.trace)
            case "stay_silent":
                reason = Reason("llm_silence", "the model would leave the customer in silence")
            case _:
                reason = Reason("llm_hand_over", "the model hands off")
        return self._hand_off(reason, answer, asked)

    async def _answer(self, answer: ModelAnswer, asked: _Answered) -> Decision:
        checked = await self._check(answer.text, answer, asked)
        if isinstance(checked, _Refused):
            if answer.ask and _may_clarify(answer.ask, asked.turn):
                found = _of_checks(checked.reason), *checked.trace
                asked = replace(asked, trace=(*asked.trace, *found))
                return await self._clarify(answer, asked)
            return self._keep_back(checked, answer, asked)
        named = tuple(one for one in asked.shown.passages if one.id in answer.sources)
        if not named:
            named = await supporting(self._checks, checked, answer, asked.shown, asked.facts)
        ids = tuple(one.id for one in named)
        return Reply(
            reason=Reason("llm", "the model answered"),
            text=self._words.with_links(checked, named, answer.language, asked.facts),
            by="llm",
            source=ids[0] if ids else "",
            sources=ids,
            cost=asked.cost,
            trace=asked.trace,
        )

    async def _clarify(self, answer: ModelAnswer, asked: _Answered) -> Decision:
        """Ask what is meant, once; whoever was asked and is not understood gets a person."""
        question = answer.ask or answer.text
        if not _may_clarify(question, asked.turn):
            reason = Reason("llm_unclear", "the model does not know what is meant")
            return self._hand_off(reason, answer, asked)
        checked = await self._check(question, answer, asked)
        if isinstance(checked, _Refused):
            return self._keep_back(checked, answer, asked)
        return Reply(
            reason=Reason(CLARIFIED, "the model asks what is meant"),
            text=checked,
            by="llm",
            fires=(CLARIFIED,),
            cost=asked.cost,
            trace=asked.trace,
        )

    async def _check(self, text: str, answer: ModelAnswer, asked: _Answered) -> str | _Refused:
        """Return a text as it may be said, or why it may not."""
        shown = asked.mask.show(text)
        if shown is None:
            said = f"personal_data: {text[:_MAX_CLAIM]!r} was not given here"
            return _Refused(Reason("llm_checks", said))
        found = await findings(self._checks, shown, answer, asked.shown, asked.facts)
        if not found:
            return shown
        reasons = [
            Reason("llm_checks", f"{one.code}: {one.claim[:_MAX_CLAIM]!r}: {one.why}")
            for one in found[:_MOST_TOLD]
        ]
        return _Refused(reasons[0], tuple(reasons[1:]))

    def _keep_back(self, refused: _Refused, answer: ModelAnswer, asked: _Answered) -> Handoff:
        """Hand off in place of saying what may not be said."""
        asked = replace(asked, trace=(*asked.trace, *refused.trace))
        return self._hand_off(refused.reason, answer, asked)

    def _hand_off(self, reason: Reason, answer: ModelAnswer, asked: _Answered) -> Handoff:
        return Handoff(
            reason=reason,
            text=self._words.handed_off(answer.language, asked.facts),
            by="llm",
            cost=asked.cost,
            gap=True,
            trace=asked.trace,
        )


def _may_clarify(question: str, turn: Turn) -> bool:
    """Say whether this may be asked: it is a question, and none of the model's is still open."""
    if _QUESTION_MARKS.isdisjoint(question):
        return False
    last = turn.last_said
    was_asked = last is not None and last.author is Author.BOT and _asks(last.text)
    return CLARIFIED not in turn.memory.fired or not was_asked


def _asks(text: str) -> bool:
    return not _QUESTION_MARKS.isdisjoint(text)


def _public(passages: Sequence[Passage], facts: Facts) -> list[str]:
    """Return the business's own texts, whose addresses and numbers are for everybody."""
    own = [str(value) for value in facts["company"].values()]
    return own + [text for one in passages for text in (one.title, one.text, one.link or "")]


def _step(name: str, outcome: str, text: str) -> TraceStep:
    return TraceStep(name, outcome, Reason(name, text))


def _of_checks(reason: Reason) -> TraceStep:
    return TraceStep("checks", "not_said", reason)
