"""The page that is offered where the FAQ does not answer: it may help, and is no answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Collection, Coroutine
from dataclasses import replace

from agentbot.pipeline.decision import Decision, Handoff, Pass, Reason, Reply, Silence, TraceStep
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.faq.questions.keywords import telling
from agentbot.pipeline.faq.responder import NOT_AGAIN, SUGGESTED
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.knowledge.passage import PAGE, Passage
from agentbot.pipeline.knowledge.search import CachedSearch, Found
from agentbot.pipeline.own_messages import Offered, source_of
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.turn import Author, Turn

NEAR = 0.44
"""The score from which on a page is offered: then of a mattress shop's questions 84 % have found
the right one, and of those that it does not answer 4 % come so near; of a voice assistant's to a
bank's FAQ none."""
_CLEARLY = 0.5
"""The score from which on a piece is quoted where its page has no link that could be shown."""
_LONGEST_QUOTE = 500
"""Characters of a piece that is quoted: nobody reads more of what is perhaps not meant."""
OFFERED = "page_offered"
"""The reason's code."""
_OUTCOMES = (Reply, Handoff, Silence, Pass)
_MARKS = re.compile(r"([\[\]\\*_`<>])")


class PagesResponder:
    """The FAQ's responder, and behind it the help pages.

    What the FAQ decides goes first, and it is asked for nothing else. Where it passes, or only
    offers what is farther from the question, the page nearest to the question is offered, the same
    piece once: by its title and link, or by a short piece of it, as a quotation.
    """

    def __init__(
        self,
        faq: Responder | None,
        search: CachedSearch,
        *,
        may_help: Template,
        sources: FactSources,
    ) -> None:
        """``may_help`` stands before the page; ``faq`` of None: there is no FAQ."""
        self.name = "faq"
        self._faq = faq
        self._search = search
        self._may_help = may_help
        self._sources = sources

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """Return what the FAQ answers; where it does not, offer a page, or what it offers."""
        answer = self._ask(turn)
        if not isinstance(answer, _OUTCOMES):
            return self._respond_later(turn, answer)
        if (left := _unanswered(answer)) is None:
            return answer
        if self._search.is_ready(turn.question):
            return self._offer(turn, left)
        return self._offer_later(turn, left)

    async def _respond_later(
        self, turn: Turn, waiting: Awaitable[Decision | Pass]
    ) -> Decision | Pass:
        answer = await waiting
        left = _unanswered(answer)
        return answer if left is None else await self._offer_later(turn, left)

    async def _offer_later(self, turn: Turn, answer: Pass | Reply) -> Decision | Pass:
        if not self._search.is_ready(turn.question):
            await self._search.prepare(turn.question)
        return self._offer(turn, answer)

    def _ask(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        if self._faq is None:
            return Pass(Reason("no_faq", "there is no FAQ"))
        return self._faq.respond(turn)

    def _offer(self, turn: Turn, answer: Pass | Reply) -> Decision | Pass:
        """Offer the page before what the FAQ offers, or in the place of what is far from it."""
        entries = _entries(answer)
        page, why = self._near(turn, entries)
        lead = ""
        if page is not None:
            try:
                lead = self._may_help.render(Facts(turn, self._sources))
            except TemplateProblem as error:
                page, why = None, f"may_help: {error.problem}"
        why = f"{answer.reason.text}; {why}"
        if page is None:
            return replace(answer, reason=Reason(answer.reason.code, why))
        text = f"{lead} {_offered(page.passage)}".strip()
        found = self._search.find(turn.question)
        if isinstance(answer, Reply) and any(
            one.passage.id in entries and near_enough(one) for one in found
        ):
            return replace(
                answer,
                reason=Reason(answer.reason.code, why),
                text=f"{text}\n\n{answer.text}",
                source=page.passage.id,
            )
        return Reply(
            reason=Reason(OFFERED, why),
            text=text,
            by="faq",
            source=page.passage.id,
            gap=True,
            offer=True,
        )

    def _near(self, turn: Turn, entries: Collection[str]) -> tuple[Found | None, str]:
        """Return the page to offer, or None, and why.

        It must be nearer than the ``entries`` that the FAQ offers, or than all that it knows.
        """
        found = [
            one
            for one in self._search.find(turn.question)
            if not entries or one.passage.id in entries or one.passage.id.startswith(PAGE)
        ]
        if not found:
            return None, "no page is near"
        best = found[0]
        said = f"nearest: {best.passage.id}, {best.score:.2f}"
        if not best.passage.id.startswith(PAGE):
            return None, f"no page is nearer than the FAQ ({said})"
        if not near_enough(best):
            return None, f"no page is near enough to be offered ({said})"
        if (against := _against(best, turn)) is not None:
            return None, f"{against} ({said})"
        return best, f"the page may help ({said})"

    def explain(self, turn: Turn) -> tuple[TraceStep, ...]:
        """Say in one step what the FAQ makes of it, and in one what the pages do."""
        steps: tuple[TraceStep, ...] = getattr(self._faq, "explain", lambda _: ())(turn)
        answer = self._ask(turn)
        if isinstance(answer, Coroutine):
            answer.close()
        left = _unanswered(answer) if isinstance(answer, _OUTCOMES) else None
        if left is None:
            return steps
        found, why = self._near(turn, _entries(left))
        outcome = "passes" if found is None else "offers"
        return (*steps, TraceStep("pages", outcome, Reason("pages", why)))


def _unanswered(answer: Decision | Pass) -> Pass | Reply | None:
    """Return what the FAQ says that is no answer, a pass or an offer; None where it decides."""
    if isinstance(answer, Pass) or (isinstance(answer, Reply) and answer.offer):
        return answer
    return None


def _entries(answer: Pass | Reply) -> frozenset[str]:
    """Return the ids of the entries that the FAQ offers."""
    buttons = answer.quick_replies if isinstance(answer, Reply) else ()
    offered = (Offered(one.text, one.action) for one in buttons)
    return frozenset(one.entry for one in offered if one.entry)


def near_enough(found: Found) -> bool:
    """Say whether a passage is near enough to a question to be offered."""
    return found.score >= NEAR


def _against(best: Found, turn: Turn) -> str | None:
    """Return what speaks against offering a page that is near enough."""
    asked = turn.memory.fired.get(SUGGESTED)
    if asked is not None and turn.now - asked < NOT_AGAIN:
        return "the FAQ has just asked back"
    if _was_shown(best.passage, turn) and not _is_asked_anew(best.passage, turn):
        return "it was shown before"
    if best.passage.link is None and not _is_quoted(best):
        return "the page has no link, and is not quoted"
    return None


def _was_shown(passage: Passage, turn: Turn) -> bool:
    """Say whether the customer was pointed to this very piece: it has not helped, then."""
    return any(passage.id in source_of(one).split(", ") for one in turn.so_far)


def _is_asked_anew(passage: Passage, turn: Turn) -> bool:
    """Say whether a question names something that was not named before, and that a piece has.

    "How do I brew green tea?", "and black tea?": the same table tells both.
    """
    before = telling("\n".join(turn.said(m) for m in turn.so_far if m.author is Author.CUSTOMER))
    new = telling(turn.question) - before
    return bool(new) and new <= telling(f"{passage.title}\n{passage.text}")


def _is_quoted(found: Found) -> bool:
    return found.score >= _CLEARLY and len(found.passage.text) <= _LONGEST_QUOTE


def shown(passage: Passage) -> str:
    """Return a passage's title in markdown, with its link where it has one."""
    title = _MARKS.sub(r"\\\1", passage.title)
    if passage.link is None:
        return f"**{title}**"
    address = passage.link.replace("(", "%28").replace(")", "%29")
    return f"[{title}]({address})"


def _offered(passage: Passage) -> str:
    if passage.link is not None:
        return shown(passage)
    quoted = "\n".join(f"> {line}".rstrip() for line in passage.text.split("\n"))
    return f"{shown(passage)}\n\n{quoted}"
