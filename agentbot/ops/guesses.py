"""A password that is asked for over a network is guessed slowly.

After some wrong guesses no other is looked at during a pause, and the pauses grow. They are one for
all addresses: those cost an attacker nothing, and behind a proxy all are one. In a pause the right
password is refused too, without being compared: else whoever guesses would go on at full speed, and
see which one was right.

So that a stranger who goes on guessing keeps nobody out who has known the password, those carry a
mark from then on (a cookie), and are counted apart. The mark opens nothing: it is worth no more
than guesses of one's own. For all others the longest pause is short, though whoever comes first
after it has the next guess.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable

FREE = 5
"""Wrong guesses without a pause: somebody mistypes, or has an old password in a script."""
LONGEST = 60.0
"""Seconds of a pause at most. With 1,440 guesses a day, the 36^8 passwords of eight letters and
digits take millions of years; and who is kept out by a stranger waits no longer."""
_FIRST = 1.0
"""Seconds of the first pause; each doubles the one before."""
_FORGOTTEN_AFTER = 900.0
"""Seconds after the last wrong guess from which on all is as in the beginning. Who waits for that
to guess freely again makes fewer guesses a day than who goes on at the longest pause."""


class Throttle:
    """What lets guesses through ever more slowly. ``clock`` tells seconds, and never goes back."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self.wrong = 0
        """The wrong guesses of late."""
        self._clock = clock
        self._last = self._until = clock()
        self._pause = 0.0

    def left(self) -> float:
        """Return the seconds for which no guess is looked at; 0: the next one is."""
        return max(0.0, self._until - self._clock())

    def note_wrong(self) -> float:
        """Take note of a wrong guess; return the seconds of the pause that begins with it."""
        now = self._clock()
        if now - self._last >= _FORGOTTEN_AFTER:
            self.wrong, self._pause = 0, 0.0
        self.wrong += 1
        self._last = now
        if self.wrong > FREE:
            self._pause = min(max(_FIRST, 2 * self._pause), LONGEST)
        self._until = now + self._pause
        return self._pause


class Guesses:
    """The guesses of one password: those of strangers, and of whoever has known it."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, mark: str | None = None
    ) -> None:
        self.mark = mark or secrets.token_urlsafe(32)
        """What whoever has known the password carries; another one after each start."""
        self._strangers, self._marked = Throttle(clock=clock), Throttle(clock=clock)

    def throttle_of(self, mark: str) -> Throttle:
        """Return the throttle of whoever carries this mark; "" where they carry none."""
        is_ours = hmac.compare_digest(mark.encode(), self.mark.encode())
        return self._marked if is_ours else self._strangers
