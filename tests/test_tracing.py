"""Spans are told to who listens, and to nobody by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from agentbot import tracing
from agentbot.tracing import Attributes, Span, listening, span


class Listener:
    """Notes what it is told."""

    holds_texts = True

    def __init__(self) -> None:
        self.told: list[object] = []

    @contextmanager
    def span(self, name: str, attributes: Attributes, *, is_client: bool) -> Iterator[Span]:
        """Note its beginning and its end."""
        self.told.append((name, dict(attributes), is_client))
        yield self
        self.told.append(f"{name} ends")

    def note(self, attributes: Attributes) -> None:
        """Note what became of it."""
        self.told.append(dict(attributes))

    def ids(self) -> Mapping[str, str]:
        """Return one."""
        return {"trace_id": "1"}


def test_nobody_listens_by_default() -> None:
    """A step goes on as if it were none."""
    with span("read", {"a": 1}) as under_way:
        under_way.note({"b": 2})
        assert not under_way.holds_texts
    assert tracing.ids() == {}


def test_who_listens_is_told_while_they_listen() -> None:
    """And nobody afterwards."""
    listener = Listener()
    with listening(listener):
        with span("chat", {"a": 1}, is_client=True) as under_way:
            under_way.note({"b": 2})
        assert tracing.ids() == {"trace_id": "1"}
    with span("read"):
        pass
    assert listener.told == [("chat", {"a": 1}, True), {"b": 2}, "chat ends"]
