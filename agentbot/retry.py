"""Retrying: which failures pass, how long to wait before the next attempt, and when to stop.

Whatever asks again goes by a :class:`RetryPolicy`. It is used in three ways:

* :meth:`RetryPolicy.retrying` repeats a call a few times: a request, a question to the model;
* :class:`Backoff` gives the pauses to a loop of the caller's own: the connection, the store at
  start;
* :func:`retry_while_away` repeats a question until the server is back: what the bot has to know.

How long a server asks to be left alone, `retry_after_in` reads.
"""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TypeVar

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_any,
    stop_before_delay,
)
from tenacity.stop import stop_base

from agentbot.errors import (
    RateLimited,
    ServerFailed,
    StateUnavailable,
    TransportError,
    Unauthenticated,
)

_log = structlog.get_logger("agentbot.retry")

T = TypeVar("T")
Random = Callable[[], float]
"""A source of numbers in [0, 1)."""

TRANSIENT = (TransportError, ServerFailed, RateLimited, StateUnavailable)
"""Errors after which the same question, asked a little later, may well be answered."""

_TRANSIENT_OR_AWAY = (*TRANSIENT, Unauthenticated)

_SAID_BY_PROXIES = frozenset({502, 503, 504})
"""Statuses with which a proxy says that there is nobody behind it."""

GIVE_UP_AFTER = 60.0
"""Seconds of nothing but 500 after which the question is at fault, not the server: far longer than
an overloaded server takes to recover, and no longer than a conversation can wait."""

_MOST_DOUBLINGS = 32
"""No pause doubles as often as that before it reaches its cap; 2.0 to the power of 1024 and more
would be an ``OverflowError``."""


def is_transient(error: BaseException) -> bool:
    """Say whether the same question may be answered a little later."""
    return isinstance(error, TRANSIENT)


