"""A bot's excuses are not believed: silence without a reason, and wrong words, are noticed.

Each mutant is a bot that would have passed while the journal's reasons were taken as they stand.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from agentbot.papercups.agent import AgentSession
from agentbot.pipeline.decision import Reason, Silence
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.turn import Turn
from tests.simulation.invariants import fates
from tests.simulation.run import simulate
from tests.simulation.stage import Stage, perform

Patch = pytest.MonkeyPatch

_SEEDS = 6


def _always(code: str) -> Callable[[Patch], None]:
    """Return a mutant whose guard keeps out of everything, for the same reason."""

    def mutate(patch: Patch) -> None:
        silence = Silence(reason=Reason(code, "so it says"))
        patch.setattr(Pipeline, "guard", lambda _self, _turn: silence)

    mutate.__name__ = f"_always_{code}"
    return mutate


def _drop_most_as_loop(patch: Patch) -> None:
    """Keep out of 60 % of the turns, as if two machines talked."""
    guard = Pipeline.guard

    def drop(self: Pipeline, turn: Turn) -> Silence | None:
        if Random(turn.messages[-1].id).random() < 0.6:  # noqa: S311 - to be had again
            return Silence(reason=Reason("loop", "so it says"))
        return guard(self, turn)

    patch.setattr(Pipeline, "guard", drop)


def _say_nothing(patch: Patch) -> None:
    """Send nothing, and find that the server has stored nothing."""
    patch.setattr(AgentSession, "shout", lambda *_args, **_options: None)


def _say_it_wrong(patch: Patch) -> None:
    """Say something else than what was decided."""
    shout = AgentSession.shout

    def misspeak(self: AgentSession, where: str, text: str, **options: Any) -> None:
        shout(self, where, f"{text} or not", **options)

    patch.setattr(AgentSession, "shout", misspeak)


def _swap_texts(patch: Patch) -> None:
    """Say in each conversation what was to be said in the one before."""
    shout, last = AgentSession.shout, [""]

    def swap(self: AgentSession, where: str, text: str, **options: Any) -> None:
        text, last[0] = last[0] or text, text
        shout(self, where, text, **options)

    patch.setattr(AgentSession, "shout", swap)


def _sign_as_another(patch: Patch) -> None:
    """Name another responder than the one that has decided."""
    shout = AgentSession.shout

    def sign(self: AgentSession, where: str, text: str, **options: Any) -> None:
        mark = {**options.pop("metadata")["agentbot"], "by": "llm"}
        shout(self, where, text, metadata={"agentbot": mark}, **options)

    patch.setattr(AgentSession, "shout", sign)


MUTATIONS: list[tuple[Callable[[Patch], None], str]] = [
    *(
        (_always(code), "UNFOUNDED")
        for code in (
            "closed",
            "snoozed",
            "person",
            "assigned",
            "handed_over",
            "loop",
            "repeated",
            "too_old",
            "unconfirmed",
            "gone",
            "refused",
            "sim_silent",
            "empty",
        )
    ),
    (_drop_most_as_loop, "UNFOUNDED"),
    (_say_nothing, "UNFOUNDED"),
    (_say_it_wrong, "MISSPOKEN"),
    (_swap_texts, "MISSPOKEN"),
    (_sign_as_another, "MISSPOKEN"),
]


@pytest.mark.parametrize(
    ("mutate", "found"), MUTATIONS, ids=[mutate.__name__ for mutate, _ in MUTATIONS]
)
def test_an_excuse_that_the_world_does_not_bear_out_is_noticed(
    mutate: Callable[[Patch], None], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a few seeds, by the very name of what is wrong."""
    mutate(monkeypatch)
    for seed in range(_SEEDS):
        if any(found in violation for violation in simulate(seed).violations):
            return
    pytest.fail(f"{_SEEDS} seeds, and nothing was {found}")


@pytest.mark.parametrize(
    ("back", "is_state_lost", "fate"),
    [
        (20, True, "answered again: no trace was left"),
        (20, False, "answered"),
        (0, True, "answered"),
    ],
)
def test_only_what_left_no_trace_may_be_answered_again(
    back: int,
    is_state_lost: bool,  # noqa: FBT001 - a column
    fate: str,
) -> None:
    """A reply without its mark, older by its stamp than the question, and the state lost."""

    async def scene(stage: Stage) -> None:
        world = stage.world
        running = await stage.bot()
        visitor = stage.visitor(source="email")
        world.marks_to_lose = 1
        await visitor.say("think 3 ?")
        await asyncio.sleep(1)
        world.server_error -= back
        await stage.until(lambda: world.marks)
        await asyncio.sleep(20)
        running.process.kill()
        world.bury_bot(running, lingers=False)
        if is_state_lost:
            world.database.lose()
        await stage.bot("next")
        await asyncio.sleep(90)
        assert [what for what, _ in fates(world, visitor.conversation)] == [fate]

    perform(scene)


@pytest.mark.parametrize("times", [1, 2])
def test_an_answer_given_twice_under_one_lease_is_doubled(times: int) -> None:
    """Whatever became of its mark: the state was there."""

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        await visitor.say("hello ?")
        await stage.until(lambda: stage.replies(visitor))
        [reply] = stage.replies(visitor)
        for number in range(times - 1):
            again = replace(reply, id=f"again {number}")
            visitor.conversation.messages.append(again)
            stage.world.marks[again.id] = stage.world.marks[reply.id]
            stage.world.stored_at[again.id] = stage.world.kernel.now
        found = [what for what, _ in fates(stage.world, visitor.conversation)]
        assert found == ["answered" if times == 1 else "doubled"]

    perform(scene)
