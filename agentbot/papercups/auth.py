"""Logging in and staying so.

The access token lives 30 minutes from its making, whatever is done with it; the renew token is
spent by its first use (PROTOCOL, 1). So: renew before the end, one renewal at a time, and where
the renew token has been spent, log in again with e-mail and password.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx2
from pydantic import ValidationError

from agentbot.errors import LoginRefused, ServerFailed, Unauthenticated
from agentbot.papercups.http import Http
from agentbot.papercups.models import Tokens
from agentbot.papercups.responses import read_data

_RENEW_AFTER = 25 * 60.0
"""Seconds after its making at which a token is renewed. It lives 30 minutes: with five to spare, it
does not end while a request is under way."""

_LOGIN = "/api/session"
_RENEW = "/api/session/renew"


class Login:
    """The auth flow of an agent, over ``http``. ``clock`` returns monotonic seconds."""

    def __init__(
        self,
        *,
        http: Http,
        email: str,
        password: str,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._http = http
        self._email = email
        self._password = password
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._tokens: Tokens | None = None
        self._made_at = 0.0
        self._lock = asyncio.Lock()

    async def tokens(self) -> Tokens:
        """Return tokens that are good for some minutes, logging in where there are none.

        Raises :class:`LoginRefused` where e-mail and password are wrong, which nothing but
        another password mends; :class:`TransportError`, :class:`ServerFailed` or
        :class:`RateLimited` where it may be tried again.
        """
        async with self._lock:
            if self._tokens is None:
                return await self._log_in()
            if self._clock() - self._made_at >= _RENEW_AFTER:
                return await self._renew(self._tokens)
            return self._tokens

    async def renew(self, *, instead_of: str) -> Tokens:
        """Return other tokens than those of the access token ``instead_of``, which was refused.

        Many callers may find the same token refused; one renewal serves them all.
        Raises what :meth:`tokens` raises.
        """
        async with self._lock:
            if self._tokens is None:
                return await self._log_in()
            if self._tokens.token != instead_of:
                return self._tokens
            return await self._renew(self._tokens)

    async def log_in_again(self, *, instead_of: str) -> Tokens:
        """Log in with e-mail and password: renewing ``instead_of`` did not help.

        Raises what :meth:`tokens` raises.
        """
        async with self._lock:
            if self._tokens is not None and self._tokens.token != instead_of:
                return self._tokens
            return await self._log_in()

    @property
    def token(self) -> str:
        """The access token now in use, empty before the first login."""
        return "" if self._tokens is None else self._tokens.token

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request with a token; where that is refused, once more with a fresh one.

        Papercups renews the tokens of a user who has been disabled, and then refuses them
        (papercups: lib/chat_api_web/ensure_user_enabled_plug.ex). Whether that is so, logging in
        tells: where a renewed token is refused, it is tried with one of a new login.
        Raises what :meth:`tokens` and :meth:`Http.send` raise.
        """
        tokens = await self.tokens()
        response = await self._send_with(tokens, request)
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            tokens = await self.renew(instead_of=tokens.token)
            response = await self._send_with(tokens, request)
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            tokens = await self.log_in_again(instead_of=tokens.token)
            response = await self._send_with(tokens, request)
        return response

    async def _send_with(self, tokens: Tokens, request: httpx2.Request) -> httpx2.Response:
        request.headers["Authorization"] = tokens.token
        return await self._http.send(request)

    async def _log_in(self) -> Tokens:
        body = {"user": {"email": self._email, "password": self._password}}
        try:
            return await self._ask(self._http.request("POST", _LOGIN, json=body))
        except Unauthenticated as refused:
            raise LoginRefused(
                refused.method, refused.path, refused.status, refused.message
            ) from None

    async def _renew(self, tokens: Tokens) -> Tokens:
        headers = {"Authorization": tokens.renew_token}
        # The request spends the renew token, whatever comes of it.
        self._tokens = None
        try:
            return await self._ask(self._http.request("POST", _RENEW, headers=headers))
        except Unauthenticated:
            return await self._log_in()

    async def _ask(self, request: httpx2.Request) -> Tokens:
        now = self._clock()
        response = await self._http.send(request)
        data = read_data(response)
        try:
            self._tokens = Tokens.model_validate(data)
        except ValidationError:
            # Not chained, and nothing of it shown: it may hold a token.
            raise ServerFailed(
                request.method, request.url.path, response.status_code, "answered no tokens"
            ) from None
        self._made_at = now
        return self._tokens
