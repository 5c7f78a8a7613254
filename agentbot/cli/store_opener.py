"""The opening of the store at start: a database that is away is waited for."""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import Callable
from typing import Protocol

import structlog

from agentbot.errors import StateUnavailable
from agentbot.ops.metrics import Metrics
from agentbot.retry import WHILE_AWAY, Backoff

_log = structlog.get_logger("agentbot.state")


class Openable(Protocol):
    """A store, as far as it concerns whoever opens it."""

    async def open(self) -> None:
        """Connect and migrate. Raises ``StateUnavailable`` where it is away."""


class StoreOpener:
    """What opens ``store``. ``problem`` says why it is not open; None: it is."""

    def __init__(
        self,
        store: Openable,
        metrics: Metrics,
        *,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        self.problem: str | None = "not opened yet"
        self._store = store
        self._metrics = metrics
        self._backoff = Backoff(WHILE_AWAY, random=random)
        self._pause = 0.0

    def not_ready(self) -> dict[str, str]:
        """Return that the state is not ready, and why; nothing where it is open."""
        return {} if self.problem is None else {"state": self.problem}

    async def attempt(self) -> None:
        """Try once; where the store is away, say so, and when the next attempt is due.

        Raises ``StateInUse`` or ``ConfigurationError``, which no waiting mends.
        """
        try:
            await self._store.open()
        except StateUnavailable as error:
            self.problem = error.problem
            self._pause = self._backoff.next(error)
            self._metrics.state_failed()
            _log.warning(
                "state.unavailable",
                url=error.url,
                problem=error.problem,
                retry_in=round(self._pause, 1),
            )
        else:
            self.problem = None

    async def insist(self) -> None:
        """Try again, ever more slowly, until the store is open. Raises what :meth:`attempt` does.

        Does nothing where it is open.
        """
        while self.problem is not None:
            await asyncio.sleep(self._pause)
            await self.attempt()