def is_away(error: BaseException) -> bool:
    """Say whether ``error`` tells of a server that is away, not of a question it cannot answer.

    ``Unauthenticated`` does: it is raised where the server does not take a token that has only
    just been made. Wrong e-mail or password is ``LoginRefused``.
    """
    if isinstance(error, ServerFailed):
        return error.status in _SAID_BY_PROXIES
    return isinstance(error, _TRANSIENT_OR_AWAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How to ask again. Times are in seconds.

    Pauses double from ``first_pause`` to ``longest_pause``. Each is spread at random over the
    upper half of its length, so that many who failed in one moment do not all come back in one.
    An error with a ``retry_after`` (seconds) asks for a longer pause; it gets it, up to
    ``longest_asked_pause``.

    ``attempts`` counts the first one too; ``deadline`` counts from the first attempt, and no
    attempt begins after it. Where both are None, :meth:`retrying` goes on for ever.
    """

    first_pause: float
    longest_pause: float
    longest_asked_pause: float = 60.0
    attempts: int | None = None
    deadline: float | None = None

    def pause(self, failures: int, error: object, *, random: Random) -> float:
        """Return the pause after so many failures in a row, of which ``error`` was the last."""
        doubled = self.first_pause * 2.0 ** min(failures - 1, _MOST_DOUBLINGS)
        pause = min(doubled, self.longest_pause) * (0.5 + random() / 2)
        asked = getattr(error, "retry_after", None) or 0.0
        return max(pause, min(asked, self.longest_asked_pause))

    def retrying(
        self,
        *,
        transient: Callable[[BaseException], bool] = is_transient,
        random: Random = random_module.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> AsyncRetrying:
        """Return what repeats a call while it fails, and ``transient`` says so of its error.

        ``await policy.retrying()(function, *args)`` returns what the function returns, or raises
        its last error. A pause that only the server can have asked for is logged: it is longer
        than anybody expects.
        """

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome is not None else None
            return self.pause(state.attempt_number, error, random=random)

        def tell(state: RetryCallState) -> None:
            pause = state.next_action.sleep if state.next_action is not None else 0.0
            if pause > self.longest_pause and state.outcome is not None:
                error = str(state.outcome.exception())
                _log.warning("asking.again", seconds=round(pause, 2), error=error)

        stops: list[stop_base] = []
        if self.attempts is not None:
            stops.append(stop_after_attempt(self.attempts))
        if self.deadline is not None:
            stops.append(stop_before_delay(self.deadline))
        return AsyncRetrying(
            retry=retry_if_exception(transient),
            stop=stop_any(*stops),
            wait=wait,
            sleep=sleep,
            before_sleep=tell,
            reraise=True,
        )


WHILE_AWAY = RetryPolicy(first_pause=0.5, longest_pause=10.0)
"""For what has to be known, however long it takes. After half a second a short overload is over;
and a customer who has waited all along is answered within ten seconds after the server is back."""


class Backoff:
    """The pauses of one loop that tries again and again.

    The caller says what counts as success. To :meth:`reset` as soon as a connection is open makes
    a client spin against a server that accepts and closes.
    """

    def __init__(self, policy: RetryPolicy, *, random: Random = random_module.random) -> None:
        self._policy = policy
        self._random = random
        self._failures = 0

    def next(self, error: object = None) -> float:
        """Return the pause before the next attempt, in seconds; ``error`` is what has failed."""
        self._failures += 1
        return self._policy.pause(self._failures, error, random=self._random)

    def reset(self) -> None:
        """Begin anew with the first pause."""
        self._failures = 0


async def retry_while_away(
    ask: Callable[[], Awaitable[T]],
    *,
    what: str,
    give_up_after: float | None = None,
    random: Random = random_module.random,
) -> T:
    """Return what ``ask`` returns, asking again by :data:`WHILE_AWAY` while the server is away.

    Any other error is an answer, and is raised. ``what`` names the question in the log. The caller
    bounds the time by cancelling.

    Papercups also answers 500 to what it cannot do, such as writing into a conversation that has
    been deleted, and will for ever: after ``give_up_after`` seconds of that it is raised.
    """
    backoff = Backoff(WHILE_AWAY, random=random)
    now = asyncio.get_running_loop().time
    failing_since: float | None = None
    while True:
        try:
            return await ask()
        except _TRANSIENT_OR_AWAY as error:
            if is_away(error):
                failing_since = None
            else:
                failing_since = now() if failing_since is None else failing_since
                if give_up_after is not None and now() - failing_since >= give_up_after:
                    raise
            pause = backoff.next(error)
            _log.warning("asking.again", what=what, seconds=round(pause, 2), error=str(error))
        await asyncio.sleep(pause)


async def retry_for_a_while(ask: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Return what ``ask`` returns, as :func:`retry_while_away`, for what may never be possible."""
    return await retry_while_away(ask, what=what, give_up_after=GIVE_UP_AFTER)


def retry_after_in(headers: Mapping[str, str]) -> float | None:
    """Return the pause that an answer's headers ask for, in seconds; None where they ask for none.

    ``Retry-After`` is a number or a date (RFC 9110, 10.2.3), ``retry-after-ms`` OpenAI's own.
    """
    said = headers.get("retry-after", "").strip()
    try:
        if milliseconds := headers.get("retry-after-ms"):
            seconds = float(milliseconds) / 1000
        else:
            seconds = float(said)
    except ValueError:
        return _until(said, headers.get("date"))
    return max(0.0, seconds) if isfinite(seconds) else None


def _until(date: str, its_now: str | None) -> float | None:
    """Return the seconds until ``date`` by the server's own clock, which may differ from ours."""
    try:
        until = parsedate_to_datetime(date)
    except ValueError:  # absent, or nonsense: the usual wait is as good
        return None
    try:
        now = parsedate_to_datetime(its_now or "")
    except ValueError:
        now = datetime.now(UTC)
    return max(0.0, (_aware(until) - _aware(now)) / timedelta(seconds=1))


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
