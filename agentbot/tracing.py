"""Spans: what a turn does step by step, and how long each step takes.

By default nobody listens, and a span costs a quarter of a microsecond; `agentbot.ops.otel` sends
them to a collector. As with logs, who listens is the process's choice and not each part's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, Self

Value = str | int | float | bool
Attributes = Mapping[str, Value]
_NONE: dict[str, Value] = {}


class Span(Protocol):
    """A step that is under way."""

    @property
    def holds_texts(self) -> bool:
        """Whether what people and models wrote may stand in it."""

    def note(self, attributes: Attributes) -> None:
        """Add what became of it."""


class Tracer(Protocol):
    """Who listens."""

    def span(
        self, name: str, attributes: Attributes, *, is_client: bool
    ) -> AbstractContextManager[Span]:
        """Begin a span within the one under way; it ends with the context."""

    def ids(self) -> Mapping[str, str]:
        """Return the ids of the span under way, for a line of the log; none where there is none."""


class _Unheard:
    """The span that nobody listens to."""

    holds_texts = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def note(self, attributes: Attributes) -> None:
        """Forget it."""


_UNHEARD = _Unheard()
_listening: Tracer | None = None


def span(
    name: str, attributes: Attributes = _NONE, *, is_client: bool = False
) -> AbstractContextManager[Span]:
    """Return a context that is a step of its own; ``is_client``: another server is asked."""
    if _listening is None:
        return _UNHEARD
    return _listening.span(name, attributes, is_client=is_client)


def ids() -> Mapping[str, str]:
    """Return the ids of the span under way; none where there is none, or nobody listens."""
    return {} if _listening is None else _listening.ids()


@contextmanager
def listening(tracer: Tracer) -> Iterator[None]:
    """Let ``tracer`` listen while the body runs."""
    global _listening  # noqa: PLW0603 - one process, one listener
    before, _listening = _listening, tracer
    try:
        yield
    finally:
        _listening = before
