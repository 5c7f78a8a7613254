"""The window grows while answers come quickly, and halves where they are slow or fail."""

from __future__ import annotations

from agentbot.window import POOL, SLOW, Window


def answer(window: Window, count: int, seconds: float = 0.01) -> None:
    """Let so many answers come."""
    for _ in range(count):
        window.answered(seconds)


def test_it_begins_small_and_doubles_with_each_round_up_to_the_servers_pool() -> None:
    """Each good answer lets one more leave; beyond the pool's size each round does."""
    window = Window(first=4, most=10)
    assert window.size == 4
    answer(window, 4)
    assert window.size == POOL == 8
    answer(window, 9)
    assert window.size == 9
    answer(window, 100)
    assert window.size == 10


def test_a_slow_or_a_failed_answer_halves_it_and_then_it_grows_by_one_a_round() -> None:
    """Never below one: then nothing would ever be learnt again."""
    window = Window(first=8, most=100)
    window.answered(SLOW + 0.01)
    assert window.size == 4
    answer(window, 5)
    assert window.size == 5
    window.failed()
    assert window.size == 2
    for _ in range(20):
        window.failed()
    assert window.size == 1
    answer(window, 2, SLOW)
    assert window.size == 2


def test_a_new_beginning_forgets_what_was_learnt() -> None:
    """Where it went wrong before, too; no window is larger than its most."""
    window = Window(first=4, most=64)
    window.failed()
    window.begin_anew()
    answer(window, 4)
    assert window.size == 8
    assert Window(first=8, most=2).size == 2
