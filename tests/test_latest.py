"""What is remembered within a bound is what came last (`latest.py`)."""

from __future__ import annotations

from agentbot.latest import Latest


def test_what_was_set_longest_ago_goes_first() -> None:
    """As soon as there is one too many."""
    latest: Latest[str, int] = Latest(2)
    for number, key in enumerate("abc"):
        latest[key] = number

    assert dict(latest) == {"b": 1, "c": 2}
    assert latest.get("a") is None


def test_what_is_set_again_is_the_last() -> None:
    """With its new value; to look at it makes no difference."""
    latest: Latest[str, int] = Latest(2)
    latest["a"], latest["b"], latest["a"] = 1, 2, 3
    assert latest["b"] == 2
    latest["c"] = 4

    assert list(latest.items()) == [("a", 3), ("c", 4)]


def test_what_is_set_where_nothing_stood_counts_too() -> None:
    """And what stood there stays, and stays where it was."""
    latest: Latest[str, int] = Latest(2)
    for key, number in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        latest.setdefault(key, number)

    assert list(latest.items()) == [("b", 2), ("c", 4)]
