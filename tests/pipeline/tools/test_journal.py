"""What the journal is told of a look-up."""

from __future__ import annotations

from agentbot.pipeline.decision import Reason, TraceStep
from agentbot.pipeline.tools.journal import cost, step
from agentbot.pipeline.tools.toolbox import LookedUp

FOUND = LookedUp("stock", "found", "found", 0.12345, {"left": 3})
FAILED = LookedUp("stock", "failed", "refused", 1.0, problem="answered 403")


def test_a_look_up_is_a_step_of_the_trace() -> None:
    """Which tool, what came of it, and how long it took; not what was found."""
    assert step(FOUND) == TraceStep("look_up/stock", "found", Reason("look_up", "found (0.12 s)"))
    assert step(FAILED).outcome == "refused"
    assert step(FAILED).reason.text == "answered 403 (1.00 s)"


def test_a_look_up_has_its_figures() -> None:
    """One, and its milliseconds."""
    assert cost(FOUND) == {"look_ups": 1.0, "look_up_seconds": 0.123}
