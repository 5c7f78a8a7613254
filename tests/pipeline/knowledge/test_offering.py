"""Offering: ``offering.py``, ``faq_responder.py``: a page may help where nothing answers."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from inspect import isawaitable
from pathlib import Path

import pytest

from agentbot.pipeline.decision import Decision, Pass, QuickReply, Reason, Reply
from agentbot.pipeline.facts import FactSources
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import FaqAbstention, FaqAnswer, FaqSuggestions
from agentbot.pipeline.faq.responder import SUGGESTED
from agentbot.pipeline.faq_responder import cached_search
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.knowledge.index import PassageIndex
from agentbot.pipeline.knowledge.offering import PagesResponder
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.knowledge.search import CachedSearch, Found
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Author, Memory, Turn
from tests.support.faq import FakeMatcher
from tests.support.folders import folder
from tests.support.turns import message, turn
from tests.support.words import WORDS

LINKED = Passage("page/care#oven", "Care \u203a [Oven]", "No.", "https://shop.example/care(1)")
BARE = Passage("page/care#oven", "Care \u203a Oven", "Up to 180 degrees.\n\nNo more.")
ENTRY = Passage("shipping", "Do you ship?", "Yes.", "https://shop.example/shipping")
PASSED = Pass(Reason("faq_abstains", "8% sure"))


class Says:
    """A FAQ that says what it was given."""

    name = "faq"

    def __init__(self, outcome: Decision | Pass, *, later: bool = False) -> None:
        self._outcome = outcome
        self._later = later

    def respond(self, _: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """Say it, at once or later."""
        return self._wait() if self._later else self._outcome

    async def _wait(self) -> Decision | Pass:
        return self._outcome


class Finds:
    """A search that finds what it was given."""

    def __init__(self, *found: tuple[Passage, float]) -> None:
        self.found = tuple(Found(*one) for one in found)
        self.asked: list[str] = []

    def find(self, text: str) -> tuple[Found, ...]:
        """Find it, whatever is asked."""
        self.asked.append(text)
        return self.found


def pages(
    *found: tuple[Passage, float], faq: Says | None = None, in_thread: bool = False
) -> PagesResponder:
    """Return the responder over what is found; without ``faq`` there is none."""
    return PagesResponder(
        faq,
        CachedSearch(Finds(*found), in_thread=in_thread),
        may_help=Template("This may help:", {}),
        sources=FactSources(WORDS),
    )


async def decide(responder: PagesResponder, asked: Turn) -> Decision | Pass:
    """Return what is decided, whenever."""
    outcome = responder.respond(asked)
    return await outcome if isawaitable(outcome) else outcome


@pytest.mark.parametrize("in_thread", [False, True])
@pytest.mark.parametrize("faq", [None, Says(PASSED), Says(PASSED, later=True)])
async def test_a_near_page_is_offered_by_its_link(faq: Says | None, *, in_thread: bool) -> None:
    """It is no answer: the question counts as a gap, and people who were asked still come."""
    offered = await decide(pages((LINKED, 0.6), faq=faq, in_thread=in_thread), turn("Ovens?"))
    assert isinstance(offered, Reply)
    assert offered.text == (
        "This may help: [Care \u203a \\[Oven\\]](https://shop.example/care%281%29)"
    )
    assert (offered.by, offered.source, offered.gap) == ("faq", LINKED.id, True)
    assert offered.fires == ()
    assert offered.reason.code == "page_offered"


async def test_a_page_without_a_link_is_quoted_where_it_is_plainly_meant() -> None:
    """If it is short; else nothing is offered."""
    offered = await decide(pages((BARE, 0.6)), turn("Ovens?"))
    assert isinstance(offered, Reply)
    assert offered.text == (
        "This may help: **Care \u203a Oven**\n\n> Up to 180 degrees.\n>\n> No more."
    )
    long = replace(BARE, text="x" * 501)
    for found in ((BARE, 0.45), (long, 0.6)):
        assert isinstance(await decide(pages(found), turn("Ovens?")), Pass)


@pytest.mark.parametrize(
    "found", [(), ((LINKED, 0.41),), ((ENTRY, 0.7), (LINKED, 0.6))], ids=["none", "far", "faq"]
)
async def test_what_is_not_near_enough_is_not_offered(
    found: tuple[tuple[Passage, float], ...],
) -> None:
    """Nor is a page where an entry is nearer, with which the FAQ does not dare to answer."""
    passed = await decide(pages(*found, faq=Says(PASSED)), turn("Ovens?"))
    assert isinstance(passed, Pass)
    assert passed.reason.code == "faq_abstains"
    assert passed.reason.text.startswith("8% sure; no page is near")


async def test_what_the_faq_decides_goes_first() -> None:
    """And then nothing is looked for."""
    answer = Reply(reason=Reason("faq", "sure"), text="Yes.", by="faq")
    for later in (False, True):
        search = Finds((LINKED, 0.9))
        responder = PagesResponder(
            Says(answer, later=later),
            CachedSearch(search),
            may_help=Template("x", {}),
            sources=FactSources(WORDS),
        )
        assert await decide(responder, turn("Ship?")) is answer
        assert not search.asked


async def test_a_piece_is_offered_once_and_another_one_still() -> None:
    """Whoever asks on after the same one was not helped by it."""
    mark = {"agentbot": {"v": 1, "in_reply_to": "m0", "by": "faq", "source": LINKED.id}}
    before = message("This may help: …", author=Author.BOT, metadata=mark)
    asked = turn("Ovens?", history=[message("Any ovens?"), before])
    again = await decide(pages((LINKED, 0.6)), asked)
    assert isinstance(again, Pass)
    assert "shown before" in again.reason.text
    other = replace(LINKED, id="page/other")
    assert isinstance(await decide(pages((other, 0.6)), asked), Reply)


@pytest.mark.parametrize(
    ("text", "kind"), [("And bowls?", Reply), ("And for how long?", Pass), ("And lids?", Pass)]
)
async def test_a_piece_is_offered_again_for_something_else_that_it_has(
    text: str, kind: type[Decision | Pass]
) -> None:
    """What was not named before; what it does not have is another matter."""
    mark = {"agentbot": {"v": 1, "in_reply_to": "m0", "by": "faq", "source": LINKED.id}}
    shown = message("This may help: …", author=Author.BOT, metadata=mark)
    asked = turn(text, history=[message("Cups in ovens?"), shown])
    piece = replace(LINKED, text="Cups and bowls may not.")
    assert isinstance(await decide(pages((piece, 0.6)), asked), kind)


UNSURE = Reply(
    reason=Reason("faq_unsure", "45% sure"),
    text="Did you mean this?\n\n- Do you ship?",
    by="faq",
    quick_replies=(QuickReply("Do you ship?", "faq:shipping"), QuickReply("No", "faq:none")),
    gap=True,
    offer=True,
)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (((LINKED, 0.6),), "page"),
        (((LINKED, 0.6), (ENTRY, 0.4)), "page"),
        (((LINKED, 0.6), (ENTRY, 0.5)), "both"),
        (((Passage("other", "O?", "-"), 0.9), (LINKED, 0.6), (ENTRY, 0.5)), "both"),
        (((ENTRY, 0.7), (LINKED, 0.6)), "entries"),
        (((LINKED, 0.4),), "entries"),
        ((), "entries"),
    ],
)
@pytest.mark.parametrize("later", [False, True])
async def test_a_page_is_offered_that_is_nearer_than_what_the_faq_offers(
    found: tuple[tuple[Passage, float], ...], text: str, *, later: bool
) -> None:
    """In its place; before it, where that is near enough, too."""
    page = "This may help: [Care \u203a \\[Oven\\]](https://shop.example/care%281%29)"
    texts = {"page": page, "entries": UNSURE.text, "both": f"{page}\n\n{UNSURE.text}"}
    responder = pages(*found, faq=Says(UNSURE, later=later), in_thread=later)
    offered = await decide(responder, turn("Ovens?"))
    assert isinstance(offered, Reply)
    assert (offered.text, offered.gap, offered.offer) == (texts[text], True, True)
    assert offered.quick_replies == (() if text == "page" else UNSURE.quick_replies)
    assert offered.source == ("" if text == "entries" else LINKED.id)
    assert offered.reason.text.startswith("45% sure; ")


async def test_what_the_faq_answers_needs_no_page() -> None:
    """And nothing is said of pages then."""
    answer = replace(UNSURE, offer=False)
    responder = pages((LINKED, 0.9), faq=Says(answer))
    assert await decide(responder, turn("Ovens?")) == answer
    assert responder.explain(turn("Ovens?")) == ()


async def test_no_page_is_offered_where_the_faq_has_just_asked_back() -> None:
    """Then people answer."""
    asked = turn("Ovens?")
    for minutes, kind in ((4, Pass), (6, Reply)):
        before = Memory(fired={SUGGESTED: asked.now - timedelta(minutes=minutes)})
        again = replace(asked, memory=before)
        assert isinstance(await decide(pages((LINKED, 0.6)), again), kind)


def test_ask_is_told_what_the_pages_do() -> None:
    """Beside what the FAQ says."""
    (step,) = pages((LINKED, 0.6)).explain(turn("Ovens?"))
    assert (step.name, step.outcome) == ("pages", "offers")
    (step,) = pages().explain(turn("Ovens?"))
    assert (step.outcome, step.reason.text) == ("passes", "no page is near")


async def test_a_text_that_cannot_be_said_offers_nothing() -> None:
    """Why stands in the trace."""
    responder = PagesResponder(
        None,
        CachedSearch(Finds((LINKED, 0.6))),
        may_help=Template("{{ customer.metadata.plan }}", {"customer": None}),
        sources=FactSources(WORDS),
    )
    passed = await decide(responder, turn("Ovens?"))
    assert isinstance(passed, Pass)
    assert "may_help" in passed.reason.text


RULES = """
rules:
  - id: near
    when: passage.score > 0.3 && passage.id == "page/care#oven"
    reply: "{{ passage.title }}: {{ passage.link }}"
