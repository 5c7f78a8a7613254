"""The figures that operators see."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from prometheus_client import REGISTRY

from agentbot import __version__
from agentbot.bot.hearing.intake import Kind
from agentbot.ops.metrics import CatchUpPath, Metrics


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """The value of one series, or None where there is none."""
    return metrics.registry.get_sample_value(f"agentbot_{name}", labels)


def test_every_report_moves_its_series() -> None:
    """Each method counts what its name says."""
    metrics = Metrics()

    metrics.message_received("customer")
    metrics.turn_settled(outcome="replied", by="rule", reason_code="matched")
    metrics.turn_settled(outcome="silent", by=None, reason_code="person_active")
    metrics.turn_took(1.2)
    metrics.stage_took("decide", 0.5)
    metrics.reply_confirmed()
    metrics.reply_resent()
    metrics.caught_up("start", 3)
    metrics.reconnected()
    metrics.joined()
    metrics.frames_in(7)
    metrics.frames_out()
    metrics.dropped("queue_full", 2)
    metrics.push_timed_out()
    metrics.state_failed()
    metrics.claim_took(0.002)
    metrics.llm_used(prompt_tokens=100, completion_tokens=20)
    metrics.llm_failed("timeout")
    metrics.looked_up("order_status", "found", 0.4)

    assert value(metrics, "messages_received_total", kind="customer") == 1
    assert value(metrics, "turns_total", outcome="replied", by="rule", reason="matched") == 1
    assert value(metrics, "turns_total", outcome="silent", by="none", reason="person_active") == 1
    assert value(metrics, "turn_seconds_sum") == 1.2
    assert value(metrics, "turn_stage_seconds_sum", stage="decide") == 0.5
    assert value(metrics, "turn_stage_seconds_count", stage="deliver") == 0
    assert value(metrics, "replies_confirmed_total") == 1
    assert value(metrics, "replies_resent_total") == 1
    assert value(metrics, "catch_up_found_total", path="start") == 3
    assert value(metrics, "reconnects_total") == 1
    assert value(metrics, "joins_total") == 1
    assert value(metrics, "frames_total", direction="in") == 7
    assert value(metrics, "frames_total", direction="out") == 1
    assert value(metrics, "dropped_total", reason="queue_full") == 2
    assert value(metrics, "push_timeouts_total") == 1
    assert value(metrics, "state_errors_total") == 1
    assert value(metrics, "state_claim_seconds_count") == 1
    assert value(metrics, "llm_tokens_total", kind="prompt") == 100
    assert value(metrics, "llm_tokens_total", kind="completion") == 20
    assert value(metrics, "llm_failures_total", kind="timeout") == 1
    assert value(metrics, "look_ups_total", tool="order_status", outcome="found") == 1
    assert value(metrics, "look_up_seconds_sum") == 0.4


def test_gauges_show_the_present() -> None:
    """A gauge holds what was said last."""
    metrics = Metrics()

    for count in (5, 2):
        metrics.set_conversations_active(count)
        metrics.set_queue_length(count)
        metrics.set_agents_online(count)
    metrics.set_connected(True)
    metrics.set_present(True)

    assert value(metrics, "conversations_active") == 2
    assert value(metrics, "queue_length") == 2
    assert value(metrics, "agents_online") == 2
    assert value(metrics, "connected") == 1
    assert value(metrics, "present") == 1


@pytest.mark.parametrize("path", get_args(CatchUpPath))
def test_catching_up_shows_zero_from_the_start(path: str) -> None:
    """An alert can tell that nothing was found from that nobody counts."""
    assert value(Metrics(), "catch_up_found_total", path=path) == 0


def test_the_kinds_of_messages_are_those_that_the_bot_tells_apart() -> None:
    """What is documented is what is counted."""
    documented = set(re.findall(r"``(\w+)``", Metrics.message_received.__doc__ or ""))
    assert documented == set(Kind)


def test_labels_are_bounded() -> None:
    """A thousand reasons make fifty series and one for the rest."""
    metrics = Metrics()

    for number in range(1000):
        metrics.dropped(f"reason {number}")

    family = next(f for f in metrics.registry.collect() if f.name == "agentbot_dropped")
    counted = {s.labels["reason"]: s.value for s in family.samples if s.name.endswith("_total")}
    assert len(counted) == 51
    assert counted["reason 0"] == 1
    assert counted["other"] == 950


def test_registries_are_apart() -> None:
    """Two bots in one process do not share figures, nor do they use the global registry."""
    one, other = Metrics(), Metrics()

    one.joined()

    assert value(other, "joins_total") == 0
    assert REGISTRY.get_sample_value("agentbot_joins_total") is None


def test_version_is_shown() -> None:
    """What runs can be told from outside."""
    assert value(Metrics(), "build_info", version=__version__) == 1
