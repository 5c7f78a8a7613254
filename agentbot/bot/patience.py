"""Asking a server that may be away, until it answers."""

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

T = TypeVar("T")


async def persistently(ask: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Return what ``ask`` returns, asking again, ever more slowly, while the peer is away.

    Away means: not reachable, failing, overloaded, not taking a token that is as fresh as can be,
    or a store that cannot be used. A refusal is an answer, and is raised: of them
    ``LoginRefused`` is one. The caller bounds the time by cancelling.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            return await ask()
        except _PASSING as error:
            _log.warning("asking.again", what=what, seconds=pause, error=str(error))
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
