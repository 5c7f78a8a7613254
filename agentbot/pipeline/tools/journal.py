"""What the journal is told of a look-up: neither what was asked, nor what was answered."""

from __future__ import annotations

from agentbot.pipeline.decision import Reason, TraceStep
from agentbot.pipeline.tools.toolbox import LookedUp


def step(looked: LookedUp) -> TraceStep:
    """Return the line of the trace: which tool, what came of it, and how long it took."""
    said = looked.problem or "found"
    return TraceStep(
        f"look_up/{looked.tool}", looked.code, Reason("look_up", f"{said} ({looked.seconds:.2f} s)")
    )


def cost(looked: LookedUp) -> dict[str, float]:
    """Return the figures for the journal."""
    return {"look_ups": 1.0, "look_up_seconds": round(looked.seconds, 3)}
