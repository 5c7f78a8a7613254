"""A stage of a turn is timed by the event loop, and is a span (`bot/stages.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

import pytest

from agentbot.bot.stages import stage
from agentbot.ops.metrics import Metrics
from agentbot.tracing import Span, Value, listening
from tests.support.virtual_time import run_virtual


class Listener:
    """Whoever listens to spans: their names."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def span(
        self,
        name: str,
        attributes: Mapping[str, Value],  # noqa: ARG002 - a stage begins without any
        *,
        is_client: bool,
    ) -> AbstractContextManager[Span]:
        """Note the span."""
        assert not is_client
        self.heard.append(name)
        return nullcontext(_Noted())

    def ids(self) -> Mapping[str, str]:
        """Return none."""
        return {}


class _Noted:
    holds_texts = True

    def note(self, attributes: Mapping[str, Value]) -> None:
        """Take what is noted."""


def seconds(metrics: Metrics, name: str) -> float | None:
    """Return the seconds of a stage so far."""
    return metrics.registry.get_sample_value("agentbot_turn_stage_seconds_sum", {"stage": name})


@pytest.mark.parametrize("fails", [False, True])
def test_a_stage_is_timed_to_its_end_good_or_bad(fails: bool) -> None:  # noqa: FBT001 - a row
    """An error goes on its way."""
    metrics, listener = Metrics(), Listener()

    async def take() -> None:
        with listening(listener), stage(metrics, "decide") as span:
            assert span.holds_texts
            await asyncio.sleep(2.0)
            if fails:
                raise ValueError

    if fails:
        with pytest.raises(ValueError):  # noqa: PT011 - it has no text
            run_virtual(take())
    else:
        run_virtual(take())
    assert seconds(metrics, "decide") == pytest.approx(2.0)
    assert seconds(metrics, "read") == 0.0
    assert listener.heard == ["decide"]
