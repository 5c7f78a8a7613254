"""The store is opened at the start, however long it is away, in virtual time.

Against a real database: tests/chaos/test_surroundings.py.
"""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from agentbot.cli.store_opener import StoreOpener
from agentbot.errors import ConfigurationError, StateUnavailable
from agentbot.ops.metrics import Metrics
from tests.support.virtual_time import run_virtual

AWAY = StateUnavailable("postgresql://db/x", "the database system is starting up")


class ScriptedStore:
    """A store whose attempts to open raise what they are told, and when they were made."""

    def __init__(self, *raised: Exception) -> None:
        self.attempts: list[float] = []
        self._raised = list(raised)

    async def open(self) -> None:
        """Raise the next, if there is one."""
        self.attempts.append(asyncio.get_running_loop().time())
        if self._raised:
            raise self._raised.pop(0)


def opener(store: ScriptedStore, metrics: Metrics | None = None) -> StoreOpener:
    """Return what opens the store, with the longest of its pauses."""
    return StoreOpener(store, metrics or Metrics(), random=lambda: 1.0)


def test_a_store_that_is_away_is_tried_ever_more_slowly() -> None:
    """Each attempt is a line, with the problem and the pause, and counted; then all is well."""
    store, metrics = ScriptedStore(*[AWAY] * 7), Metrics()

    async def main() -> None:
        way = opener(store, metrics)
        problems = []
        for step in (way.attempt, way.insist, way.insist):
            await step()
            problems.append(way.problem)
        assert problems == [AWAY.problem, None, None]

    with capture_logs() as lines:
        run_virtual(main())
    pauses = [later - earlier for earlier, later in pairwise(store.attempts)]
    assert pauses == pytest.approx([0.5, 1, 2, 4, 8, 10, 10], abs=0.01)
    assert [line["retry_in"] for line in lines] == [0.5, 1, 2, 4, 8, 10, 10]
    assert {line["problem"] for line in lines} == {AWAY.problem}
    assert metrics.registry.get_sample_value("agentbot_state_errors_total") == 7


def test_what_no_waiting_mends_is_raised() -> None:
    """At once, or where it shows only after some waiting."""
    wrong = ConfigurationError("AGENTBOT_STATE_URL", "no such database")
    store = ScriptedStore(AWAY, wrong)

    async def main() -> None:
        with pytest.raises(ConfigurationError):
            await opener(store).insist()

    run_virtual(main())
    assert len(store.attempts) == 2
