"""By whose hand the server acts: a bot's process, or (empty) a person's or a customer's.

What the server does later in consequence, such as the steps of a slow channel, keeps the hand: the
context goes along with timers and tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HAND: ContextVar[str] = ContextVar("hand", default="")


def whose() -> str:
    """Return the name of the process by whose hand the server acts now."""
    return _HAND.get()


@contextmanager
def by(holder: str) -> Iterator[None]:
    """Let the server act by this hand, within the body and in what follows from it."""
    token = _HAND.set(holder)
    try:
        yield
    finally:
        _HAND.reset(token)
