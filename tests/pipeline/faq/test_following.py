"""``following.py``: what the FAQ answers, offers or leaves of what goes on from what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from agentbot.pipeline.context.meaning import in_context
from agentbot.pipeline.decision import Reason
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.following import Following, texts_of
from agentbot.pipeline.faq.outcomes import (
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.turn import Meant, Turn
from tests.support.dialogue import after, answer
from tests.support.turns import turn

ABROAD = FaqEntry(
    "abroad",
    "Do you ship abroad?",
    "To Norway and Switzerland.",
    ("ship to Norway", "order from afar", "order a parcel"),
    tags=("s",),
)
COST = FaqEntry(
    "cost", "How much is shipping?", "9 euros.", ("is shipping free", "shipping"), tags=("s",)
)
RETURNS = FaqEntry("returns", "How do I return it?", "With a free label.", ("returns",))
PAY = FaqEntry("pay", "How can I pay?", "By PayPal or Klarna.", ("Do you take PayPal?",))
ENTRIES = (ABROAD, COST, RETURNS, PAY)
SHIP, SHIPPED = "Do you ship to Norway?", answer("abroad")


class Scripted:
    """A matcher that knows some texts, and finds nothing for others."""

    def __init__(self, outcomes: Mapping[str, FaqOutcome]) -> None:
        self.outcomes = outcomes
        self.asked: list[str] = []

    def match(self, text: str) -> FaqOutcome:
        """What the script says."""
        self.asked.append(text)
        return self.outcomes.get(text, FaqAbstention((), 0.0, "far"))


def sure(entry: FaqEntry, score: float = 0.95) -> FaqAnswer:
    """A sure answer."""
    return FaqAnswer(entry, score, "sure", (Candidate(entry.id, entry.question, score),))


def unsure(**shares: float) -> FaqSuggestions:
    """Suggestions, with their probabilities by their entries' ids."""
    near = tuple(Candidate(id_, "?", share) for id_, share in shares.items())
    entries = tuple(one for id_ in shares for one in ENTRIES if one.id == id_)
    return FaqSuggestions(entries, near[0].prob, "unsure", near)


def outcome_of(asked: Turn, outcomes: Mapping[str, FaqOutcome]) -> FaqOutcome:
    """What the FAQ makes of a turn; it looks up what it says that it does, and nothing else."""
    understood, _ = in_context(asked, "en")
    matcher = Scripted(outcomes)
    found = Following(CachedMatcher(matcher), ENTRIES).outcome(understood)
    assert sorted(set(matcher.asked)) == sorted(set(texts_of(understood)))
    return found


def ids(outcome: FaqOutcome) -> tuple[str, list[str]]:
    """The kind of an outcome, and its entries."""
    if isinstance(outcome, FaqAnswer):
        return "answer", [outcome.entry.id]
    if isinstance(outcome, FaqAnswers):
        return "answers", [one.id for one in outcome.entries]
    if isinstance(outcome, FaqSuggestions):
        return "offer", [one.id for one in outcome.entries]
    return "nothing", []


HOW_MUCH = "how much is it?"
OF_SHIPPING = "How much is ship Norway?"


@pytest.mark.parametrize(
    ("bare", "with_topic", "found"),
    [
        (sure(COST), sure(COST), ("answer", ["cost"])),
        # Both together are surer than each; what is of no topic of it is not looked at.
        (sure(COST, 0.9), unsure(cost=0.6), ("answer", ["cost"])),
        (unsure(cost=0.5), unsure(abroad=0.5, cost=0.3), ("offer", ["cost"])),
        (unsure(pay=0.8), unsure(pay=0.8), ("nothing", [])),
        (sure(PAY), unsure(cost=0.6), ("offer", ["cost"])),
        # It has been said, and is not about the price.
        (unsure(pay=0.1), sure(ABROAD), ("nothing", [])),
        (sure(COST, 1.0), sure(ABROAD), ("answer", ["cost"])),
        (unsure(abroad=0.1), unsure(abroad=0.1), ("nothing", [])),
    ],
)
def test_what_is_asked_of_the_topic_is_answered_where_both_looks_agree(
    bare: FaqOutcome, with_topic: FaqOutcome, found: tuple[str, list[str]]
) -> None:
    """And the entry has to do with the topic."""
    asked = after(SHIP, SHIPPED, HOW_MUCH)
    assert ids(outcome_of(asked, {HOW_MUCH: bare, OF_SHIPPING: with_topic})) == found


