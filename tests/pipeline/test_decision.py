"""Decisions are data: what they hold where a responder says nothing else."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from agentbot.pipeline.decision import Decision, Handoff, Pass, Reason, Reply, Silence

WHY = Reason("code", "in words")


@pytest.mark.parametrize(
    "decision",
    [Reply(reason=WHY, text="Yes.", by="rule"), Handoff(reason=WHY), Silence(reason=WHY)],
)
def test_a_decision_does_nothing_that_it_was_not_told(decision: Decision) -> None:
    """No action, no used limit, no trace, no cost; and it is no gap."""
    assert (decision.actions, decision.fires, decision.trace) == ((), (), ())
    assert decision.cost == {}
    assert decision.gap is False


def test_costs_are_not_shared() -> None:
    """Each decision has figures of its own."""
    assert Silence(reason=WHY).cost is not Silence(reason=WHY).cost


def test_a_handoff_is_wordless_and_the_fallbacks_unless_told_otherwise() -> None:
    """No text, no source, and no failure of a model."""
    handoff = Handoff(reason=WHY)
    assert (handoff.text, handoff.by, handoff.source) == (None, "fallback", "")
    assert handoff.failure is None


def test_a_reply_needs_no_source_and_no_buttons() -> None:
    """A model's answer has neither."""
    reply = Reply(reason=WHY, text="Yes.", by="llm")
    assert (reply.source, reply.quick_replies) == ("", ())


def test_a_pass_leaves_nothing_unless_told_otherwise() -> None:
    """Only its reason."""
    assert (Pass(WHY).actions, Pass(WHY).fires) == ((), ())


def test_a_decision_cannot_be_changed() -> None:
    """What was decided is what is carried out."""
    with pytest.raises(FrozenInstanceError):
        Silence(reason=WHY).gap = True  # type: ignore[misc] # that is what is tested


def test_a_reason_is_said_with_its_code() -> None:
    """In logs and on the command line."""
    assert str(WHY) == "code: in words"
