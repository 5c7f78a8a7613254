"""The FAQ's responder: it answers where the FAQ is sure, asks back where it is not, or passes."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from agentbot.pipeline.decision import Decision, Handoff, Pass, QuickReply, Reply
from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.responder import (
    SUGGESTED,
    FaqResponder,
)
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.known_facts import ROOTS
from agentbot.pipeline.own_messages import NONE_OF_THESE
from agentbot.pipeline.turn import Memory
from tests.support.dialogue import after, answer
from tests.support.faq import FakeMatcher
from tests.support.turns import MONDAY_NOON, message, turn
from tests.support.words import WORDS

SHIPPING = FaqEntry("shipping", "Where do you ship to?", "All of *Europe*.")
RETURNS = FaqEntry("returns", "Can I return it?", "Yes.", links=("https://example.com/returns",))
LONG = FaqEntry("long", "Is " + "very " * 20 + "long?", "It is.")


ANSWER = FaqAnswer(SHIPPING, 0.95, "sure")
BOTH = FaqAnswers((SHIPPING, RETURNS), (), 0.95, "sure", "shipping")
UNSURE = FaqSuggestions((SHIPPING, RETURNS), 0.5, "unsure")
NOTHING = FaqAbstention((Candidate("returns", "Can I return it?", 0.1),), 0.1, "far")


def responder(
    outcome: FaqOutcome,
    *,
    in_thread: bool = False,
    did_you_mean: str = "Did you mean:",
    none_of_these: str | None = "None of these",
    passed_on: str = "I have passed this on:",
    suggestions: int = 3,
) -> FaqResponder:
    """A responder over a matcher that always says ``outcome``."""
    return FaqResponder(
        CachedMatcher(FakeMatcher(outcome), in_thread=in_thread),
        did_you_mean=Template(did_you_mean, ROOTS),
        none_of_these=none_of_these,
        passed_on=Template(passed_on, ROOTS),
        sources=FactSources(words=WORDS),
        suggestions=suggestions,
    )


def at_once(outcome: Decision | Pass | Awaitable[Decision | Pass]) -> Reply | Pass:
    """What was decided at once."""
    assert isinstance(outcome, Reply | Pass)
    return outcome


def test_a_sure_answer_goes_out_verbatim_with_its_source() -> None:
    """And the score stands in the reason."""
    reply = at_once(responder(ANSWER).respond(turn("Ship where?")))
    assert isinstance(reply, Reply)
    assert (reply.text, reply.by, reply.source) == ("All of *Europe*.", "faq", "shipping")
    assert reply.reason.text == "sure (nearest: shipping)"


def test_links_that_the_answer_does_not_name_follow_it() -> None:
    """Each once."""
    reply = at_once(responder(FaqAnswer(RETURNS, 0.9, "sure")).respond(turn("x")))
    assert isinstance(reply, Reply)
    assert reply.text == "Yes.\n\nhttps://example.com/returns"


def test_an_unsure_verdict_asks_back_with_the_nearest_questions() -> None:
    """As a list, and as buttons whose clicks send those questions; one more is for none of them."""
    reply = at_once(responder(UNSURE).respond(turn("x")))
    assert isinstance(reply, Reply)
    assert reply.text == "Did you mean:\n\n- Where do you ship to?\n- Can I return it?"
    assert reply.quick_replies == (
        QuickReply("Where do you ship to?", "faq:shipping"),
        QuickReply("Can I return it?", "faq:returns"),
        QuickReply("None of these", NONE_OF_THESE),
    )
    assert reply.fires == (SUGGESTED,)
    without = at_once(responder(UNSURE, none_of_these=None).respond(turn("x")))
    assert isinstance(without, Reply)
    assert len(without.quick_replies) == 2
    fewer = at_once(responder(UNSURE, suggestions=1).respond(turn("x")))
    assert isinstance(fewer, Reply)
    assert [one.action for one in fewer.quick_replies] == ["faq:shipping", NONE_OF_THESE]


def test_the_same_questions_are_not_offered_twice_in_a_conversation() -> None:
    """However long ago it was; others are, where five minutes have passed."""
    both = (("Where do you ship to?", "faq:shipping"), ("Can I return it?", "faq:returns"))
    again = responder(UNSURE).respond(after("parcels", answer("", *both), "a parcel, I said"))
    assert isinstance(again, Pass)
    assert again.reason.code == "faq_asked_before"
    asked = after("parcels", answer("", both[0]), "a parcel, I said")
    assert isinstance(at_once(responder(UNSURE).respond(asked)), Reply)


def test_two_answers_go_out_in_one_reply() -> None:
    """In their order, with both sources."""
    reply = at_once(responder(BOTH).respond(turn("Where to? And back?")))
    assert isinstance(reply, Reply)
    assert reply.text == f"{SHIPPING.answer}\n\n{RETURNS.answer}\n\n{RETURNS.links[0]}"
    assert (reply.by, reply.source, reply.gap) == ("faq", "shipping, returns", False)


def test_a_question_without_an_answer_is_left_to_people_beside_the_others_answer() -> None:
    """The customer is told which; people too, by the reason; a long one is cut."""
    part = FaqAnswers((SHIPPING,), ("Do you  sell\ncars?", "x" * 300), 0.95, "sure", "shipping")
    decision = responder(part).respond(turn("Where to? Do you sell cars?"))
    assert isinstance(decision, Handoff)
    assert decision.text == (
        f"{SHIPPING.answer}\n\nI have passed this on:\n\n- Do you sell cars?\n- {'x' * 200} …"
    )
    assert (decision.by, decision.source, decision.gap) == ("faq", "shipping", True)
    assert decision.reason.code == "faq_in_part"
    assert "cars" in decision.reason.text
    assert isinstance(
        responder(part, passed_on="{{ customer.metadata.plan }}").respond(turn("x")), Pass
    )


def test_it_does_not_ask_back_twice_in_a_row() -> None:
    """Whoever was not helped by the buttons is passed on; later it may ask again."""
    for minutes, kind in ((2, Pass), (6, Reply)):
        memory = Memory(fired={SUGGESTED: MONDAY_NOON - timedelta(minutes=minutes)})
        outcome = at_once(responder(UNSURE).respond(turn("x", memory=memory)))
        assert isinstance(outcome, kind)


def test_an_abstention_passes_with_what_was_nearest() -> None:
    """For the log."""
    outcome = at_once(responder(NOTHING).respond(turn("x")))
    assert isinstance(outcome, Pass)
    assert outcome.reason.text == "far (nearest: returns)"


@pytest.mark.parametrize(
    ("outcome", "text"),
    [(FaqSuggestions((LONG,), 0.5, "unsure"), "x"), (UNSURE, "{{ customer.metadata.plan }}")],
)
def test_suggestions_that_cannot_be_shown_pass(outcome: FaqOutcome, text: str) -> None:
    """Questions too long for a button, or an introduction that fails."""
    assert isinstance(at_once(responder(outcome, did_you_mean=text).respond(turn("x"))), Pass)


async def test_a_slow_matcher_works_in_a_thread_and_once_a_question() -> None:
    """Rules, responder and retriever share what it said."""
    asked = FakeMatcher(ANSWER)
    matcher = CachedMatcher(asked, in_thread=True)
    assert not matcher.is_ready("x")
    made = FaqResponder(
        matcher,
        did_you_mean=Template("?", ROOTS),
        none_of_these=None,
        passed_on=Template("Passed on:", ROOTS),
        sources=FactSources(words=WORDS, faq=matcher),
    )
    waiting = made.respond(turn("x"))
    assert not isinstance(waiting, Reply | Pass)
    assert hasattr(waiting, "__await__")
    assert isinstance(await waiting, Reply)
    assert matcher.is_ready("x")
    await matcher.prepare("x")
    assert Facts(turn("x"), FactSources(words=WORDS, faq=matcher))["faq"] == {
        "id": "shipping",
        "score": 0.95,
        "answered": True,
    }
    assert asked.asked == ["x"]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(ANSWER, "answers"), (BOTH, "answers"), (UNSURE, "suggests"), (NOTHING, "abstains")],
)
def test_an_explanation_is_one_step(outcome: FaqOutcome, said: str) -> None:
    """What the FAQ would do."""
    (step,) = responder(outcome).explain(turn("x"))
    assert step.outcome == said


TRANSLATED = replace(
    RETURNS, answers={"de": "Ja, innerhalb von 30 Tagen: https://example.com/returns"}
)


def test_a_customer_is_answered_in_their_language_where_it_is_translated() -> None:
    """Whole: links that the translation names are not added. Else in the FAQ's own."""
    answering = responder(FaqAnswer(TRANSLATED, 0.9, "sure"))
    german = at_once(answering.respond(turn("Kann ich das zurückgeben, wenn es nicht passt?")))
    assert isinstance(german, Reply)
    assert german.text == TRANSLATED.answers["de"]
    for text in ("can I return it", "est-ce que je peux vous le retourner", "returns?"):
        reply = at_once(answering.respond(turn(text)))
        assert isinstance(reply, Reply)
        assert reply.text == "Yes.\n\nhttps://example.com/returns"


