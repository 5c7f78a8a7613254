"""Deadlines without timers, and the pace of joins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentbot.phoenix.push import Deadline, Deadlines, JoinPacer, Pacer, Waiting
from agentbot.window import Window


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


def test_a_pacer_tells_when_there_will_be_a_token() -> None:
    """At once, or when enough of it will have been earned: a hair later, never earlier."""
    pacer = Pacer(rate=10, burst=2)
    pacer.refill(50)
    told = [pacer.next()]
    for _ in range(2):
        pacer.take()
        told.append(pacer.next())
    pacer.refill(50.05)
    told.append(pacer.next())
    expected = [50, 50, 50.1, 50.1]
    assert all(0 < when - due < 1e-5 for when, due in zip(told, expected, strict=True))


def test_a_pacer_of_joins_lets_few_be_unanswered_and_more_while_answers_come_quickly() -> None:
    """One more leaves with each answer, beside the one that takes its place."""
    pacer = JoinPacer(rate=1_000, burst=50, window=Window(first=2, most=50), timeout=10)

    def leave(now: float) -> list[str]:
        left: list[str] = []
        pacer.refill(now)
        while pacer.take():
            ref = f"{now} {len(left)}"
            pacer.sent(ref, now)
            left.append(ref)
        return left

    first = leave(20.0)
    assert len(first) == 2
    assert leave(20.1) == []
    assert pacer.next() >= 30
    pacer.answered(first[0], 20.1)
    second = leave(20.1)
    assert len(second) == 2
    for ref in (first[1], *second):
        pacer.answered(ref, 20.9)  # slow: more than half a second
    assert len(leave(21.0)) == 1


def test_a_join_that_nobody_answers_gives_its_place_back_and_shrinks_the_window() -> None:
    """After the time-out of joins; a new connection begins anew."""
    pacer = JoinPacer(rate=1_000, burst=50, window=Window(first=4, most=50), timeout=10)
    pacer.refill(20.0)
    for ref in "abcd":
        assert pacer.take()
        pacer.sent(ref, 20.0)
    pacer.refill(29.9)
    assert not pacer.take()
    pacer.refill(30.0)
    assert pacer.take()
    pacer.sent("e", 30.0)
    assert not pacer.take()
    pacer.opened()
    for ref in "fghi":
        assert pacer.take()
        pacer.sent(ref, 30.0)
    assert not pacer.take()
