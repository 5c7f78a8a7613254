"""How much may be under way at a server at a time: learnt from how it answers.

A server that has just started, or has little room, is drowned by whoever sends all that waits at
once: Papercups' pool of ten database connections runs dry under fifty replies in a second, and then
channels crash and other clients get errors. So one begins with a few requests under way, sends the
next as an answer comes, lets the window grow while the answers come quickly, and halves it where
they are slow or fail, as TCP does. No I/O, and no clock.
"""

from __future__ import annotations

SLOW = 0.5
"""Seconds after which an answer is slow: a server at ease needs some tens of milliseconds, and one
whose pool is dry lets requests wait for up to a second before it drops them."""
POOL = 8
"""How many of the ten database connections that Papercups has, unless told otherwise, may be ours
without care. Answers that were asked for together come together, and so does what they let out."""


class Window:
    """The number of requests that may be under way: at least 1, at most ``most``."""

    def __init__(self, *, first: int, most: int, slow: float = SLOW) -> None:
        self._first = min(first, most)
        self._most = most
        self._slow = slow
        self._size = float(self._first)
        self._threshold = float(POOL)

    @property
    def size(self) -> int:
        """How many requests may be under way now."""
        return int(self._size)

    def answered(self, seconds: float) -> None:
        """Take note of a good answer that took so long.

        Up to the size of the server's pool, or to where it last went wrong, the window doubles with
        each round of answers; from there on it grows by one.
        """
        if seconds > self._slow:
            self.failed()
            return
        grows = 1.0 if self._size < self._threshold else 1.0 / self._size
        self._size = min(self._size + grows, float(self._most))

    def failed(self) -> None:
        """Take note of an answer that did not come, came too late, or was an error."""
        self._size = max(self._size / 2, 1.0)
        self._threshold = self._size

    def begin_anew(self) -> None:
        """Forget what was learnt: the server has been away."""
        self._size = float(self._first)
        self._threshold = float(POOL)
