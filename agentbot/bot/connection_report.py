"""What operators want to know of the connection: what happens to it, and now and then figures."""

from __future__ import annotations

from dataclasses import replace

import structlog

from agentbot.bot.hearing.intake import Kind
from agentbot.bot.services import Services
from agentbot.ops.metrics import Metrics
from agentbot.papercups import events
from agentbot.papercups.agent import ConnectionCounters

_log = structlog.get_logger("agentbot.bot")


def tell(event: events.Event, services: Services) -> None:
    """Log what has happened to the connection, and set the metrics by it."""
    metrics = services.metrics
    match event:
        case events.Connected():
            _log.info("connected", user_id=services.session.user_id)
            metrics.set_connected(connected=True)
        case events.Disconnected(reason=reason):
            if not services.draining.is_set():
                _log.warning("disconnected", reason=reason)
            metrics.set_connected(connected=False)
            metrics.set_present(present=False)  # as far as anybody knows
        case events.OwnPresenceChanged(seen):
            metrics.set_present(seen)
        case events.Unreachable(problem=problem, retry_in=retry_in):
            _log.warning("unreachable", problem=problem, retry_in=round(retry_in, 1))
        case events.Unreadable(reason=reason, problem=problem):
            _log.warning("unreadable", reason=reason, problem=problem)
            metrics.dropped(reason)
        case events.DuplicatesDropped(count=count):
            metrics.message_received(Kind.DUPLICATE, count)
        case events.ConversationJoined():
            metrics.joined()
        case events.AgentsOnlineChanged(user_ids=user_ids):
            metrics.set_agents_online(len(user_ids))
        case _:
            pass


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
