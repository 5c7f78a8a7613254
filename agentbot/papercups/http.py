"""HTTP to one Papercups server: requests, connections, time-outs, and whom to trust."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from agentbot import __version__
from agentbot.http_transport import HttpTransport
from agentbot.papercups.responses import request_failed
from agentbot.papercups.url import PapercupsUrl
from agentbot.trust import trusted

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"agentbot/{__version__}",
}


class Http:
    """Sends requests to one server, and reads answers whole. ``transport`` replaces the network.

    Requests, answers and errors are httpx2's, and a transport carries them without its client,
    which builds each request twice and takes a third of the time of a reading. There are no
    proxies and no redirects: the socket knows none either, and both take the same way.
    Raises :class:`ConfigurationError` where the environment's certificates cannot be read.
    """

    def __init__(
        self,
        url: PapercupsUrl,
        *,
        transport: httpx2.AsyncBaseTransport | None,
        timeout: httpx2.Timeout,
    ) -> None:
        self._base = url.base
        is_tls = self._base.startswith("https:")
        self._transport = transport or HttpTransport(trusted() if is_tls else None)
        self._extensions = {"timeout": timeout.as_dict()}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Request:
        """Return a request; ``json`` is its body, where it has one."""
        return httpx2.Request(
            method,
            self._base + path,
            params=params or None,
            json=json,
            headers=_HEADERS if headers is None else {**_HEADERS, **headers},
            extensions=self._extensions,
        )

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; return the answer, read whole.

        Raises :class:`TransportError` where there was none.
        """
        try:
            response = await self._transport.handle_async_request(request)
            response.request = request
            try:
                await response.aread()
            except BaseException:
                await response.aclose()
                raise
        except httpx2.HTTPError as error:
            raise request_failed(request, error) from error
        return response