"""


def pipeline(tmp_path: Path, *, rules: str = "rules: []", texts: str = "language: en") -> Pipeline:
    """Return the pipeline of a folder with one page, found by words."""
    made = folder(tmp_path, rules=rules, texts=texts)
    (made / "pages").mkdir()
    above = "---\nlink: https://shop.example/care\n---\n"
    (made / "pages" / "care.md").write_text(f"{above}## Oven\n\nUp to 180 degrees.", "utf-8")
    prompts = load_prompts(made)
    index = PassageIndex.fit((), prompts.pages[0].passages)
    return build_pipeline(prompts, search=index, match_in_thread=True)


async def test_rules_can_go_by_the_nearest_passage(tmp_path: Path) -> None:
    """In their conditions and their texts."""
    outcome = pipeline(tmp_path, rules=RULES).decide(turn("Up to how many degrees an oven?"))
    decision = await outcome if isawaitable(outcome) else outcome
    assert isinstance(decision, Reply)
    assert decision.text == "Care \u203a Oven: https://shop.example/care"


@pytest.mark.parametrize(("texts", "offers"), [("language: en", True), ("may_help: null", False)])
async def test_a_folder_with_pages_offers_them_unless_told_not_to(
    tmp_path: Path, texts: str, *, offers: bool
) -> None:
    """In the words of its language."""
    outcome = pipeline(tmp_path, texts=texts).decide(turn("Oven up to how many degrees?"))
    decision = await outcome if isawaitable(outcome) else outcome
    assert (decision.reason.code == "page_offered") is offers
    assert (getattr(decision, "text", "") or "").startswith("This page may help: ") is offers


SHIPPING = FaqEntry("shipping", "Do you ship?", "Yes.")


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (FaqAnswer(SHIPPING, 0.9, "sure"), "faq"),
        (FaqSuggestions((SHIPPING,), 0.6, "unsure"), "page_offered"),
        (FaqAbstention((), 0.1, "far"), "page_offered"),
    ],
)
async def test_faq_and_pages_are_one_responder(
    tmp_path: Path, outcome: FaqAnswer | FaqSuggestions | FaqAbstention, code: str
) -> None:
    """It has the FAQ's place in the policy's order."""
    prompts = replace(pipeline(tmp_path).prompts, faq=(SHIPPING,))
    search = Finds((LINKED, 0.9))
    made = build_pipeline(prompts, matcher=FakeMatcher(outcome), search=search)
    decided = made.decide(turn("Ovens?"))
    assert not isawaitable(decided)
    assert decided.reason.code == code


@pytest.mark.parametrize(("passages", "at_once"), [(1, True), (1_001, False)])
def test_many_passages_are_searched_in_a_thread(
    tmp_path: Path, passages: int, *, at_once: bool
) -> None:
    """Though by words alone: the event loop does not wait for it."""
    prompts = pipeline(tmp_path).prompts
    page = replace(prompts.pages[0], passages=prompts.pages[0].passages * passages)
    search = cached_search(Finds(), replace(prompts, pages=(page,)), in_thread=False)
    assert search is not None
    assert search.is_ready("x") is at_once
