"""Deadlines without timers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentbot.phoenix.push import Deadline, Deadlines, Waiting


def deadline(key: str) -> Deadline:
    """Return a push's deadline."""
    return Deadline(Waiting.PUSH, key, None)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=600))
def test_what_is_live_comes_up_in_order_and_what_is_dead_never(
    entries: list[tuple[float, bool]],
) -> None:
    """However many have died meanwhile."""
    live = {str(number) for number, (_, is_live) in enumerate(entries) if is_live}
    alive = set(map(str, range(len(entries))))
    deadlines = Deadlines(lambda due: due.key in alive)
    for number, (when, _) in enumerate(entries):
        deadlines.add(when, deadline(str(number)))
    alive &= live
    times = {str(number): when for number, (when, _) in enumerate(entries)}
    seen = []
    while (due := deadlines.pop_due(100)) is not None:
        seen.append(times[due.key])
    assert seen == sorted(when for when, is_live in entries if is_live)
    assert deadlines.next() is None


def test_the_dead_do_not_pile_up() -> None:
    """A heap in which nearly all is answered in time stays small."""
    alive: set[str] = set()
    deadlines = Deadlines(lambda due: due.key in alive)
    for number in range(10_000):
        alive = {str(number)}
        deadlines.add(number + 10, deadline(str(number)))
    assert len(deadlines) < 600


def test_nothing_is_due_before_its_time() -> None:
    """The time of the next deadline is told."""
    deadlines = Deadlines(lambda _: True)
    deadlines.add(5, deadline("1"))
    assert deadlines.pop_due(4.9) is None
    assert deadlines.next() == 5
    assert deadlines.pop_due(5) == deadline("1")


def test_what_is_live_comes_up_in_order_after_a_sweep_too() -> None:
    """Sweeping takes entries out of the middle of the heap."""
    dead = {"0"}
    deadlines = Deadlines(lambda due: due.key not in dead)
    # With its first entry taken out, this list begins with a later one.
    for number, when in enumerate([1, 9, 2, 10, 11, 3, 4]):
        deadlines.add(when, deadline(str(number)))
    for number in range(7, 256):
        deadlines.add(100 + number, deadline(str(number)))
    assert len(deadlines) == 255, "it was swept"
    due = [deadlines.pop_due(99) for _ in range(6)]
    assert [one.key for one in due if one] == ["2", "5", "6", "1", "3", "4"]


def test_what_lives_is_not_looked_at_over_and_over() -> None:
    """A heap is swept once it has doubled, not at every entry, and is not left to grow beyond."""
    looks = 0
    dead: set[str] = set()

    def is_live(due: Deadline) -> bool:
        nonlocal looks
        looks += 1
        return due.key not in dead

    deadlines = Deadlines(is_live)
    for number in range(2000):
        deadlines.add(number, deadline(f"live {number}"))
    assert looks < 2 * 2000
    longest = 0
    for number in range(5000):
        dead.add(f"{number}")
        deadlines.add(number, deadline(f"{number}"))
        longest = max(longest, len(deadlines))
    assert longest <= 2 * 2048
