"""``beside.py``: what a message asks beside what a rule has answered is answered too, or named."""

from __future__ import annotations

from inspect import isawaitable
from pathlib import Path

import pytest

from agentbot.pipeline.decision import AddTag, Decision, Handoff, Reason, Reply
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import (
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.guards import UNANSWERED_AGAIN
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Memory, Turn
from tests.support.faq import FakeMatcher
from tests.support.folders import folder
from tests.support.turns import MONDAY_NOON, turn

RULES = """
rules:
  - id: shipping
    keywords: [ship]
    reply: We ship.
    tag: shipping
  - id: hours
    keywords: [open]
    reply: From nine to five.
    limit: every 1h
  - id: lost
    keywords: [lost]
    reply: A colleague will look.
    hand_over: true
  - id: bye
    keywords: [close this]
    reply: Goodbye.
    close: true
  - id: long
    keywords: {all: [teapot, lid]}
    reply: The lid belongs to the teapot.
"""
PAY = FaqEntry("pay", "How can I pay?", "By card.")
NOTHING = FaqAbstention((), 0.0, "far")


def pipeline(tmp_path: Path, outcome: FaqOutcome = NOTHING, rules: str = RULES) -> Pipeline:
    """A pipeline of the rules, with a FAQ that always says the same."""
    prompts = load_prompts(folder(tmp_path, rules=rules))
    return build_pipeline(prompts, matcher=FakeMatcher(outcome))


async def decide(decider: Pipeline, asked: Turn | str) -> Decision:
    """The decision."""
    outcome = decider.decide(turn(asked) if isinstance(asked, str) else asked)
    return await outcome if isawaitable(outcome) else outcome


async def test_the_rest_is_answered_by_the_faq(tmp_path: Path) -> None:
    """In one reply, with both sources, and what the rule does."""
    reply = await decide(
        pipeline(tmp_path, FaqAnswer(PAY, 0.9, "sure")), "Do you ship? Can I pay with Vipps?"
    )
    assert isinstance(reply, Reply)
    assert reply.text == "We ship.\n\nBy card."
    assert (reply.by, reply.source) == ("rule", "shipping, pay")
    assert AddTag("shipping") in reply.actions
    assert any(one.name == "beside" and "Vipps" in one.reason.text for one in reply.trace)


@pytest.mark.parametrize("outcome", [NOTHING, FaqSuggestions((PAY,), 0.6, "unsure")])
async def test_a_rest_that_nobody_surely_knows_is_named(
    tmp_path: Path, outcome: FaqOutcome
) -> None:
    """And left to people."""
    decision = await decide(pipeline(tmp_path, outcome), "Do you ship? Do you sell cars?")
    assert isinstance(decision, Handoff)
    assert decision.text is not None
    assert decision.text.startswith("We ship.\n\n")
    assert decision.text.endswith(":\n\n- Do you sell cars?")
    assert (decision.source, decision.reason.code, decision.gap) == (
        "shipping",
        "rule_in_part",
        True,
    )


async def test_what_a_model_costs_for_the_rest_is_kept(tmp_path: Path) -> None:
    """Also where it knows nothing: it was paid for."""

    class Model:
        """A model's responder, which hands off."""

        name = "llm"

        async def respond(self, _turn: Turn) -> Handoff:
            """Cost something."""
            return Handoff(reason=Reason("llm", "it hands off"), cost={"prompt_tokens": 7.0})

    prompts = load_prompts(folder(tmp_path, rules=RULES))
    decider = build_pipeline(prompts, responders={"llm": Model()})
    decision = await decide(decider, "Do you ship? Do you sell cars?")
    assert isinstance(decision, Handoff)
    assert decision.reason.code == "rule_in_part"
    assert decision.cost == {"prompt_tokens": 7.0}


async def test_people_who_were_asked_already_are_not_asked_anew(tmp_path: Path) -> None:
    """The wait for them goes on."""
    memory = Memory(handed_off_at=MONDAY_NOON)
    asked = turn("Do you ship? Do you sell cars?", memory=memory)
    decision = await decide(pipeline(tmp_path), asked)
    assert isinstance(decision, Handoff)
    assert UNANSWERED_AGAIN in decision.fires


async def test_of_the_rest_too_a_part_may_be_named(tmp_path: Path) -> None:
    """By the FAQ, in its words."""
    part = FaqAnswers((PAY,), ("Do you sell cars?",), 0.9, "sure", "pay")
    decision = await decide(
        pipeline(tmp_path, part), "Do you ship? Can I pay with Vipps? Do you sell cars?"
    )
    assert isinstance(decision, Handoff)
    assert decision.text is not None
    assert decision.text.startswith("We ship.\n\nBy card.\n\n")
    assert decision.source == "shipping, pay"
    assert AddTag("shipping") in decision.actions


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Do you ship? And do you sell cars?", "Do you sell cars?"),
        ("Do you ship to Norway? Can you wrap it as a gift?", "Can you wrap it as a gift?"),
        ("Do you sell teapots to Norway? And to Sweden? Do you ship?", "Do you sell teapots to"),
    ],
)
async def test_what_goes_on_is_named_as_the_question_that_it_is(
    tmp_path: Path, text: str, named: str
) -> None:
    """Without the "And" before it, and where it is cut short by what it means."""
    decision = await decide(pipeline(tmp_path), text)
    assert isinstance(decision, Handoff)
    assert decision.text is not None
    assert f"- {named}" in decision.text


