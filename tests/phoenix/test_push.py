"""Deadlines without timers, and the pace of joins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentbot.phoenix.push import Deadline, Deadlines, Pacer, Waiting


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


def test_a_pacer_gives_a_burst_and_then_a_rate() -> None:
    """Its own word on when there will be a token can be relied on."""
    pacer = Pacer(rate=10, burst=3)
    pacer.refill(0)
    assert [pacer.take() for _ in range(4)] == [True, True, True, False]
    now, taken = 0.0, 0
    while now < 1:
        now = pacer.next()
        pacer.refill(now)
        pacer.refill(now)
        taken += pacer.take()
        assert not pacer.take()
    assert taken in {10, 11}
