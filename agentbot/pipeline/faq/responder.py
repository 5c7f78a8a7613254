"""The responder that answers from the FAQ word for word, offers near questions, or passes."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta

from agentbot.pipeline.decision import (
    Decision,
    Handoff,
    Pass,
    QuickReply,
    Reason,
    Reply,
    TraceStep,
)
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.faq.entries import FaqEntry, normalized
from agentbot.pipeline.faq.following import Following, texts_of
from agentbot.pipeline.faq.outcomes import (
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.known_facts import ROOTS
from agentbot.pipeline.languages.customers import customers_language
from agentbot.pipeline.languages.following import follow_ups, language_among
from agentbot.pipeline.languages.pack import CODES, load_pack
from agentbot.pipeline.own_messages import FAQ_ACTION, NONE_OF_THESE, offered_in
from agentbot.pipeline.turn import Author, Turn

_MAX_BUTTON = 80
"""Characters of a question on a button, as for those of rules.yaml."""
_MAX_LINE = 200
"""Characters of a customer's own question that is repeated to them: enough to know it again."""
SUGGESTED = "faq_suggested"
"""The key under which it is remembered that a conversation was asked back."""
NOT_AGAIN = timedelta(minutes=5)
"""The time in which a customer is not asked back again: whoever was not helped by the buttons wants
another answer, not other buttons."""


class FaqResponder:
    """The responder that answers where the FAQ is sure, asks back where it is not, or passes."""

    def __init__(
        self,
        matcher: CachedMatcher,
        *,
        did_you_mean: Template,
        none_of_these: str | None,
        passed_on: Template,
        sources: FactSources,
        suggestions: int = 3,
        entries: Sequence[FaqEntry] = (),
    ) -> None:
        """``suggestions``: how many questions are offered at most. ``none_of_these``: the text of
        a last button; None: there is none. ``passed_on`` stands before the questions of a message
        that are left to people while another one is answered. ``entries`` are the matcher's.
        """
        self.name = "faq"
        self._matcher = matcher
        self._following = Following(matcher, entries)
        self._did_you_mean = did_you_mean
        self._none_of_these = none_of_these
        self._passed_on = passed_on
        self._sources = sources
        self._suggestions = suggestions

    def get_ready(self) -> None:
        """Read what the entries are about."""
        self._following.get_ready()

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """Answer, offer the nearest questions as a list and as quick replies, or pass."""
        waiting = [text for text in texts_of(turn) if not self._matcher.is_ready(text)]
        return self._respond_later(turn, waiting) if waiting else self._decide(turn)

    async def _respond_later(self, turn: Turn, texts: Sequence[str]) -> Decision | Pass:
        for text in texts:
            await self._matcher.prepare(text)
        return self._decide(turn)

    def _decide(self, turn: Turn) -> Decision | Pass:
        outcome = self._following.outcome(turn)
        said = _said(outcome)
        if isinstance(outcome, FaqAnswer):
            entry = outcome.entry
            text = _full_answer(entry, _language(turn, entry))
            return Reply(reason=Reason("faq", said), text=text, by="faq", source=entry.id)
        if isinstance(outcome, FaqAnswers):
            return self._answers(outcome, turn, said)
        if isinstance(outcome, FaqAbstention):
            return Pass(Reason("faq_abstains", said))
        return self._offer(outcome, turn, said)

    def _offer(self, outcome: FaqSuggestions, turn: Turn, said: str) -> Decision | Pass:
        """Offer the nearest questions, or pass where they cannot be shown, or just were."""
        offered = tuple(
            QuickReply(entry.question, f"{FAQ_ACTION}{entry.id}")
            for entry in outcome.entries[: self._suggestions]
            if len(entry.question) <= _MAX_BUTTON
        )
        if not offered:
            return Pass(Reason("faq_abstains", f"{said}; their questions do not fit on buttons"))
        asked = turn.memory.fired.get(SUGGESTED)
        if asked is not None and turn.now - asked < NOT_AGAIN:
            return Pass(Reason("faq_asked_before", f"{said}; not asked back twice in a row"))
        if _is_offered_again(offered, turn):
            return Pass(Reason("faq_asked_before", f"{said}; these were offered already"))
        try:
            lead = self._did_you_mean.render(Facts(turn, self._sources))
        except TemplateProblem as error:
            return Pass(Reason("faq_failed", f"did_you_mean: {error.problem}"))
        # In the text too: buttons vanish when the customer types on, and people's view has none.
        text = "\n".join([f"{lead}\n", *(f"- {one.text}" for one in offered)])
        if self._none_of_these is not None:
            offered = (*offered, QuickReply(self._none_of_these, NONE_OF_THESE))
        return Reply(
            reason=Reason("faq_unsure", said),
            text=text,
            by="faq",
            quick_replies=offered,
            fires=(SUGGESTED,),
            gap=True,
            offer=True,
        )

    def _answers(self, outcome: FaqAnswers, turn: Turn, said: str) -> Decision | Pass:
        """Answer several questions at once, and leave to people those that no entry answers."""
        language = _language(turn, *outcome.entries)
        if outcome.unanswered and language not in CODES:
            language = ""  # there are no words in it for what is passed on
        texts = [_full_answer(entry, language) for entry in outcome.entries]
        source = ", ".join(entry.id for entry in outcome.entries)
        if not outcome.unanswered:
            return Reply(
                reason=Reason("faq", said), text="\n\n".join(texts), by="faq", source=source
            )
        left = " ".join(outcome.unanswered)
        passed_on = self._passed_on
        if language in CODES:
            passed_on = Template(load_pack(language).texts.passed_on, ROOTS)
        try:
            lead = passed_on.render(Facts(turn, self._sources))
        except TemplateProblem as error:
            return Pass(Reason("faq_failed", f"passed_on: {error.problem}"))
        texts.append("\n".join([f"{lead}\n", *(f"- {_line(one)}" for one in outcome.unanswered)]))
        return Handoff(
            reason=Reason("faq_in_part", f"the FAQ answers one part; nothing answers: {left}"),
            text="\n\n".join(texts),
            by="faq",
            source=source,
            gap=True,
        )

    def explain(self, turn: Turn) -> tuple[TraceStep, ...]:
        """Say in one step what the FAQ makes of it."""
        outcome = self._following.outcome(turn)
        names = {
            FaqAnswer: "answers",
            FaqAnswers: "answers",
            FaqSuggestions: "suggests",
            FaqAbstention: "abstains",
        }
        return (TraceStep("faq", names[type(outcome)], Reason("faq", _said(outcome))),)