def test_where_an_aspect_has_no_answer_the_topic_itself_is_offered() -> None:
    """ "Do you ship to Norway?", "how much is that?", "and Sweden?": whether they ship there."""
    asked = after(SHIP, SHIPPED, "how much is that?", answer("cost"), "and Sweden?")
    found = outcome_of(
        asked,
        {
            "How much is ship Sweden?": unsure(cost=0.4),
            "Do you ship to Sweden?": unsure(abroad=0.7),
        },
    )
    assert ids(found) == ("offer", ["abroad"])


def test_a_price_is_of_the_topic_only_where_it_has_its_words() -> None:
    """Or is in another language, and akin to what was answered."""
    looks = {"wie viel?": sure(COST, 0.9)}
    asked = after("Liefert ihr nach Österreich?", SHIPPED, "wie viel?")
    question = "Wie viel liefert Österreich?"
    assert ids(outcome_of(asked, {**looks, question: unsure(cost=0.6)})) == ("answer", ["cost"])
    asked = after("Nehmt ihr PayPal?", answer("pay"), "wie viel?")
    question = "Wie viel nehmt PayPal?"
    assert ids(outcome_of(asked, {**looks, question: unsure(cost=0.6)}))[0] != "answer"


def test_a_price_of_another_thing_is_none_of_shipping() -> None:
    """However sure the bare words are of it."""
    asked = after("Do you sell gift cards?", answer(), "how much are they?")
    of_cards = "How much are sell gift cards?"
    found = outcome_of(asked, {"how much are they?": sure(COST), of_cards: sure(COST)})
    assert not isinstance(found, FaqAnswer)


TO_SWEDEN, TO_MARS = "Do you ship to Sweden?", "Do you ship to Mars?"
COST_TO_NORWAY = "How much is shipping to Norway?"
FOR_TEAPOTS = "How do I return it for teapots?"
TO_RETURNS, ORDER = "Do you ship to returns?", "Can I order ship Norway?"
RETURN_IT, RETURN_SHIP = "can I return it?", "Can I return ship Norway?"
ORDER_IT, SHIP_IT, TO_SHIP = (
    "can I order it?",
    "how do you ship it?",
    "How do you ship ship Norway?",
)
FROM_IT, FROM_SHIP = "is it a parcel?", "Is ship Norway a parcel?"
RETURNED = ("answer", ["returns"])
ASKED = {
    # The answer that was given has it: the label is free.
    "is it free?": ("How do I return it?", answer("returns")),
    # A rule has answered.
    "to Mars?": (SHIP, answer("shipping-norway")),
    "and to Norway?": ("How much is shipping?", answer("cost")),
    "for teapots?": ("How do I return it?", answer("returns")),
    "how do I do that?": ("How do I return it?", answer("returns")),
}


@pytest.mark.parametrize(
    ("text", "outcomes", "found"),
    [
        ("is it free?", {"Is return free?": sure(RETURNS)}, ("answer", ["returns"])),
        ("and to Sweden?", {TO_SWEDEN: sure(ABROAD)}, ("answer", ["abroad"])),
        # What has just been said is not offered.
        ("and to Mars?", {TO_MARS: unsure(abroad=0.7)}, ("nothing", [])),
        ("to Mars?", {TO_MARS: unsure(abroad=0.7)}, ("offer", ["abroad"])),
        ("and to Mars?", {}, ("nothing", [])),
        ("and to Switzerland?", {}, ("answer", ["abroad"])),
        # What another entry is about is not put into this topic.
        ("and returns?", {TO_RETURNS: sure(ABROAD), "returns?": sure(RETURNS)}, RETURNED),
        ("and returns?", {TO_RETURNS: sure(ABROAD)}, ("nothing", [])),
        # The FAQ knows it, and speaks of it elsewhere; of teapots it knows nothing.
        ("and to Norway?", {COST_TO_NORWAY: unsure(cost=0.7)}, ("answer", ["cost"])),
        ("and to Norway?", {COST_TO_NORWAY: unsure(cost=0.3)}, ("nothing", [])),
        ("for teapots?", {FOR_TEAPOTS: sure(RETURNS)}, ("nothing", [])),
        # It is asked so again.
        ("how do I do that?", {}, RETURNED),
        # What says itself what it asks comes first as it was written.
        (RETURN_IT, {RETURN_IT: sure(RETURNS), RETURN_SHIP: sure(ABROAD)}, RETURNED),
        # The topic must not answer for it.
        (ORDER_IT, {ORDER_IT: unsure(abroad=0.4), ORDER: sure(ABROAD)}, ("answer", ["abroad"])),
        (ORDER_IT, {ORDER_IT: unsure(cost=0.4), ORDER: sure(ABROAD)}, ("offer", ["cost"])),
        (SHIP_IT, {SHIP_IT: unsure(abroad=0.4), TO_SHIP: sure(ABROAD)}, ("nothing", [])),
        (FROM_IT, {FROM_IT: unsure(abroad=0.4), FROM_SHIP: sure(ABROAD)}, ("nothing", [])),
        # What the FAQ knows of something else is about that.
        ("and PayPal?", {"Do you ship to PayPal?": sure(ABROAD)}, ("nothing", [])),
        (ORDER_IT, {}, ("nothing", [])),
    ],
)
def test_what_takes_the_place_of_the_topic_is_looked_for_with_it(
    text: str, outcomes: Mapping[str, FaqOutcome], found: tuple[str, list[str]]
) -> None:
    """And counts where the entry fits what was added."""
    said = ASKED.get(text, (SHIP, SHIPPED))
    assert ids(outcome_of(after(*said, text), outcomes)) == found


