"""Asking again, and when not to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from agentbot.errors import AgentbotError, NotFound, ServerFailed, TransportError
from agentbot.retry import retry_while_away
from tests.support.virtual_time import run_virtual

CRASHED = ServerFailed("POST", "/api/messages", 500)
BEHIND_A_PROXY = ServerFailed("POST", "/api/messages", 502)
UNREACHABLE = TransportError("http://papercups", "refused")


def seconds_until_raised(
    failures: Iterator[AgentbotError], *, give_up_after: float | None
) -> float:
    """Return after how many seconds a question that fails so is given up."""

    async def fail() -> None:
        raise next(failures)

    async def main() -> float:
        with pytest.raises(AgentbotError):
            await retry_while_away(fail, what="test", give_up_after=give_up_after)
        return asyncio.get_running_loop().time()

    return run_virtual(main())


def test_a_refusal_is_an_answer() -> None:
    """It is raised at once."""
    refusals = repeat(NotFound("GET", "/api/conversations/1", 404))
    assert seconds_until_raised(refusals, give_up_after=None) < 1


def test_what_the_server_cannot_do_is_given_up_after_a_while() -> None:
    """500 may be for ever: Papercups answers it to a message in a deleted conversation."""
    assert 60 <= seconds_until_raised(repeat(CRASHED), give_up_after=60) < 80


@pytest.mark.parametrize("outage", [BEHIND_A_PROXY, UNREACHABLE])
def test_an_outage_is_waited_for(outage: AgentbotError) -> None:
    """However long it takes: only what the server itself fails at counts, and that in a row."""
    story = chain(repeat(CRASHED, 3), repeat(outage, 70), repeat(CRASHED))
    assert 650 < seconds_until_raised(story, give_up_after=60) < 800


def test_without_a_limit_there_is_none() -> None:
    """The customer waits for it: it is asked until there is an answer."""
    story = chain(repeat(CRASHED, 300), [NotFound("GET", "/api/conversations/1", 404)])
    assert 2900 < seconds_until_raised(story, give_up_after=None) < 3100
