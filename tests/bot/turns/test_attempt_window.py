"""An attempt waits for a fresh visitor's chat window to be there again before it speaks."""

from __future__ import annotations

import asyncio

import pytest

from tests.simulation.stage import Stage
from tests.simulation.stage import perform as perform_simulated
from tests.support.bot_attempt import Attempting, attempt, took
from tests.support.bot_parts import handoff, silence
from tests.support.virtual_time import now


async def says_after(it: Attempting, *, window_after: float | None) -> float:
    """Have the window open again after so many seconds; return when the answer was there."""
    it.visitor.close_window()
    if window_after is not None:
        it.in_seconds(window_after, it.visitor.open_window)
    began = now()
    await it.outcome()
    assert len(it.texts) == 1
    return took(began)


@pytest.mark.parametrize(
    ("window_after", "said_after"), [(1.0, 1.5), (2.5, 2.5), (3.3, 3.3), (None, 3.5)]
)
def test_a_fresh_visitors_window_is_waited_for(
    window_after: float | None, said_after: float
) -> None:
    """Until it has rejoined, and no longer than that takes: then nobody is there."""

    async def story(it: Attempting) -> None:
        await it.hear()
        assert await says_after(it, window_after=window_after) == pytest.approx(
            said_after, abs=0.11
        )

    attempt(story, delay=1.5)


@pytest.mark.parametrize(("age", "said_after"), [(30, 2.0), (55, 2.0), (65, 0.0), (110, 0.0)])
def test_a_visitor_who_left_some_time_ago_is_not_waited_for(age: float, said_after: float) -> None:
    """Found a minute later, they are away, and not between leaving and rejoining."""

    async def story(it: Attempting) -> None:
        await it.hear(path="periodic")
        await asyncio.sleep(age)
        assert await says_after(it, window_after=None) == pytest.approx(said_after, abs=0.11)

    attempt(story, delay=1.5)


def test_whoever_has_written_before_has_a_window_that_stays() -> None:
    """Only the first message makes the widget rejoin."""

    async def story(it: Attempting) -> None:
        await it.hear()
        await it.outcome()
        it.visitor.close_window()
        await it.hear("And?")
        began = now()
        await it.outcome()
        assert took(began) == 0.0

    attempt(story, delay=1.5)


def test_an_email_has_no_window() -> None:
    """It is answered at once."""

    async def story(it: Attempting) -> None:
        await it.hear()
        assert await says_after(it, window_after=None) == 0.0

    attempt(story, source="email", delay=1.5)


def test_nothing_is_waited_for_where_nothing_is_said() -> None:
    """Silence needs no window; people's texts do."""

    async def silent(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: silence()
        await it.hear()
        began = now()
        await it.outcome()
        assert took(began) == 0.0

    async def handed_off(it: Attempting) -> None:
        it.parts.responder.script = lambda _turn: handoff()
        await it.hear()
        began = now()
        await it.outcome()
        assert took(began) == 1.5

    attempt(silent, delay=1.5)
    attempt(handed_off, delay=1.5)


@pytest.mark.parametrize("seconds", [1.0, 2.5])
def test_what_comes_up_while_the_window_is_waited_for_ends_the_wait(seconds: float) -> None:
    """A person writes meanwhile."""

    async def story(it: Attempting) -> None:
        await it.hear()
        it.visitor.close_window()
        it.person_in(seconds)
        began = now()
        record = await it.outcome()
        assert record.reason_code == "person"
        assert now() - began == pytest.approx(seconds, abs=0.11)

    attempt(story, delay=1.5)


# In a simulated world


def test_a_customer_who_left_some_time_ago_is_not_waited_for() -> None:
    """Who is away is not between leaving and rejoining, and catching up need not be slow."""

    async def scene(stage: Stage) -> None:
        visitor = stage.visitor()
        stage.world.server_error = -120
        await visitor.say("hello ?")
        stage.world.server_error = 0
        visitor.wire.close()
        await stage.bot()
        await asyncio.sleep(3)
        assert len(stage.replies(visitor)) == 1

    perform_simulated(scene)
