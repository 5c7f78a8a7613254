"""What the connection has carried and suffered reaches the metrics, once and whole."""

from __future__ import annotations

from agentbot.bot.connection_report import ConnectionReport
from agentbot.ops.metrics import Metrics
from agentbot.papercups.agent import ConnectionCounters


class Reported:
    """Counters that a test moves, and what of them is in the metrics."""

    def __init__(self) -> None:
        self.counters = ConnectionCounters()
        self.metrics = Metrics()
        self.report = ConnectionReport(self.counters, self.metrics)

    def value(self, name: str, **labels: str) -> float:
        """Return a metric's value."""
        return self.metrics.registry.get_sample_value(f"agentbot_{name}", labels) or 0.0


def test_each_call_passes_on_what_is_new() -> None:
    """Totals in the metrics are those of the connection, however often they are reported."""
    reported = Reported()
    counters = reported.counters
    reported.report()
    counters.connects, counters.frames_in, counters.frames_out = 1, 7, 3
    counters.drops["stale"] += 2
    counters.push_timeouts = 1
    reported.report()
    reported.report()
    counters.connects, counters.frames_in, counters.push_timeouts = 3, 10, 4
    counters.drops["stale"] += 1
    reported.report()
    reported.report()
    assert reported.value("reconnects_total") == 2
    assert reported.value("frames_total", direction="in") == 10
    assert reported.value("frames_total", direction="out") == 3
    assert reported.value("dropped_total", reason="stale") == 3
    assert reported.value("push_timeouts_total") == 4


def test_the_first_connection_is_no_reconnect_whenever_it_comes() -> None:
    """A server that is away at the start is reported on before there is any connection."""
    reported = Reported()
    reported.report()
    reported.report()
    assert reported.value("reconnects_total") == 0
    reported.counters.connects = 1
    reported.report()
    assert reported.value("reconnects_total") == 0
    reported.counters.connects = 2
    reported.report()
    assert reported.value("reconnects_total") == 1


def test_reconnects_before_the_first_report_count() -> None:
    """The connection may break in the first seconds."""
    reported = Reported()
    reported.counters.connects = 3
    reported.report()
    assert reported.value("reconnects_total") == 2
