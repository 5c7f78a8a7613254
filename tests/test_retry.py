"""Asking again: after which errors, after which pauses, how often, and when not to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain, pairwise, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agentbot.errors import (
    AgentbotError,
    ApiError,
    ConfigurationError,
    LoginRefused,
    NotFound,
    RateLimited,
    ServerFailed,
    StateInUse,
    StateUnavailable,
    TransportError,
    Unauthenticated,
    Unprocessable,
    UpgradeRefused,
)
from agentbot.retry import (
    WHILE_AWAY,
    Backoff,
    RetryPolicy,
    is_away,
    is_transient,
    retry_while_away,
)
from tests.support.virtual_time import run_virtual

CRASHED = ServerFailed("POST", "/api/messages", 500)
BEHIND_A_PROXY = ServerFailed("POST", "/api/messages", 502)
UNREACHABLE = TransportError("http://papercups", "refused")
NO_SUCH = NotFound("GET", "/api/conversations/1", 404)
POLICY = RetryPolicy(first_pause=1, longest_pause=10)

chances = st.floats(0, 1, exclude_max=True)


def full() -> float:
    """Choose the longest pause there is."""
    return 1.0


@pytest.mark.parametrize(
    ("error", "transient", "away"),
    [
        (UNREACHABLE, True, True),
        (UpgradeRefused("ws://papercups", "answered 403", 403), True, True),
        (RateLimited("GET", "/api/me", 429), True, True),
        (StateUnavailable("postgresql://db", "starting up"), True, True),
        (BEHIND_A_PROXY, True, True),
        (ServerFailed("GET", "/api/me", 503), True, True),
        (ServerFailed("GET", "/api/me", 504), True, True),
        (CRASHED, True, False),
        (ServerFailed("GET", "/api/me", 200, "answered HTML"), True, False),
        (Unauthenticated("GET", "/api/me", 401), False, True),
        (LoginRefused("POST", "/api/session", 401), False, False),
        (NO_SUCH, False, False),
        (Unprocessable("PUT", "/api/conversations/1", 422), False, False),
        (ApiError("GET", "/api/me", 403), False, False),
        (StateInUse("sqlite:///agentbot.db", "another"), False, False),
        (ConfigurationError("PAPERCUPS_URL", "is no web address"), False, False),
        (ValueError("a bug"), False, False),
    ],
    ids=repr,
)
def test_what_passes_is_told_from_what_does_not(
    error: Exception, *, transient: bool, away: bool
) -> None:
    """Transient: asked again, it may be answered. Away: it has not even been looked at."""
    assert is_transient(error) is transient
    assert is_away(error) is away


@given(chances)
def test_pauses_double_to_a_cap_within_their_spread(random: float) -> None:
    """Each lies in the upper half of its length; after a success they begin anew."""
    backoff = Backoff(POLICY, random=lambda: random)
    for longest in (1, 2, 4, 8, 10, 10):
        assert longest / 2 <= backoff.next() <= longest
    backoff.reset()
    assert backoff.next() <= 1


def test_pauses_are_spread_over_the_whole_upper_half() -> None:
    """From one half, where chance gives 0, to almost all of it."""
    assert POLICY.pause(1, None, random=lambda: 0.0) == 0.5
    assert POLICY.pause(1, None, random=lambda: 0.5) == 0.75
    assert POLICY.pause(1, None, random=full) == 1


def test_no_number_of_failures_is_too_large() -> None:
    """A server may be away for months."""
    assert POLICY.pause(10**9, None, random=full) == 10


@pytest.mark.parametrize(
    ("asked", "pause"), [(None, 1), (0.0, 1), (0.5, 1), (7.0, 7), (60.0, 60), (9999.0, 60)]
)
def test_a_server_may_ask_for_a_longer_pause(asked: float | None, pause: float) -> None:
    """Up to a bound; it cannot ask for a shorter one, nor make us spin."""
    error = RateLimited("GET", "/api/me", 429, retry_after=asked)
    assert POLICY.pause(1, error, random=full) == pause
    assert Backoff(POLICY, random=full).next(error) == pause


class FailingCall:
    """Fails as told, one error after the other, and keeps when it was asked; then answers."""

    def __init__(self, failures: Iterator[Exception]) -> None:
        self.times: list[float] = []
        self._failures = failures

    async def __call__(self) -> str:
        """Fail, or answer."""
        self.times.append(asyncio.get_running_loop().time())
        for error in self._failures:
            raise error
        return "answer"

    @property
    def pauses(self) -> list[float]:
        """The seconds between the attempts."""
        return [later - earlier for earlier, later in pairwise(self.times)]


def test_a_policy_repeats_a_call_while_its_error_is_transient() -> None:
    """With its pauses, and returns the answer."""
    call = FailingCall(iter([UNREACHABLE] * 3))
    assert run_virtual(POLICY.retrying(random=full)(call)) == "answer"
    assert call.pauses == pytest.approx([1, 2, 4])


def test_a_pause_that_a_server_asks_for_is_told() -> None:
    """Whoever reads the log would think that nothing happens; pauses of its own need no word."""
    asked = RateLimited("GET", "/api/me", 429, retry_after=99999)
    errors = iter([asked, RateLimited("GET", "/api/me", 429)])

    async def ask() -> str:
        if (error := next(errors, None)) is not None:
            raise error
        return "answer"

    with capture_logs() as logs:
        assert run_virtual(POLICY.retrying(random=full)(ask)) == "answer"
    assert logs == [
        {
            "event": "asking.again",
            "log_level": "warning",
            "seconds": 60.0,
            "error": "GET /api/me answered 429",
        }
    ]


def test_a_policy_raises_what_is_not_transient() -> None:
    """At once, as it is."""
    call = FailingCall(iter([UNREACHABLE, NO_SUCH]))
    with pytest.raises(NotFound):
        run_virtual(POLICY.retrying(random=full)(call))
    assert len(call.times) == 2


def test_a_caller_may_have_other_errors_repeated() -> None:
    """Those of a language model, say."""
    call = FailingCall(iter([ValueError("malformed")]))
    retrying = POLICY.retrying(transient=lambda error: isinstance(error, ValueError), random=full)
    assert run_virtual(retrying(call)) == "answer"


@pytest.mark.parametrize(
    ("limits", "attempts"),
    [({"attempts": 1}, 1), ({"attempts": 4}, 4), ({"deadline": 0.9}, 1), ({"deadline": 1.9}, 2)],
)
def test_a_policy_ends(limits: dict[str, int], attempts: int) -> None:
    """After so many attempts, or where the next pause would outlast the deadline."""
    call = FailingCall(repeat(UNREACHABLE))
    policy = RetryPolicy(first_pause=1, longest_pause=10, **limits)
    with pytest.raises(TransportError):
        run_virtual(policy.retrying(random=full)(call))
    assert len(call.times) == attempts


def seconds_until_raised(
    failures: Iterator[AgentbotError], *, give_up_after: float | None
) -> float:
    """Return after how many seconds a call that fails so is given up."""
    call = FailingCall(failures)

    async def main() -> float:
        with pytest.raises(AgentbotError):
            await retry_while_away(call, what="test", give_up_after=give_up_after, random=full)
        return asyncio.get_running_loop().time()

    return run_virtual(main())


def test_a_refusal_is_an_answer() -> None:
    """It is raised at once."""
    assert seconds_until_raised(repeat(NO_SUCH), give_up_after=None) < 1


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
    story = chain(repeat(CRASHED, 300), [NO_SUCH])
    assert 2900 < seconds_until_raised(story, give_up_after=None) < 3100


def test_asking_again_is_spread_and_logged() -> None:
    """Those who found the server away in one moment do not all come back in one."""
    call = FailingCall(iter([UNREACHABLE] * 7))
    with capture_logs() as lines:
        run_virtual(retry_while_away(call, what="account", random=lambda: 0.5))
    longest = [0.5, 1, 2, 4, 8, 10, 10]
    assert call.pauses == pytest.approx([0.75 * pause for pause in longest], abs=0.01)
    assert [line["seconds"] for line in lines] == pytest.approx(call.pauses, abs=0.01)
    assert {(line["event"], line["what"]) for line in lines} == {("asking.again", "account")}


def test_without_a_source_of_chance_pauses_are_spread_all_the_same() -> None:
    """The default is Python's own."""
    pauses = {Backoff(WHILE_AWAY).next() for _ in range(20)}
    assert len(pauses) > 1
    assert all(0.25 <= pause < 0.5 for pause in pauses)
