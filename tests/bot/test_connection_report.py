"""What the connection has counted reaches the metrics once."""

from __future__ import annotations

from agentbot.bot.connection_report import ConnectionReport
from agentbot.ops.metrics import Metrics
from agentbot.papercups.agent import ConnectionCounters


def test_each_call_passes_on_what_is_new() -> None:
    """Totals in the metrics are those of the connection; the first is no reconnect."""
    counters, metrics = ConnectionCounters(), Metrics()
    value = metrics.registry.get_sample_value
    report = ConnectionReport(counters, metrics)
    report()
    counters.connects, counters.frames_in, counters.frames_out = 1, 7, 3
    counters.drops["stale"] += 2
    counters.push_timeouts = 1
    report()
    report()
    counters.connects, counters.frames_in, counters.push_timeouts = 3, 10, 4
    report()
    assert value("agentbot_reconnects_total") == 2
    assert value("agentbot_frames_total", {"direction": "in"}) == 10
    assert value("agentbot_frames_total", {"direction": "out"}) == 3
    assert value("agentbot_dropped_total", {"reason": "stale"}) == 2
    assert value("agentbot_push_timeouts_total") == 4
