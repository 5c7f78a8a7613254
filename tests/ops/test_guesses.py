"""Wrong guesses of a password make whoever guesses wait, and nobody for long (`ops/guesses.py`)."""

from __future__ import annotations

import pytest

from agentbot.ops.guesses import FREE, LONGEST, Guesses, Throttle


class Clock:
    """A clock that the test sets, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


def guess_wrong(throttle: Throttle, clock: Clock, times: int) -> list[float]:
    """Guess so often, each time as soon as it is looked at; return the pauses that this began."""
    begun = []
    for _ in range(times):
        clock.now += throttle.left()
        begun.append(throttle.note_wrong())
    return begun


def test_pauses_begin_after_some_wrong_guesses_and_double_up_to_the_longest() -> None:
    """Somebody mistypes; who goes on waits."""
    clock = Clock()
    throttle = Throttle(clock=clock)

    assert guess_wrong(throttle, clock, FREE + 8) == [0.0] * FREE + [1, 2, 4, 8, 16, 32, 60, 60]
    assert throttle.left() == LONGEST
    clock.now += 59.0
    assert throttle.left() == pytest.approx(1.0)
    clock.now += 1.0
    assert throttle.left() == 0.0


def test_guesses_of_a_day_are_few_whatever_the_pace() -> None:
    """Hardly more than one a minute: at the longest pauses, or by waits that make all forgotten."""
    for wait in (0.0, 899.0, 900.0):
        clock, count = Clock(), 0
        throttle = Throttle(clock=clock)
        end = clock.now + 86_400
        while clock.now < end:
            count += 1
            if throttle.note_wrong():
                # The free ones are used up: guess on, or wait until they are given back.
                clock.now += max(throttle.left(), wait)
        assert count <= 1_440 + FREE + 8


@pytest.mark.parametrize(("quiet", "is_forgotten"), [(899.0, False), (900.0, True)])
def test_wrong_guesses_are_forgotten_after_a_quarter_of_an_hour(
    quiet: float, *, is_forgotten: bool
) -> None:
    """After the last one."""
    clock = Clock()
    throttle = Throttle(clock=clock)
    guess_wrong(throttle, clock, FREE + 1)
    clock.now += quiet

    begun = throttle.note_wrong()

    assert (begun, throttle.wrong) == ((0.0, 1) if is_forgotten else (2.0, FREE + 2))


def test_a_stranger_keeps_nobody_out_who_carries_the_mark() -> None:
    """Nor the other way round; whoever carries another mark is a stranger."""
    clock = Clock()
    guesses = Guesses(clock=clock, mark="mark")
    guess_wrong(guesses.throttle_of(""), clock, FREE + 1)

    assert guesses.throttle_of("marc").left() > 0
    assert guesses.throttle_of("").left() > 0
    assert guesses.throttle_of("mark").left() == 0
    guess_wrong(guesses.throttle_of("mark"), clock, FREE + 3)
    assert guesses.throttle_of("mark").left() == 4
    assert guesses.throttle_of("").left() == 0


def test_each_start_has_a_mark_that_nobody_guesses() -> None:
    """Of 256 bits."""
    marks = {Guesses().mark for _ in range(3)}

    assert len(marks) == 3
    assert {len(mark) for mark in marks} == {43}