async def test_what_is_cut_short_is_asked_of_the_rules_by_what_it_means(tmp_path: Path) -> None:
    """ "And to Sweden?" is what another rule is for."""
    rules = """
    rules:
      - id: norway
        keywords: [ship to norway]
        reply: To Norway, yes.
      - id: elsewhere
        keywords: [ship to]
        reply: To the EU.
    """
    reply = await decide(pipeline(tmp_path, rules=rules), "Do you ship to Norway? And to Sweden?")
    assert isinstance(reply, Reply)
    assert reply.text == "To Norway, yes.\n\nTo the EU."


async def test_another_rule_answers_its_sentence(tmp_path: Path) -> None:
    """And uses up its own limit; a rule that leaves it to people leaves all to them."""
    decider = pipeline(tmp_path)
    reply = await decide(decider, "Do you ship? When are you open?")
    assert isinstance(reply, Reply)
    assert reply.text == "We ship.\n\nFrom nine to five."
    assert (reply.source, reply.fires) == ("shipping, hours", ("hours",))
    handoff = await decide(decider, "Do you ship? My parcel got lost.")
    assert isinstance(handoff, Handoff)
    assert handoff.text == "We ship.\n\nA colleague will look."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Do you ship?", "We ship."),
        ("Hello! Do you ship? Thank you!", "We ship."),
        ("Do you ship? I live in Norway.", "We ship."),
        # It goes on from what the rule is for.
        ("Do you ship? And how long does it take?", "We ship."),
        ("Do you ship? Can you help me?", "We ship."),
        # No sentence alone is what the rule is for.
        ("Is the teapot new? What about the lid?", "The lid belongs to the teapot."),
        ("Do you sell cars? Please close this.", "Goodbye."),
        (f"Do you ship? {' '.join(f'Word{n}.' for n in range(8))} Do you sell cars?", "We ship."),
        (f"Do you ship? Do you sell {'big ' * 300}cars?", "We ship."),
    ],
)
async def test_where_nothing_else_is_asked_the_rule_alone_answers(
    tmp_path: Path, text: str, said: str
) -> None:
    """Or where it is for the whole message, or ends the talk."""
    reply = await decide(pipeline(tmp_path, FaqAnswer(PAY, 0.9, "sure")), text)
    assert isinstance(reply, Reply)
    assert reply.text == said


async def test_a_responder_that_fails_is_noted(tmp_path: Path) -> None:
    """The rule's answer is given all the same, and the rest named."""

    class Broken:
        """A FAQ that cannot be asked."""

        def match(self, _text: str) -> FaqOutcome:
            """Fail."""
            raise RuntimeError("no index")

    prompts = load_prompts(folder(tmp_path, rules=RULES))
    decider = build_pipeline(prompts, matcher=Broken())
    decision = await decide(decider, "Do you ship? Do you sell cars?")
    assert isinstance(decision, Handoff)
    assert "no index" in next(one for one in decision.trace if one.outcome == "error").reason.text


async def test_rules_that_would_have_to_wait_are_not_asked_again(tmp_path: Path) -> None:
    """A rule that rests on the FAQ has asked it for the whole message."""
    rules = RULES + "  - id: near\n    when: faq.answered\n    reply: That is in the FAQ.\n"
    prompts = load_prompts(folder(tmp_path, rules=rules))
    decider = build_pipeline(prompts, matcher=FakeMatcher(NOTHING), match_in_thread=True)
    reply = await decide(decider, "Do you ship? Do you sell cars?")
    assert isinstance(reply, Reply)
    assert reply.text == "We ship."
