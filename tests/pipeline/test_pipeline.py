"""The pipeline as a whole: guards, then responders in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from agentbot.errors import LLMError
from agentbot.pipeline.decision import AddTag, Decision, Handoff, Pass, Reason, Reply, Silence
from agentbot.pipeline.faq.outcomes import FaqAbstention, FaqOutcome
from agentbot.pipeline.guards import UNANSWERED
from agentbot.pipeline.llm.model import ChatMessage, Completion
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.turn import Author, Customer, Memory, Turn
from tests.support.folders import DEFAULT, folder
from tests.support.turns import MONDAY_NOON, OFFICE, history, message, turn

EVENING = MONDAY_NOON + timedelta(hours=9)


@pytest.fixture(scope="module")
def shipped() -> Pipeline:
    """The pipeline of the folder that the project ships, rules only."""
    return build_pipeline(load_prompts(DEFAULT))


def decided(outcome: Decision | Awaitable[Decision]) -> Decision:
    """The decision itself: it was made at once."""
    assert isinstance(outcome, Reply | Handoff | Silence)
    return outcome


def await_it(outcome: Decision | Awaitable[Decision]) -> Awaitable[Decision]:
    """The decision to be waited for: it was not made at once."""
    assert not isinstance(outcome, Reply | Handoff | Silence)
    return outcome


class Fixed:
    """A responder that always makes the same of a turn."""

    def __init__(self, name: str, outcome: Decision | Pass | Exception) -> None:
        self.name = name
        self.outcome = outcome

    def respond(self, _turn: Turn) -> Decision | Pass:
        """Its outcome."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Slow(Fixed):
    """The same, after waiting once."""

    async def respond(self, turn: Turn) -> Decision | Pass:  # type: ignore[override] # async
        """Its outcome, later."""
        await asyncio.sleep(0)
        return Fixed.respond(self, turn)


def pipeline_of(tmp_path: Path, *responders: Responder) -> Pipeline:
    """A pipeline of these responders and no rules."""
    names = ", ".join(f"x:{one.name}" for one in responders)
    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    policy = policy.replace("[rules, faq, llm, otherwise]", f"[{names}]")
    prompts = load_prompts(folder(tmp_path, policy=policy))
    return build_pipeline(prompts, responders={f"x:{one.name}": one for one in responders})


REPLY = Reply(reason=Reason("test", "it was asked to"), text="Yes.", by="llm")
PASS = Pass(Reason("test", "not mine"), actions=(AddTag("seen"),), fires=("seen",))


def test_the_demo_question_is_answered_by_a_rule(shipped: Pipeline) -> None:
    """ "Do you ship to Norway?" needs no FAQ and no model."""
    decision = decided(shipped.decide(turn("Do you ship to Norway?")))
    assert isinstance(decision, Reply)
    assert decision.by == "rule"
    assert decision.source == "shipping-norway"
    assert "ship to Norway" in decision.text
    assert decision.quick_replies


def test_after_hours_an_unknown_question_is_told_when_people_are_back(shipped: Pipeline) -> None:
    """The reply names the opening in the customer's time zone, and does not silence the bot."""
    decision = decided(
        shipped.decide(
            turn(
                "Which glaze is that?",
                now=EVENING,
                customer=Customer(id="c", time_zone="America/New_York", email="a@example.com"),
            )
        )
    )
    assert isinstance(decision, Handoff)
    assert decision.text is not None
    assert "tomorrow at 3:00;" in decision.text
    assert UNANSWERED in decision.fires


def test_a_window_that_says_away_itself_is_not_repeated(shipped: Pipeline) -> None:
    """Where the bot is not tracked and the account has an away message, the rule keeps still."""
    account = OFFICE.__class__(
        time_zone=OFFICE.time_zone, working_hours=OFFICE.working_hours, away_message="Away!"
    )
    decision = decided(
        shipped.decide(turn("Which glaze?", now=EVENING, account=account, bot_tracked=False))
    )
    assert decision.trace[-1].name == "unanswered"


def test_what_nobody_knows_is_left_to_people_with_words_once(shipped: Pipeline) -> None:
    """The second unanswered question in a short while gets no second excuse."""
    first = decided(shipped.decide(turn("Which glaze is that?")))
    memory = Memory(fired={UNANSWERED: MONDAY_NOON - timedelta(minutes=5)})
    second = decided(shipped.decide(turn("And that one?", memory=memory)))
    assert isinstance(first, Handoff)
    assert first.text is not None
    assert isinstance(second, Handoff)
    assert second.text is None


def test_a_file_without_text_goes_to_people(shipped: Pipeline) -> None:
    """The bot cannot look at a picture; it says that a person will."""
    decision = decided(shipped.decide(turn(messages=(message("", attachments=1),))))
    assert isinstance(decision, Handoff)
    assert decision.reason.code == "attachment_only"
    assert decision.text


def test_a_guard_ends_the_pipeline_with_its_reason(shipped: Pipeline) -> None:
    """No responder is asked where a person has just written."""
    said = history((Author.PERSON, 3))
    decision = decided(shipped.decide(turn("Do you ship to Norway?", history=said)))
    assert isinstance(decision, Silence)
    assert decision.reason.code == "person"
    assert decision.trace[0].name == "guards"


