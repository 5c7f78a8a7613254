"""Asking a server that may be away, until it answers, or clearly cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from agentbot.errors import (
    RateLimited,
    ServerFailed,
    StateUnavailable,
    TransportError,
    Unauthenticated,
)

_log = structlog.get_logger("agentbot.patience")

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0

_PASSING = (TransportError, ServerFailed, RateLimited, Unauthenticated, StateUnavailable)
_SAID_BY_PROXIES = frozenset({502, 503, 504})

GIVE_UP_AFTER = 60.0
"""Seconds of nothing but failures after which what fails is the question, not the server."""

T = TypeVar("T")


def is_away(error: Exception) -> bool:
    """Whether ``error`` tells of a server that is away, not of a question that it cannot take."""
    if isinstance(error, ServerFailed):
        return error.status in _SAID_BY_PROXIES
    return isinstance(error, _PASSING)


async def retry_while_away(
    ask: Callable[[], Awaitable[T]], *, what: str, give_up_after: float | None = None
) -> T:
    """Return what ``ask`` returns, asking again, ever more slowly, while the peer is away.

    Away means: not reachable, failing, overloaded, not taking a token that is as fresh as can be,
    or a store that cannot be used. A refusal is an answer, and is raised: of them
    ``LoginRefused`` is one. The caller bounds the time by cancelling.

    Papercups also answers 500 to what it cannot do, such as writing into a conversation that has
    been deleted, and will for ever: after ``give_up_after`` seconds of that it is raised.
    """
    pause, failing_since = _FIRST_PAUSE, None
    now = asyncio.get_running_loop().time
    while True:
        try:
            return await ask()
        except _PASSING as error:
            if is_away(error):
                failing_since = None
            else:
                failing_since = now() if failing_since is None else failing_since
                if give_up_after is not None and now() - failing_since >= give_up_after:
                    raise
            _log.warning("asking.again", what=what, seconds=pause, error=str(error))
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
