"""Delays between attempts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentbot.phoenix.backoff import Backoff


@given(st.floats(0, 1, exclude_max=True))
def test_delays_double_to_a_cap_within_their_spread(random: float) -> None:
    """Each lies in the upper half of its base."""
    backoff = Backoff(random=lambda: random, first=1, cap=10)
    for base in (1, 2, 4, 8, 10, 10):
        assert base / 2 <= backoff.next() <= base
    backoff.reset()
    assert backoff.next() <= 1
