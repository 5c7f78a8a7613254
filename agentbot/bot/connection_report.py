"""What the connection has carried and suffered, passed on to the metrics."""

from __future__ import annotations

from dataclasses import replace

from agentbot.ops.metrics import Metrics
from agentbot.papercups.agent import ConnectionCounters


class ConnectionReport:
    """A report that passes on, at each call, what ``counters`` have gained since the last one."""

    def __init__(self, counters: ConnectionCounters, metrics: Metrics) -> None:
        self._counters = counters
        self._metrics = metrics
        self._known = ConnectionCounters(connects=1)  # the first is no reconnect

    def __call__(self) -> None:
        """Pass on what is new."""
        now, known = replace(self._counters, drops=self._counters.drops.copy()), self._known
        self._metrics.frames_in(now.frames_in - known.frames_in)
        self._metrics.frames_out(now.frames_out - known.frames_out)
        self._metrics.reconnected(max(now.connects - known.connects, 0))
        self._metrics.push_timed_out(now.push_timeouts - known.push_timeouts)
        for reason, count in (now.drops - known.drops).items():
            self._metrics.dropped(reason, count)
        now.connects = max(now.connects, 1)
        self._known = now
