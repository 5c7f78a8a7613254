"""How long to wait before the next attempt to connect."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """Delays that double up to a cap, each spread over its upper half. Times are in seconds.

    ``random`` returns numbers in [0, 1). The caller decides what counts as success: to reset on
    an opened line alone makes a client spin against a server that accepts and closes.
    """

    def __init__(
        self, *, random: Callable[[], float], first: float = 0.25, cap: float = 20.0
    ) -> None:
        self._random = random
        self._first = first
        self._cap = cap
        self._base = first

    def next(self) -> float:
        """Return the next delay, and double the one after it."""
        base, self._base = self._base, min(self._cap, self._base * 2)
        return base * (0.5 + self._random() / 2)

    def reset(self) -> None:
        """Begin anew with the first delay."""
        self._base = self._first
