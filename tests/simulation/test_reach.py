"""What a run of many seeds must have reached: rare states, faults in every phase, and answers.

Proves ``rare.py``, ``table.py``, ``aims.py`` and ``figures.py``; ``turns.py`` by what is recognised
in a scene.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.simulation import rare, table
from tests.simulation.aims import aims_of
from tests.simulation.faults import KINDS
from tests.simulation.figures import LEAST_ANSWERED, Figures
from tests.simulation.rare import ENOUGH, KIND, LEAST, RARE
from tests.simulation.run import Result
from tests.simulation.stage import Stage, perform
from tests.simulation.table import MAY_BE_EMPTY, cell
from tests.simulation.turns import Phase


def all_reached() -> dict[str, int]:
    """Return the counts of a run in which nothing is missing."""
    cells = {cell(kind, phase): 1 for kind in KINDS for phase in Phase}
    return {f"{KIND}{name}": LEAST for name in RARE} | cells | {"messages": 10, "answered": 9}


def figures(counts: dict[str, int], seeds: int = ENOUGH) -> Figures:
    """Return the figures of a run of so many seeds."""
    made = Figures()
    made.add(Result(0, (), counts, 1.0, {}))
    made.seeds = seeds
    return made


def test_there_are_many_rare_states_each_with_a_name_of_its_own() -> None:
    """At least forty, and none is counted under another's name."""
    assert len(RARE) >= 40
    assert len(set(RARE)) == len(RARE)


def test_a_run_that_reached_everything_is_not_red() -> None:
    """Nothing is missing where everything was reached often enough."""
    assert figures(all_reached()).problems() == []


@pytest.mark.parametrize("name", RARE)
def test_a_rare_state_that_was_reached_too_seldom_makes_the_run_red(name: str) -> None:
    """One time less than enough is named."""
    counts = all_reached() | {f"{KIND}{name}": LEAST - 1}
    [problem] = figures(counts).problems()
    assert name in problem


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_cell_makes_the_run_red_unless_there_is_a_reason(kind: str) -> None:
    """Each phase in which the kind did not strike is named, but for those that tell why."""
    counts = {
        name: count
        for name, count in all_reached().items()
        if not name.startswith(cell(kind, ""))  # type: ignore[arg-type]
    }
    asked = [phase for phase in Phase if (kind, phase) not in MAY_BE_EMPTY]
    assert figures(counts).problems() == [f"no {kind} while a turn was {one}" for one in asked]
    assert asked


def test_cells_that_may_be_empty_say_why() -> None:
    """The table shows a reason for each row with such cells."""
    text = "\n".join(table.lines(KINDS, all_reached()))
    for (kind, _), why in MAY_BE_EMPTY.items():
        assert kind in KINDS
        assert f"{kind}: {why}" in text


def test_of_few_seeds_nothing_is_asked() -> None:
    """A short run reaches little, and is not red for it."""
    assert figures({"messages": 10, "answered": 9}, seeds=ENOUGH - 1).problems() == []


def test_a_mute_bot_makes_the_run_red() -> None:
    """Fewer answers than the floor are named, whatever excuses there are."""
    counts = all_reached() | {"messages": 1_000, "answered": int(1_000 * LEAST_ANSWERED) - 1}
    [problem] = figures(counts).problems()
    assert "answered" in problem


def test_every_fault_is_aimed_at_every_phase_in_enough_seeds() -> None:
    """No cell is left to chance but those that say why."""
    aimed = Counter((aim.what, aim.phase) for seed in range(ENOUGH) for aim in aims_of(seed))
    for kind in KINDS:
        for phase in Phase:
            if (kind, phase) not in MAY_BE_EMPTY:
                assert aimed[kind, phase] >= LEAST, (kind, phase)


def test_a_turn_is_seen_in_all_its_phases_from_outside() -> None:
    """From a customer's message to its outcome, in order."""
    seen: list[Phase] = []

    async def scene(stage: Stage) -> None:
        await stage.bot()
        visitor = stage.visitor()
        follower = stage.world.follower
        on_phase = follower.on_phase

        def note(turn: object) -> None:
            seen.append(follower.within(visitor.conversation.id)[0].phase)
            on_phase(turn)  # type: ignore[arg-type] # as it is told

        follower.on_phase = note
        await visitor.say("think 1 tag ?")
        await asyncio.sleep(30)

    perform(scene)
    assert list(dict.fromkeys(seen)) == list(Phase)


def test_a_rare_state_is_recognised_when_it_happens() -> None:
    """A person who writes while the bot thinks is counted there, and nowhere else."""
    counts: dict[str, int] = {}

    async def scene(stage: Stage) -> None:
        await stage.bot()
        person, visitor = stage.person(), stage.visitor()
        await visitor.say("think 5 ?")
        await asyncio.sleep(3)
        stage.person_writes(person, visitor)
        await asyncio.sleep(30)
        counts.update(stage.world.counts)

    perform(scene)
    persons = {name for name in counts if name.startswith(f"{KIND}a person writes")}
    assert persons == {f"{KIND}a person writes while {Phase.DECIDING}"}
    assert rare.missed(counts, ENOUGH)