def test_a_click_on_an_offered_question_keeps_the_language() -> None:
    """The question is the operator's; the customer's words are those before it."""
    answering = responder(FaqAnswer(TRANSLATED, 1.0, "sure"))
    asked = [message("Kann ich das zurückgeben, wenn es nicht passt?")]
    reply = at_once(answering.respond(turn(TRANSLATED.question, history=asked)))
    assert isinstance(reply, Reply)
    assert reply.text == TRANSLATED.answers["de"]


def test_what_is_passed_on_is_so_in_the_language_of_the_answer() -> None:
    """Or all is said in the FAQ's own, where that language has no words for it."""
    entry = replace(TRANSLATED, answers={**TRANSLATED.answers, "ru": "Да"})
    part = responder(FaqAnswers((entry,), ("?",), 0.9, "sure", entry.id))
    german = part.respond(turn("Kann ich das zurückgeben, und wo ist meine Bestellung?"))
    russian = part.respond(turn("Можно ли вернуть это, и где мой заказ?"))
    assert isinstance(german, Handoff)
    assert german.text is not None
    assert german.text.startswith(f"{entry.answers['de']}\n\nDas habe ich")
    assert isinstance(russian, Handoff)
    assert russian.text is not None
    assert russian.text.startswith("Yes.\n\nhttps://example.com/returns\n\nI have passed this on:")
