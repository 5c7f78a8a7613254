"""Staying logged in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx2
import orjson
import pytest

from agentbot.errors import LoginRefused, ServerFailed, TransportError, Unauthenticated
from agentbot.papercups.api import RETRY, ApiOptions
from agentbot.papercups.rest import AgentRest
from agentbot.papercups.url import PapercupsUrl
from tests.support.virtual_time import run_virtual


class TokenServer:
    """Tokens as Papercups handles them: renew tokens are spent by their use."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log: list[str] = []
        self.password = "right"
        self.valid: set[str] = set()
        self.unspent: set[str] = set()
        self.broken: httpx2.Response | Exception | None = None
        self.is_disabled = False
        self._made = 0

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer, after a moment in which others may ask too."""
        await asyncio.sleep(0.1)
        token = request.headers.get("authorization", "")
        self.log.append(f"{request.method} {request.url.path}")
        if self.broken is not None and "session" in request.url.path:
            broken, self.broken = self.broken, None
            if isinstance(broken, Exception):
                raise broken
            return broken
        if request.url.path == "/api/session":
            return self._logged_in(orjson.loads(request.content)["user"])
        if request.url.path == "/api/session/renew":
            if token not in self.unspent:
                return self._no()
            self.unspent.remove(token)
            return self._session()
        if token not in self.valid or self.is_disabled:
            return self._no()
        return httpx2.Response(200, json={"data": {"id": 1, "account_id": "a"}})

    def calls(self) -> list[str]:
        """Return what was asked since the last look, without the noise."""
        log, self.log = self.log, []
        return [call.removeprefix("POST /api/").removeprefix("GET /api/") for call in log]

    def _session(self) -> httpx2.Response:
        self._made += 1
        token, renew = f"token{self._made}", f"renew{self._made}"
        self.valid.add(token)
        self.unspent.add(renew)
        data = {"user_id": 1, "account_id": "a", "email": "e", "token": token, "renew_token": renew}
        return httpx2.Response(200, json={"data": data})

    def _logged_in(self, user: dict[str, str]) -> httpx2.Response:
        if self.is_disabled:
            return self._no("Your account is disabled.")
        return self._session() if user["password"] == self.password else self._no()

    @staticmethod
    def _no(message: str = "Invalid") -> httpx2.Response:
        return httpx2.Response(401, json={"error": {"status": 401, "message": message}})


@pytest.fixture
def server() -> TokenServer:
    """A server with one user, whose password is ``right``."""
    return TokenServer()


def with_rest(
    server: TokenServer, story: Callable[[AgentRest], Awaitable[None]], *, password: str = "right"
) -> None:
    """Run a story with an agent's REST; its clock is the server's."""

    async def main() -> None:
        async with AgentRest(
            PapercupsUrl("http://server"),
            email="bot@example.com",
            password=password,
            transport=httpx2.MockTransport(server),
            options=ApiOptions(retry=replace(RETRY, attempts=1), rate=1e6),
            clock=lambda: server.now,
        ) as rest:
            await story(rest)

    run_virtual(main())


def test_one_login_serves_many(server: TokenServer) -> None:
    """However many ask at once."""

    async def story(rest: AgentRest) -> None:
        assert rest.login.token == ""
        await asyncio.gather(*(rest.me() for _ in range(5)))
        assert server.calls() == ["session", *["me"] * 5]

    with_rest(server, story)


def test_tokens_are_renewed_before_their_end_once(server: TokenServer) -> None:
    """A token lives 30 minutes from its making, whatever is done with it."""

    async def story(rest: AgentRest) -> None:
        await rest.me()
        server.now = 24 * 60
        await rest.me()
        server.calls()
        server.now = 26 * 60
        await asyncio.gather(*(rest.me() for _ in range(5)))
        assert server.calls() == ["session/renew", *["me"] * 5]
        assert rest.login.token == "token2"

    with_rest(server, story)


def test_a_refused_token_is_renewed_once_for_all_who_met_the_refusal(server: TokenServer) -> None:
    """Two renewals at once would spend the one renew token and log the loser out."""

    async def story(rest: AgentRest) -> None:
        await rest.me()
        server.valid.clear()
        server.calls()
        await asyncio.gather(*(rest.me() for _ in range(3)))
        assert sorted(server.calls()) == [*["me"] * 6, "session/renew"]

    with_rest(server, story)


def test_a_spent_renew_token_leads_to_a_login(server: TokenServer) -> None:
    """With e-mail and password."""

    async def story(rest: AgentRest) -> None:
        await rest.me()
        server.valid.clear()
        server.unspent.clear()
        server.calls()
        await rest.me()
        assert server.calls() == ["me", "session/renew", "session", "me"]

    with_rest(server, story)


def test_a_renewal_whose_answer_was_lost_is_not_repeated(server: TokenServer) -> None:
    """The renew token is spent by the asking: next comes a login."""

    async def story(rest: AgentRest) -> None:
        await rest.me()
        server.now = 26 * 60
        server.broken = httpx2.ReadTimeout("")
        with pytest.raises(TransportError):
            await rest.me()
        server.calls()
        await rest.me()
        assert server.calls() == ["session", "me"]
        server.broken = httpx2.ReadTimeout("")
        with pytest.raises(TransportError):
            await rest.login.log_in_again(instead_of=rest.login.token)

    with_rest(server, story)


def test_a_token_that_stays_refused_is_an_error(server: TokenServer) -> None:
    """After one renewal and one login the answer stands."""

    async def story(rest: AgentRest) -> None:
        await rest.me()
        server.valid = frozenset()  # type: ignore[assignment]  # takes no more tokens
        server._session = lambda: httpx2.Response(  # type: ignore[method-assign]
            200,
            json={
                "data": {
                    "user_id": 1,
                    "account_id": "a",
                    "email": "e",
                    "token": "bad",
                    "renew_token": "bad",
                }
            },
        )
        with pytest.raises(Unauthenticated):
            await rest.me()

    with_rest(server, story)


def test_a_disabled_user_is_told_so_though_their_tokens_are_renewed(server: TokenServer) -> None:
    """Papercups renews them, and refuses what it has renewed: why, it says to who logs in."""

    async def story(rest: AgentRest) -> None:
        await rest.me()
        server.calls()
        server.is_disabled = True
        with pytest.raises(LoginRefused, match="Your account is disabled"):
            await rest.me()
        assert server.calls() == ["me", "session/renew", "me", "session"]

    with_rest(server, story)


def test_a_renewed_token_that_is_refused_is_given_up_for_one_of_a_new_login(
    server: TokenServer,
) -> None:
    """As where the renewal was answered from before a restore of the server's database."""

    async def story(rest: AgentRest) -> None:
        await rest.me()
        server.valid.clear()
        data = {"user_id": 1, "account_id": "a", "email": "e", "token": "x", "renew_token": "y"}
        server.broken = httpx2.Response(200, json={"data": data})
        server.calls()
        await rest.me()
        assert server.calls() == ["me", "session/renew", "me", "session", "me"]

    with_rest(server, story)


