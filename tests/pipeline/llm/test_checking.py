"""A draft is checked with all that it may rest on, and nothing of another's."""

from __future__ import annotations

from dataclasses import replace

from agentbot.pipeline.checks.checker import Checker
from agentbot.pipeline.checks.draft import Code, Finding
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.llm.checking import draft_of, findings, primary, supporting
from agentbot.pipeline.llm.form import ModelAnswer
from agentbot.pipeline.llm.model import ChatMessage
from agentbot.pipeline.llm.prompt import Shown
from agentbot.pipeline.turn import Author, Turn
from tests.support.model import FakeChecks
from tests.support.turns import message, turn
from tests.support.words import WORDS

SHIPPING = Passage("shipping", "Do you ship to Norway?", "We ship to Norway for 59 kr.")
RETURNS = Passage("returns", "Returns", "Within 30 days.", link="https://shop.example/returns")
SHOWN = Shown((ChatMessage("user", "Hi"),), (SHIPPING, RETURNS), "You are Fern.")
ANSWER = ModelAnswer(meant="", action="answer", sources=(), language="de-AT", text="", ask="")


def facts(asked: Turn) -> Facts:
    """The facts of a turn, of a company that has some."""
    company = {"name": "Fjord & Fern", "return_days": "30", "site": "see www.fern.example/x"}
    return Facts(asked, FactSources(words=WORDS, company=company))


def test_an_answer_rests_on_what_it_names_or_on_all_it_was_given() -> None:
    """A name that was not given is none."""
    known = facts(turn("Hi"))
    named = replace_sources("returns", "invented")
    assert draft_of("x", named, SHOWN, known).sources == (RETURNS,)
    assert draft_of("x", replace_sources("invented"), SHOWN, known).sources == (SHIPPING, RETURNS)


def replace_sources(*ids: str) -> ModelAnswer:
    """The answer with these sources."""
    return ANSWER.model_copy(update={"sources": ids})


def test_the_draft_holds_facts_words_languages_secrets_and_hosts() -> None:
    """The customer's own words apart from what the business says."""
    earlier = (message("Guten Tag"), message("Hello from us", author=Author.PERSON))
    asked = turn("Wo ist meine Bestellung und wann kommt sie?", history=earlier)
    draft = draft_of("x", ANSWER, SHOWN, facts(asked))
    assert "return days: 30" in draft.known
    assert draft.said == ("Guten Tag", "Wo ist meine Bestellung und wann kommt sie?")
    assert (draft.language, draft.customers_language) == ("de", "de")
    assert draft.secrets == ("You are Fern.",)
    assert {"shop.example", "www.fern.example"} <= draft.own_hosts
    assert primary("") == ""


async def test_what_the_checks_find_is_returned() -> None:
    """And they are asked about the words themselves."""
    found = Finding(Code.PROMISE, "We refund you.", "no source promises it")
    checks = FakeChecks(found)
    assert await findings(checks, "We refund you.", ANSWER, SHOWN, facts(turn("x"))) == (found,)
    assert checks.drafts[0].text == "We refund you."


async def test_the_one_passage_that_supports_an_answer_is_found() -> None:
    """Where a model names none; what no single one supports has none."""
    known = facts(turn("Do you ship?"))
    said = "We ship to Norway for 59 kr."
    assert await supporting(Checker(), said, ANSWER, SHOWN, known) == (SHIPPING,)
    empty = replace(SHOWN, passages=())
    assert await supporting(Checker(), said, ANSWER, empty, known) == ()
    assert await supporting(FakeChecks(), said, ANSWER, SHOWN, known) == ()
