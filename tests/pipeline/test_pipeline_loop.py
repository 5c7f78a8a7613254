"""The pipeline's loop: responders are asked in order, at once or waited for, until one decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path

import pytest

from agentbot.pipeline.decision import (
    AddTag,
    Decision,
    Handoff,
    Pass,
    Reason,
    Reply,
    Silence,
    TraceStep,
)
from agentbot.pipeline.guards import UNANSWERED
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.responder import Responder
from agentbot.pipeline.turn import Turn
from tests.support.folders import DEFAULT, folder
from tests.support.turns import turn


def decided(outcome: Decision | Awaitable[Decision]) -> Decision:
    """Return the decision itself: it was made at once."""
    assert isinstance(outcome, Reply | Handoff | Silence)
    return outcome


def await_it(outcome: Decision | Awaitable[Decision]) -> Awaitable[Decision]:
    """Return what is to be awaited: the decision was not made at once."""
    assert not isinstance(outcome, Reply | Handoff | Silence)
    return outcome


class Fixed:
    """A responder that always makes the same of a turn."""

    def __init__(self, name: str, outcome: Decision | Pass | Exception) -> None:
        self.name = name
        self.outcome = outcome

    def respond(self, _turn: Turn) -> Decision | Pass:
        """Return its outcome."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Delayed(Fixed):
    """The same, after waiting once."""

    async def respond(self, turn: Turn) -> Decision | Pass:  # type: ignore[override] # async
        """Return its outcome, later."""
        await asyncio.sleep(0)
        return Fixed.respond(self, turn)


def pipeline_of(tmp_path: Path, *responders: Responder) -> Pipeline:
    """Return a pipeline of these responders and no rules."""
    names = ", ".join(f"x:{one.name}" for one in responders)
    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    policy = policy.replace("[rules, faq, llm, otherwise]", f"[{names}]")
    prompts = load_prompts(folder(tmp_path, policy=policy))
    return build_pipeline(prompts, responders={f"x:{one.name}": one for one in responders})


REPLY = Reply(reason=Reason("test", "it was asked to"), text="Yes.", by="llm")
PASS = Pass(Reason("test", "not mine"), actions=(AddTag("seen"),), fires=("seen",))


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
    pipeline = pipeline_of(tmp_path, Fixed("a", PASS), Delayed("b", PASS), Delayed("c", REPLY))
    outcome = pipeline.decide(turn("?"))
    assert not isinstance(outcome, Reply | Handoff | Silence)
    decision = await outcome
    assert isinstance(decision, Reply)
    assert decision.fires == ("seen", "seen")
    assert [step.name for step in decision.trace] == ["a", "b", "c"]


@pytest.mark.parametrize("kind", [Fixed, Delayed])
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
    for kind in (Fixed, Delayed):
        broken = kind("a", None)  # type: ignore[arg-type] # that is what is tested
        outcome = pipeline_of(tmp_path, broken, Fixed("b", REPLY)).decide(turn("?"))
        assert not isinstance(outcome, Reply | Handoff | Silence)
        decision = await outcome
        assert isinstance(decision, Reply)
        assert decision.trace[0].outcome == "error"


class Counted(Fixed):
    """A responder that counts how often it was asked."""

    def __init__(self, name: str, outcome: Decision | Pass | Exception) -> None:
        super().__init__(name, outcome)
        self.asked = 0

    def respond(self, turn: Turn) -> Decision | Pass:
        """Return its outcome."""
        self.asked += 1
        return super().respond(turn)


@pytest.mark.parametrize("slow", [False, True])
async def test_who_comes_after_the_decision_is_not_asked(tmp_path: Path, *, slow: bool) -> None:
    """And each before it is asked once, whether somebody must be waited for or not."""
    first, last = Counted("first", PASS), Counted("last", REPLY)
    decider = Delayed("decider", REPLY) if slow else Fixed("decider", REPLY)
    outcome = pipeline_of(tmp_path, first, decider, last).decide(turn("?"))
    if slow:
        await await_it(outcome)
    assert (first.asked, last.asked) == (1, 0)


async def test_a_decision_at_once_makes_no_task_and_no_coroutine(tmp_path: Path) -> None:
    """Also with a responder later in the order that would have to wait."""
    before = asyncio.all_tasks()
    pipeline = pipeline_of(tmp_path, Fixed("a", PASS), Fixed("b", REPLY), Delayed("c", REPLY))
    assert isinstance(pipeline.decide(turn("?")), Reply)
    assert asyncio.all_tasks() == before


async def test_errors_and_waits_may_come_in_any_order(tmp_path: Path) -> None:
    """What was said before a wait, and before an error in it, is kept."""
    pipeline = pipeline_of(
        tmp_path,
        Fixed("a", PASS),
        Delayed("b", RuntimeError("late")),
        Fixed("c", RuntimeError("early")),
        Delayed("d", PASS),
        Delayed("e", RuntimeError("again")),
    )
    decision = await await_it(pipeline.decide(turn("?")))
    outcomes = [(step.name, step.outcome) for step in decision.trace]
    assert outcomes == [
        ("a", "pass"),
        ("b", "error"),
        ("c", "error"),
        ("d", "pass"),
        ("e", "error"),
        ("unanswered", "handoff"),
    ]
    assert decision.trace[1].reason.code == "responder_failed"
    seen = [action for action in decision.actions if action == AddTag("seen")]
    assert len(seen) == 2
    assert decision.fires == ("seen", "seen", UNANSWERED)


async def test_whoever_gives_up_waiting_stops_the_responder(tmp_path: Path) -> None:
    """Being cancelled is no error of the responder: nobody else is asked."""
    last = Counted("last", REPLY)

    class Endless(Fixed):
        async def respond(self, _turn: Turn) -> Decision | Pass:  # type: ignore[override] # async
            await asyncio.Event().wait()
            raise AssertionError

    task = asyncio.ensure_future(
        pipeline_of(tmp_path, Endless("a", PASS), last).decide(turn("?"))  # type: ignore[arg-type] # it waits
    )
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert last.asked == 0


def test_an_error_is_noted_in_a_line_or_two(tmp_path: Path) -> None:
    """However much it says."""
    pipeline = pipeline_of(tmp_path, Fixed("a", RuntimeError("x" * 1_000)), Fixed("b", REPLY))
    text = decided(pipeline.decide(turn("?"))).trace[0].reason.text
    assert len(text) == 300
    assert text.startswith("RuntimeError('xxx")


def test_a_decisions_own_trace_stands_between(tmp_path: Path) -> None:
    """After those who passed, before the step that says who decided."""
    inner = TraceStep("inner", "yes", Reason("test", "why"))
    reply = replace(REPLY, trace=(inner,), actions=(AddTag("own"),), fires=("own",))
    decision = decided(pipeline_of(tmp_path, Fixed("a", PASS), Fixed("b", reply)).decide(turn("?")))
    assert [step.name for step in decision.trace] == ["a", "inner", "b"]
    assert decision.actions == (AddTag("seen"), AddTag("own"))
    assert decision.fires == ("seen", "own")
    assert decision.trace[-1].reason is REPLY.reason
