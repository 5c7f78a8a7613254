"""Wrong guesses of a password make whoever guesses wait, and nobody for long (`ops/guesses.py`)."""

from __future__ import annotations

import pytest

from agentbot.ops.guesses import FREE, LONGEST, Guesses, Whiles


class Clock:
    """A clock that the test sets, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


def guess_wrong(whiles: Whiles, clock: Clock, times: int) -> list[float]:
    """Guess so often, each time as soon as it is looked at; return the whiles that this began."""
    begun = []
    for _ in range(times):
        clock.now += whiles.left()
        begun.append(whiles.note_wrong())
    return begun


def test_whiles_begin_after_some_wrong_guesses_and_double_up_to_the_longest() -> None:
    """Somebody mistypes; who goes on waits."""
    clock = Clock()
    whiles = Whiles(clock=clock)

    assert guess_wrong(whiles, clock, FREE + 8) == [0.0] * FREE + [1, 2, 4, 8, 16, 32, 60, 60]
    assert whiles.left() == LONGEST
    clock.now += 59.0
    assert whiles.left() == pytest.approx(1.0)
    clock.now += 1.0
    assert whiles.left() == 0.0


def test_guesses_of_a_day_are_few_whatever_the_pace() -> None:
    """At the longest whiles, or at pauses that have all forgotten: never more than one a minute."""
    for pause in (0.0, 899.0, 900.0):
        clock, count = Clock(), 0
        whiles = Whiles(clock=clock)
        end = clock.now + 86_400
        while clock.now < end:
            if not whiles.note_wrong():
                count += 1
                continue
            count += 1
            # The cheap guesses are used up: to go on, or to wait until they are given back.
            clock.now += max(whiles.left(), pause)
        assert count <= 1_440 + FREE + 8


@pytest.mark.parametrize(("quiet", "is_forgotten"), [(899.0, False), (900.0, True)])
def test_wrong_guesses_are_forgotten_after_a_quarter_of_an_hour(
    quiet: float, *, is_forgotten: bool
) -> None:
    """After the last one."""
    clock = Clock()
    whiles = Whiles(clock=clock)
    guess_wrong(whiles, clock, FREE + 1)
    clock.now += quiet

    begun = whiles.note_wrong()

    assert (begun, whiles.wrong) == ((0.0, 1) if is_forgotten else (2.0, FREE + 2))


def test_a_stranger_keeps_nobody_out_who_carries_the_mark() -> None:
    """Nor the other way round; whoever carries another mark is a stranger."""
    clock = Clock()
    guesses = Guesses(clock=clock, mark="mark")
    guess_wrong(guesses.whiles_of(""), clock, FREE + 1)

    assert guesses.whiles_of("marc").left() > 0
    assert guesses.whiles_of("").left() > 0
    assert guesses.whiles_of("mark").left() == 0
    guess_wrong(guesses.whiles_of("mark"), clock, FREE + 3)
    assert guesses.whiles_of("mark").left() == 4
    assert guesses.whiles_of("").left() == 0


def test_each_start_has_a_mark_that_nobody_guesses() -> None:
    """Of 256 bits."""
    marks = {Guesses().mark for _ in range(3)}

    assert len(marks) == 3
    assert {len(mark) for mark in marks} == {43}
