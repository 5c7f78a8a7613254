"""What a responder is: anything with a name that turns a turn into a decision, or passes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from agentbot.pipeline.decision import Decision, Pass, Reason, TraceStep
from agentbot.pipeline.turn import Turn


@dataclass(frozen=True, slots=True)
class Later(Awaitable[Decision]):
    """A decision that takes a while, though it is known by then which rule decides: ``source``.

    Nothing is done for it before it is awaited.
    """

    source: str
    decide: Callable[[], Coroutine[Any, Any, Decision]]

    def __await__(self) -> Generator[Any, Any, Decision]:
        return self.decide().__await__()


@runtime_checkable
class Responder(Protocol):
    """One member of the pipeline.

    ``respond`` is either a plain method, for what is decided at once (no task is made for it), or
    a coroutine method, for what must wait. It returns a decision, which ends the pipeline, or a
    :class:`~agentbot.pipeline.decision.Pass`, which hands the turn to the next responder.
    """

    @property
    def name(self) -> str:
        """A short name, unique in the pipeline, for the log and the trace."""

    def respond(self, turn: Turn) -> Decision | Pass | Awaitable[Decision | Pass]:
        """Decide, or pass with the reason why."""


@runtime_checkable
class Explainer(Protocol):
    """A responder that can say what it makes of a turn, part by part."""

    def explain(self, turn: Turn) -> tuple[TraceStep, ...]:
        """Say what each of its parts makes of the turn."""


@runtime_checkable
class Preparing(Protocol):
    """A responder whose first question would wait for what can be made ready before."""

    def get_ready(self) -> None:
        """Make it ready."""


_MAX_ERROR = 300
"""Characters of a responder's error that go into the trace: a line or two, whatever it holds."""


def failed(name: str, error: Exception) -> TraceStep:
    """Return the step of a responder that raised."""
    return TraceStep(name, "error", Reason("responder_failed", repr(error)[:_MAX_ERROR]))
