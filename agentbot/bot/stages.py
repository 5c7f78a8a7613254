"""The stages of a turn, from the customer's shout to the reply: each is timed, and a span."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from types import TracebackType

from agentbot.ops.metrics import Metrics, Stage
from agentbot.tracing import Span, span


class stage(AbstractContextManager[Span]):  # noqa: N801 - used as a statement, as `suppress` is
    """A stage that is under way while the body runs, as the event loop counts time."""

    __slots__ = ("_began", "_metrics", "_name", "_span")

    def __init__(self, metrics: Metrics, name: Stage) -> None:
        self._metrics = metrics
        self._name = name
        self._span = span(name)
        self._began = 0.0

    def __enter__(self) -> Span:
        self._began = asyncio.get_running_loop().time()
        return self._span.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        seconds = asyncio.get_running_loop().time() - self._began
        self._metrics.stage_took(self._name, seconds)
        return self._span.__exit__(kind, error, traceback)