def test_a_wrong_password_is_final(server: TokenServer) -> None:
    """And says so in one line, without the password."""

    async def story(rest: AgentRest) -> None:
        with pytest.raises(LoginRefused, match="answered 401: Invalid") as caught:
            await rest.me()
        assert "wrong" not in str(caught.value)
        assert server.calls() == ["session"]

    with_rest(server, story, password="wrong")


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, json={"data": {"token": "secret", "user_id": []}}),
        httpx2.Response(200, html="<html>"),
        httpx2.Response(502),
    ],
)
def test_what_is_no_session_is_the_servers_fault(
    server: TokenServer, answer: httpx2.Response
) -> None:
    """It may be waited out; no token is shown."""

    async def story(rest: AgentRest) -> None:
        server.broken = answer
        with pytest.raises(ServerFailed) as caught:
            await rest.me()
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None

    with_rest(server, story)


def test_renewing_and_logging_in_again_serve_the_socket(server: TokenServer) -> None:
    """Both only while the refused token is still the one in use."""

    async def story(rest: AgentRest) -> None:
        login = rest.login
        assert (await login.renew(instead_of="")).token == "token1"
        assert (await login.renew(instead_of="token1")).token == "token2"
        assert (await login.renew(instead_of="token1")).token == "token2"
        assert (await login.log_in_again(instead_of="token2")).token == "token3"
        assert (await login.log_in_again(instead_of="token2")).token == "token3"
        assert server.calls() == ["session", "session/renew", "session"]

    with_rest(server, story)
