"""The responder that answers from the FAQ, verbatim; or offers the nearest questions; or passes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from agentbot.pipeline.decision import Decision, Pass, QuickReply, Reason, Reply, Step
from agentbot.pipeline.facts import Facts, World
from agentbot.pipeline.templates import Template, TemplateProblem
from agentbot.pipeline.turn import Turn

_REMEMBERED = 256
_MAX_BUTTON = 80
SUGGESTED = "faq_suggested"
"""The key under which it is remembered that a conversation was asked back."""
NONE_OF_THESE = "faq:none"
"""The action of the button that says so."""
_NOT_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class FaqVerdict:
    """What the FAQ makes of a question.

    ``entry`` is the nearest entry's id, ``score`` how surely it is the right one (0 to 1);
    ``answer`` is its text where it is sure enough; ``nearest`` are the ``(id, question)`` pairs
    to offer, best first, where it is unsure.
    """

    outcome: Literal["answer", "suggest", "abstain"]
    entry: str
    score: float
    reason: str
    answer: str = ""
    nearest: tuple[tuple[str, str], ...] = ()


Match = Callable[[str], FaqVerdict]


class FaqDesk:
    """Asks the FAQ, once a question: rules, responder and texts share what it said.

    ``aside``: a match takes long enough to be done in a thread of its own.
    """

    def __init__(self, match: Match, *, aside: bool = False) -> None:
        self._match = match
        self._aside = aside
        self._said: OrderedDict[str, FaqVerdict] = OrderedDict()

    def is_ready(self, text: str) -> bool:
        """Whether the verdict on ``text`` is at hand, or quickly made."""
        return not self._aside or text in self._said

    async def prepare(self, text: str) -> None:
        """Make the verdict on ``text`` aside."""
        if text not in self._said:
            self._remember(text, await asyncio.to_thread(self._match, text))

    def verdict(self, text: str) -> FaqVerdict:
        """The verdict on ``text``."""
        verdict = self._said.get(text)
        if verdict is None:
            verdict = self._match(text)
            self._remember(text, verdict)
        return verdict

    def nearest(self, text: str) -> tuple[str, float, bool]:
        """The facts of the verdict: entry, score, answered."""
        verdict = self.verdict(text)
        return verdict.entry, verdict.score, verdict.outcome == "answer"

    def _remember(self, text: str, verdict: FaqVerdict) -> None:
        self._said[text] = verdict
        if len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)


class FaqResponder:
    """Answers from the FAQ where it is sure, asks back where it is not, and passes else."""

    def __init__(
        self,
        desk: FaqDesk,
        *,
        did_you_mean: Template,
        none_of_these: str | None,
        world: World,
    ) -> None:
        """``none_of_these`` is the text of a last button; None: there is none."""
        self.name = "faq"
        self._desk = desk
        self._did_you_mean = did_you_mean
        self._none_of_these = none_of_these
        self._world = world

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """The answer, the nearest questions as quick replies, or a pass."""
        if self._desk.is_ready(turn.text):
            return self._decide(turn)
        return self._respond_later(turn)

    async def _respond_later(self, turn: Turn) -> Decision | Pass:
        await self._desk.prepare(turn.text)
        return self._decide(turn)

    def _decide(self, turn: Turn) -> Decision | Pass:
        verdict = self._desk.verdict(turn.text)
        said = f"{verdict.reason} ({verdict.entry}, {verdict.score:.2f})"
        if verdict.outcome == "answer":
            return Reply(
                reason=Reason("faq", said), text=verdict.answer, by="faq", source=verdict.entry
            )
        offered = tuple(
            QuickReply(question, f"faq:{entry}")
            for entry, question in verdict.nearest
            if len(question) <= _MAX_BUTTON
        )
        if verdict.outcome == "abstain" or not offered:
            return Pass(Reason("faq_abstains", said))
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

    def explain(self, turn: Turn) -> tuple[Step, ...]:
        """The verdict in one step."""
        verdict = self._desk.verdict(turn.text)
        said = f"{verdict.reason} ({verdict.entry}, {verdict.score:.2f})"
        return (Step("faq", verdict.outcome, Reason("faq", said)),)