def _is_offered_again(offered: Sequence[QuickReply], turn: Turn) -> bool:
    """Say whether nothing is offered but what was offered in this conversation already.

    Whoever did not take it then wants something else.
    """
    before = {
        one.action
        for message in turn.so_far
        if message.author is Author.BOT
        for one in offered_in(message)
    }
    return {one.action for one in offered} <= before


def _said(outcome: FaqOutcome) -> str:
    """Say how sure the FAQ is, and of which entry."""
    return f"{outcome.reason} (nearest: {outcome.best or 'none'})"


def _line(question: str) -> str:
    """Return a customer's question as one line of a list, cut where it is long.

    The "And" that joined it to one that is answered has nothing to join it to any more.
    """
    line = " ".join(question.split())[: 2 * _MAX_LINE]
    line = follow_ups(language_among([line], "en")).without_lead(line)
    return line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]} \u2026"


def _language(turn: Turn, *entries: FaqEntry) -> str:
    """Return the language that all the entries are answered in; "" where it is the FAQ's own."""
    if not all(entry.answers for entry in entries):
        return ""
    # A click sends the question as it stands: its words are the operator's.
    asked = normalized(turn.text)
    is_theirs = all(asked != normalized(entry.question) for entry in entries)
    code = customers_language(turn, is_theirs=is_theirs) or ""
    return code if all(code in entry.answers for entry in entries) else ""


def _full_answer(entry: FaqEntry, language: str) -> str:
    """Return the answer as it stands, with those of its links that it does not name itself."""
    answer = entry.answers.get(language, entry.answer)
    missing = [link for link in entry.links if link not in answer]
    return "\n\n".join([answer, *missing])