IN_PART = FaqAnswers((ABROAD,), ("And cats?",), 0.9, "sure", "abroad")
BOTH = "Do you ship to Norway? And how much is it?"


@pytest.mark.parametrize(
    ("outcomes", "found", "left"),
    [
        ({SHIP: sure(ABROAD), OF_SHIPPING: sure(COST)}, ["abroad", "cost"], ()),
        ({SHIP: sure(ABROAD)}, ["abroad"], ("And how much is it?",)),
        ({OF_SHIPPING: sure(COST)}, ["cost"], (SHIP,)),
        ({SHIP: IN_PART, OF_SHIPPING: sure(COST)}, ["abroad", "cost"], ("And cats?",)),
    ],
)
def test_of_two_questions_both_are_answered_or_one_is_named(
    outcomes: Mapping[str, FaqOutcome], found: list[str], left: tuple[str, ...]
) -> None:
    """The second one goes on from the first."""
    outcome = outcome_of(turn(BOTH), outcomes)
    assert ids(outcome) == ("answers", found)
    assert isinstance(outcome, FaqAnswers)
    assert outcome.unanswered == left


def test_two_questions_of_one_entry_get_one_answer() -> None:
    """And where neither is answered, what the first one gets."""
    assert ids(outcome_of(turn(BOTH), {SHIP: sure(COST), OF_SHIPPING: sure(COST)}))[0] == "answer"
    assert ids(outcome_of(turn(BOTH), {SHIP: unsure(abroad=0.7)})) == ("offer", ["abroad"])


def test_what_stands_for_itself_is_looked_up_as_it_is() -> None:
    """Whatever was said before; and who refuses all that was offered gets nothing of it."""
    asked = after(SHIP, SHIPPED, "Do you take PayPal?")
    assert ids(outcome_of(asked, {"Do you take PayPal?": sure(PAY)})) == ("answer", ["pay"])
    refused = Meant(question=SHIP, why=Reason("refused", "none"))
    asked = replace(asked, meant=refused)
    assert texts_of(asked) == ()
    assert ids(Following(CachedMatcher(Scripted({})), ENTRIES).outcome(asked))[0] == "nothing"


def test_an_answer_that_says_nothing_of_a_condition_is_offered() -> None:
    """It may be half of the truth; where it speaks of it, it answers."""
    asked = "Do you ship to Norway for free?"
    outcome = outcome_of(turn(asked), {asked: sure(ABROAD)})
    assert ids(outcome) == ("offer", ["abroad"])
    assert "says nothing of 'for free'" in outcome.reason
    assert ids(outcome_of(turn(asked), {asked: sure(COST)})) == ("answer", ["cost"])


def test_who_writes_another_language_is_offered_what_is_akin() -> None:
    """The FAQ has no word of their topic; but nothing that was just said."""
    asked = after("Liefert ihr nach Österreich?", SHIPPED, "wie viel?")
    assert ids(outcome_of(asked, {"wie viel?": unsure(cost=0.4)})) == ("offer", ["cost"])
    assert ids(outcome_of(asked, {"wie viel?": unsure(cost=0.25)})) == ("offer", ["cost"])
    nothing = FaqAbstention((Candidate("cost", "?", 0.25),), 0.25, "far")
    assert ids(outcome_of(asked, {"wie viel?": nothing})) == ("nothing", [])
    nothing = FaqAbstention((Candidate("cost", "?", 0.35),), 0.35, "far")
    assert ids(outcome_of(asked, {"wie viel?": nothing})) == ("offer", ["cost"])
