"""What turns leave behind can be measured (tests/bench/journal_size.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench import journal_size
from tests.support.logs import logging_restored


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave the process's logging as it was."""
    with logging_restored():
        yield


def test_a_turn_leaves_as_much_as_the_bars_allow() -> None:
    """600 bytes of database and 250 of log; half-filled pages weigh more where there are few."""
    size = journal_size.measure(turns=300)
    assert 0 < size.database <= 600 * 1.1
    assert 0 < size.log <= 250
