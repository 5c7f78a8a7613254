"""Which joins may leave: those that somebody waits for, and as many as the server has time for."""

from __future__ import annotations

import pytest

from agentbot.phoenix.channel import Channel
from agentbot.phoenix.joins import JoinQueue, JoinWindow, Pacer
from agentbot.phoenix.options import SocketOptions


def answer(window: JoinWindow, count: int, seconds: float) -> None:
    """Let so many answers come."""
    for _ in range(count):
        window.answered(seconds)


def test_the_window_doubles_with_each_round_of_quick_answers() -> None:
    """From the first few to the most, on a near server and on a far one."""
    for far in (0.001, 0.3):
        window = JoinWindow(first=4, most=100)
        for expected in (8, 16, 32, 64, 100, 100):
            answer(window, window.size, far + 0.019)
            answer(window, 0, far)
            assert window.size == expected


def test_the_window_halves_in_a_round_of_answers_that_had_to_wait() -> None:
    """Longer than the quickest by so much that a reply would be held up; never below one."""
    window = JoinWindow(first=64, most=100)
    window.answered(0.010)
    answer(window, 66, 0.051)
    assert window.size == 32
    answer(window, 1_000, 2.0)
    assert window.size == 1
    answer(window, 1, 0.011)
    assert window.size == 2


def test_the_window_stays_where_answers_wait_as_long_as_they_may() -> None:
    """Between the wait at which it grows and the one at which it shrinks."""
    window = JoinWindow(first=8, most=100)
    window.answered(0.0)
    size = window.size
    answer(window, 100, 0.04)
    assert window.size == size == 9
    answer(window, 1, 0.02)
    assert window.size == 10


def test_a_join_that_nobody_answers_halves_the_window_and_a_connection_begins_anew() -> None:
    """What was the quickest is forgotten too: the next server may be further away."""
    window = JoinWindow(first=4, most=100)
    window.answered(0.0)
    for expected in (2, 1, 1):
        window.failed()
        assert window.size == expected
    window.begin_anew()
    assert window.size == 4
    window.answered(0.2)
    assert window.size == 5
    assert JoinWindow(first=4, most=2).size == 2


def test_a_pacer_gives_a_burst_and_then_a_rate() -> None:
    """Its own word on when there will be a token can be relied on."""
    pacer = Pacer(rate=10, burst=3)
    assert [pacer.take(0) for _ in range(4)] == [True, True, True, False]
    now, taken = 0.0, 0
    while now < 1:
        now = pacer.next()
        taken += pacer.take(now)
        assert not pacer.take(now)
    assert taken in {10, 11}


def test_a_pacer_tells_when_there_will_be_a_token() -> None:
    """At once, or when enough of it will have been earned: a hair later, never earlier."""
    pacer = Pacer(rate=10, burst=2)
    told = []
    for now in (50, 50, 50.05):
        pacer.take(now)
        told.append(pacer.next())
    expected = [50, 50.1, 50.1]
    assert all(0 < when - due < 1e-5 for when, due in zip(told, expected, strict=True))


class Queue(JoinQueue):
    """A queue of joins whose channels are named by letters."""

    def __init__(self, **options: float) -> None:
        super().__init__(SocketOptions(**options))  # type: ignore[arg-type]  # whole ones
        self.channels: dict[str, Channel] = {}

    def want(self, names: str) -> None:
        """Let channels wait."""
        for name in names:
            channel = self.channels.setdefault(name, Channel(name, {}))
            self.add(channel)

    def leave(self, now: float) -> str:
        """Let all joins leave that may; return whose they are."""
        left = ""
        while (channel := self.take(now)) is not None:
            self.sent(channel.topic, now)
            left += channel.topic
        return left


def test_a_few_joins_leave_at_first_and_two_for_each_quick_answer() -> None:
    """In their order; whoever left the queue meanwhile is passed over."""
    queue = Queue(joins_first=2, joins_most=50)
    queue.want("abcdefgh")
    assert len(queue) == 8
    assert queue.leave(20.0) == "ab"
    assert queue.leave(20.0) == ""
    queue.answered("a", 20.1)
    queue.answered("nobody", 20.1)
    queue.discard(queue.channels["d"])
    assert queue.leave(20.1) == "ce"
    queue.answered("b", 20.1)
    assert queue.leave(20.1) == "fg"


def test_a_hurried_join_goes_first_and_does_not_wait_for_the_window() -> None:
    """One that waits already, and one that is queued again after its connection was lost."""
    queue = Queue(joins_first=2)
    queue.want("abcd")
    queue.hurry(queue.channels["d"])
    queue.channels["e"] = Channel("e", {})
    queue.channels["e"].is_hurried = True
    queue.want("e")
    assert len(queue) == 5
    assert queue.next() == 0.0
    assert queue.leave(20.0) == "de"
    queue.hurry(queue.channels["a"])
    queue.hurry(queue.channels["d"])  # it has left: there is nothing to hurry
    assert queue.leave(20.0) == "a"
    queue.hurry(queue.channels["b"])
    queue.discard(queue.channels["b"])
    assert queue.leave(20.0) == ""
    assert len(queue) == 1


def test_a_join_that_nobody_answers_gives_its_place_back() -> None:
    """After the time-out of joins, which is when the queue is next looked at; and halves it."""
    queue = Queue(joins_first=4, join_timeout=10.0)
    queue.want("abcdefgh")
    assert queue.leave(20.0) == "abcd"
    assert queue.next() == 30.0
    assert queue.leave(29.9) == ""
    assert queue.leave(30.0) == "e"
    queue.begin_anew()
    assert len(queue) == 0
    assert queue.next() is None
    queue.want("fghij")
    assert queue.leave(30.0) == "fghi"


@pytest.mark.parametrize("hurried", [False, True])
def test_a_rate_that_is_asked_for_holds_for_all(*, hurried: bool) -> None:
    """However quickly the server answers, and whoever waits."""
    queue = Queue(join_rate=10.0, join_burst=2, joins_first=50)
    queue.want("abcde")
    if hurried:
        for channel in queue.channels.values():
            queue.hurry(channel)
    assert queue.leave(0.0) == "ab"
    when = queue.next()
    assert when == pytest.approx(0.1, abs=1e-5)
    assert when is not None
    assert queue.leave(0.09) == ""
    assert queue.leave(when) == "c"
