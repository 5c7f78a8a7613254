"""Offers: ``offers.py``: what may be meant waits for responders that may know the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import LLMError
from agentbot.pipeline.decision import Decision, Handoff, Pass, Reason, Reply, Silence
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.outcomes import FaqSuggestions
from agentbot.pipeline.faq.responder import SUGGESTED
from agentbot.pipeline.llm.model import Completion
from agentbot.pipeline.offers import gives_way, waiting
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Turn
from tests.support.faq import FakeMatcher
from tests.support.folders import folder
from tests.support.model import FakeModel, unchecked
from tests.support.turns import turn

OFFER = Reply(
    reason=Reason("faq_unsure", "45% sure"), text="Did you mean this?", by="faq", offer=True
)
ANSWER = Reply(reason=Reason("llm", "it answered"), text="Yes.", by="llm")


class Named:
    """A responder of which only the name counts."""

    def __init__(self, name: str) -> None:
        self.name = name

    def respond(self, _: Turn) -> Pass:
        """Pass."""
        return Pass(Reason("test", "not mine"))


def test_an_offer_waits_only_for_those_who_may_know() -> None:
    """What is asked last has excuses; and an answer waits for nobody."""
    others = (Named("llm"), Named("otherwise"))
    held = waiting("faq", OFFER, others)
    assert held is not None
    assert (held.name, held.reply) == ("faq", OFFER)
    assert waiting("faq", OFFER, others[1:]) is None
    assert waiting("faq", OFFER, ()) is None
    assert waiting("faq", ANSWER, others) is None
    assert waiting("faq", Handoff(reason=Reason("faq_in_part", "")), others) is None


@pytest.mark.parametrize(
    ("decision", "yields"),
    [
        (ANSWER, False),
        (OFFER, True),
        (Silence(reason=Reason("llm_silent", "")), False),
        (Handoff(reason=Reason("llm_hand_over", "")), False),
        (Handoff(reason=Reason("llm_failed", "")), True),
        (Handoff(reason=Reason("llm_checks", "")), True),
        (Handoff(reason=Reason("llm_unclear", "")), True),
        (Handoff(reason=Reason("llm_silence", "")), True),
        (Handoff(reason=Reason("own", "")), False),
    ],
)
def test_only_who_knows_nothing_gives_way_to_an_offer(decision: Decision, *, yields: bool) -> None:
    """A model that wants people to answer has decided."""
    assert gives_way(decision) is yields


SHIPPING = FaqEntry("shipping", "Where do you ship to?", "All of Europe.")
UNSURE = FaqSuggestions((SHIPPING,), 0.5, "unsure")


async def decide(tmp_path: Path, model: FakeModel) -> Decision:
    """Return the decision on a question of which the FAQ is not sure."""
    pipeline = build_pipeline(
        load_prompts(folder(tmp_path)),
        matcher=FakeMatcher(UNSURE),
        llm=model,
        model_options=unchecked(),
    )
    outcome = pipeline.decide(turn("Which glaze?"))
    assert not isinstance(outcome, Reply | Handoff | Silence)
    return await outcome


async def test_a_model_that_answers_is_heard_before_the_offer(tmp_path: Path) -> None:
    """By one call; the journal says what waited, and nobody was asked back."""
    model = FakeModel("We use wood ash.")
    decision = await decide(tmp_path, model)
    assert isinstance(decision, Reply)
    assert (decision.by, decision.text) == ("llm", "We use wood ash.")
    assert model.calls == 1
    assert decision.fires == ()
    steps = [(step.name, step.outcome) for step in decision.trace]
    assert steps.index(("faq", "waits")) < steps.index(("llm", "reply"))


async def test_where_the_model_fails_the_offer_goes_out(tmp_path: Path) -> None:
    """With the reason, the kind of failure and what it cost, and with the offer's own effects."""
    decision = await decide(tmp_path, FakeModel(LLMError("timeout", "late")))
    assert isinstance(decision, Reply)
    assert [one.text for one in decision.quick_replies][:1] == ["Where do you ship to?"]
    assert (decision.reason.code, decision.failure) == ("faq_unsure", "timeout")
    assert decision.fires == (SUGGESTED,)
    steps = [(step.name, step.outcome, step.reason.code) for step in decision.trace]
    assert ("llm", "gives_way", "llm_failed") in steps
    assert steps[-1] == ("faq", "reply", "faq_unsure")


async def test_what_the_model_cost_is_told_although_it_gives_way(tmp_path: Path) -> None:
    """An answer that says nothing was paid for."""
    decision = await decide(tmp_path, FakeModel(Completion("", prompt_tokens=7)))
    assert decision.reason.code == "faq_unsure"
    assert decision.cost["prompt_tokens"] == 7