def test_the_first_that_decides_wins_and_passes_leave_their_actions(tmp_path: Path) -> None:
    """A pass adds its actions and limits to the decision that follows, with its trace."""
    pipeline = pipeline_of(tmp_path, Fixed("a", PASS), Fixed("b", REPLY), Fixed("c", PASS))
    decision = decided(pipeline.decide(turn("?")))
    assert isinstance(decision, Reply)
    assert decision.actions == (AddTag("seen"),)
    assert decision.fires == ("seen",)
    assert [(step.name, step.outcome) for step in decision.trace] == [("a", "pass"), ("b", "reply")]


async def test_a_responder_that_waits_makes_the_decision_awaitable(tmp_path: Path) -> None:
    """What comes before and after it is the same as without waiting."""
    pipeline = pipeline_of(tmp_path, Fixed("a", PASS), Slow("b", PASS), Slow("c", REPLY))
    outcome = pipeline.decide(turn("?"))
    assert not isinstance(outcome, Reply | Handoff | Silence)
    decision = await outcome
    assert isinstance(decision, Reply)
    assert decision.fires == ("seen", "seen")
    assert [step.name for step in decision.trace] == ["a", "b", "c"]


@pytest.mark.parametrize("kind", [Fixed, Slow])
async def test_a_responder_that_raises_is_noted_and_the_next_is_asked(
    tmp_path: Path, kind: type[Fixed]
) -> None:
    """One broken responder does not break the bot."""
    pipeline = pipeline_of(tmp_path, kind("a", RuntimeError("oh")), Fixed("b", REPLY))
    outcome = pipeline.decide(turn("?"))
    decision = outcome if isinstance(outcome, Reply | Handoff | Silence) else await outcome
    assert isinstance(decision, Reply)
    assert decision.trace[0].outcome == "error"
    assert "oh" in decision.trace[0].reason.text


async def test_a_responder_that_returns_nonsense_is_noted(tmp_path: Path) -> None:
    """Neither a decision nor a pass nor an awaitable of one: an error step."""
    for kind in (Fixed, Slow):
        broken = kind("a", None)  # type: ignore[arg-type] # that is what is tested
        outcome = pipeline_of(tmp_path, broken, Fixed("b", REPLY)).decide(turn("?"))
        assert not isinstance(outcome, Reply | Handoff | Silence)
        decision = await outcome
        assert isinstance(decision, Reply)
        assert decision.trace[0].outcome == "error"


def test_a_text_that_cannot_be_rendered_is_left_out(tmp_path: Path) -> None:
    """The hand-over stands, without words."""
    texts = (DEFAULT / "texts.yaml").read_text(encoding="utf-8")
    texts = texts.replace("I'm sorry", "I'm {{ customer.metadata.mood }} sorry")
    pipeline = build_pipeline(load_prompts(folder(tmp_path, texts=texts)))
    assert pipeline.fallback(turn("?"), Reason("deadline", "late")).text is None


async def test_rules_faq_and_model_are_asked_in_the_order_of_the_policy(tmp_path: Path) -> None:
    """And the last word is with the rules for what nobody knew."""

    class Knows:
        def match(self, text: str) -> FaqOutcome:
            return FaqAbstention((), 0.0, f"nothing on {text}")

    class Mute:
        async def complete(self, messages: Sequence[ChatMessage], *, seconds: float) -> Completion:
            raise LLMError("empty", f"{len(messages)} messages in {seconds} s")

    prompts = load_prompts(folder(tmp_path))
    pipeline = build_pipeline(prompts, matcher=Knows(), llm=Mute())
    assert [one.name for one in pipeline.responders] == ["rules", "faq", "llm", "otherwise"]
    assert pipeline.version == prompts.version
    decision = await_it(pipeline.decide(turn("?")))
    assert [step.name for step in (await decision).trace] == ["rules", "faq", "llm"]
    names = [step.name for step in pipeline.explain(turn("?"))]
    assert names[-1] == "faq"


def test_the_fallback_is_the_canned_text_with_the_reason(shipped: Pipeline) -> None:
    """What a turn past its deadline gets."""
    decision = shipped.fallback(turn("?"), Reason("deadline", "it took too long"))
    assert decision.by == "fallback"
    assert decision.text is not None
    assert "sorry" in decision.text
    assert decision.reason.code == "deadline"


def test_an_explanation_names_every_guard_and_rule(shipped: Pipeline) -> None:
    """What fired, what did not and why, what was not reached."""
    steps = {step.name: step for step in shipped.explain(turn("Do you ship to Norway?"))}
    assert steps["guard/closed"].outcome == "passes"
    assert "none of" in steps["rules/human"].reason.text
    assert steps["rules/shipping-norway"].outcome == "fires"
    assert steps["rules/greeting"].outcome == "not_reached"
    assert steps["otherwise/after-hours"].reason.text == "away is false"


def test_presence_follows_the_policy_and_the_hours(tmp_path: Path) -> None:
    """On duty only: seen in opening hours, not outside them."""
    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    on_duty = policy.replace("presence: always", "presence: on_duty")
    pipeline = build_pipeline(load_prompts(folder(tmp_path, policy=on_duty)))
    assert pipeline.should_be_tracked(now=MONDAY_NOON, account=OFFICE)
    assert not pipeline.should_be_tracked(now=EVENING, account=OFFICE)
    assert pipeline.is_outside_hours(now=EVENING, account=OFFICE)
