"""What the connection has carried and suffered reaches log and metrics, once and whole."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from agentbot.bot.connection_report import ConnectionReport, tell
from agentbot.bot.services import Services
from agentbot.ops.metrics import Metrics
from agentbot.papercups import events
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


def told(*happened: events.Event, drains: bool = False) -> tuple[Metrics, list[Any]]:
    """Return the metrics, and what was logged, once this has happened."""
    metrics, draining = Metrics(), asyncio.Event()
    if drains:
        draining.set()
    session = SimpleNamespace(user_id=7)
    services = cast(
        "Services", SimpleNamespace(metrics=metrics, session=session, draining=draining)
    )
    with capture_logs() as lines:
        for event in happened:
            tell(event, services)
    return metrics, lines


@pytest.mark.parametrize(
    ("happened", "metric", "labels", "value"),
    [
        ([events.Connected()], "connected", {}, 1),
        ([events.Connected(), events.Disconnected("cut")], "connected", {}, 0),
        ([events.OwnPresenceChanged(seen=True)], "present", {}, 1),
        ([events.OwnPresenceChanged(seen=True), events.Disconnected("cut")], "present", {}, 0),
        ([events.Unreadable("shout", "no id")], "dropped_total", {"reason": "shout"}, 1),
        ([events.DuplicatesDropped(3)], "messages_received_total", {"kind": "duplicate"}, 3),
        ([events.ConversationJoined("c")], "joins_total", {}, 1),
        ([events.AgentsOnlineChanged(frozenset({1, 2}))], "agents_online", {}, 2),
    ],
)
def test_metrics_go_by_what_happens(
    happened: list[events.Event], metric: str, labels: dict[str, str], value: float
) -> None:
    """While it happens: the next scrape shows it."""
    metrics, _ = told(*happened)

    assert metrics.registry.get_sample_value(f"agentbot_{metric}", labels) == value


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (events.Connected(), {"event": "connected", "user_id": 7}),
        (events.Disconnected("cut"), {"event": "disconnected", "reason": "cut"}),
        (
            events.Unreachable("refused", 1.26),
            {"event": "unreachable", "problem": "refused", "retry_in": 1.3},
        ),
        (
            events.Unreadable("shout", "no id"),
            {"event": "unreadable", "reason": "shout", "problem": "no id"},
        ),
        (events.DuplicatesDropped(3), None),
    ],
)
def test_the_log_says_what_somebody_may_have_to_look_at(
    event: events.Event, line: dict[str, object] | None
) -> None:
    """And no more than that."""
    _, lines = told(event)

    assert [{k: v for k, v in one.items() if k != "log_level"} for one in lines] == (
        [] if line is None else [line]
    )


def test_a_bot_that_leaves_does_not_say_that_it_was_cut_off() -> None:
    """It has said that it drains."""
    metrics, lines = told(events.Connected(), events.Disconnected("bye"), drains=True)

    assert [line["event"] for line in lines] == ["connected"]
    assert metrics.registry.get_sample_value("agentbot_connected") == 0
