"""What lies between this machine and Papercups: names, TLS, HTTP, and the two clocks."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2

from agentbot.cli.doctor.checkup import CheckFailed, NeedsALook, NotTried
from agentbot.config import Settings
from agentbot.errors import TransportError, Unauthenticated
from agentbot.network import why_unreachable
from agentbot.papercups.http import Http
from agentbot.papercups.responses import read_body
from agentbot.papercups.url import PapercupsUrl
from agentbot.trust import trusted

_GIVE_UP_AFTER = 10.0
"""Seconds for a connection or an answer: what takes longer serves no customer."""
_DAYS_LEFT = 14
"""Days before its end from which a certificate is told of: those that renew themselves are renewed
a month before, so that something is wrong, and somebody has time to mend it."""
_APART = timedelta(seconds=5)
"""How far the two clocks may be apart: an answer's head counts whole seconds, and the way takes
one; the times of messages are compared with our own."""
_HTTPS_PORT, _HTTP_PORT = 443, 80

Resolve = Callable[[str, int], list[Any]]
"""Returns what a host's name and a port stand for, as ``socket.getaddrinfo`` does."""


def _resolve(host: str, port: int) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class NetworkChecks:
    """The way to Papercups, from the name of the host to the first answer.

    ``resolve`` may take for ever: nobody waits for it longer than ``patience`` seconds.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        resolve: Resolve = _resolve,
        patience: float = _GIVE_UP_AFTER,
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._patience = patience
        self._date: str | None = None
        self._asked_at = self._answered_at = datetime.now(UTC)

    async def dns(self) -> str:
        """Look up the host's name."""
        parts = self._parts()
        host = parts.hostname or ""
        if _address(host) is not None:
            raise NotTried(f"{host} is an address, not a name")
        try:
            async with asyncio.timeout(self._patience):
                found = await asyncio.to_thread(self._resolve, host, self._port())
        except TimeoutError:
            raise TransportError(host, f"no name server answers in {self._patience:g} s") from None
        except OSError as error:
            raise TransportError(host, why_unreachable(error)) from error
        return f"{host} is {', '.join(sorted({str(row[4][0]) for row in found}))}"

    async def tls(self) -> str:
        """Let the server show its certificate."""
        parts = self._parts()
        host = parts.hostname or ""
        if parts.scheme == "http":
            if _is_near(host):
                raise NotTried("http:// has none; within this machine or network that is usual")
            raise NeedsALook(
                "http:// has none: the password and customers' words can be read on the way",
                "serve Papercups by https://, and write that into PAPERCUPS_URL",
            )
        try:
            async with asyncio.timeout(self._patience):
                _, writer = await asyncio.open_connection(
                    host, self._port(), ssl=trusted(), server_hostname=host
                )
        except OSError as error:  # an SSLError and a TimeoutError are one, too
            raise TransportError(f"https://{parts.netloc}", why_unreachable(error)) from error
        shown: ssl.SSLObject = writer.get_extra_info("ssl_object")
        certificate: dict[str, Any] = shown.getpeercert() or {}
        version = shown.version()
        writer.close()
        return _certificate(f"{version}, certificate", certificate, datetime.now(UTC))

    async def http(self) -> str:
        """Ask Papercups for something that it must refuse without a login."""
        url = PapercupsUrl.parse(self._url())
        http = Http(url, transport=None, timeout=httpx2.Timeout(self._patience))
        try:
            self._asked_at = datetime.now(UTC)
            response = await http.send(http.request("GET", "/api/me"))
            self._answered_at = datetime.now(UTC)
        finally:
            await http.aclose()
        self._date = response.headers.get("date")
        try:
            read_body(response)
        except Unauthenticated:
            return f"Papercups answers at {url.base}"
        raise CheckFailed(
            "GET /api/me was answered without a login", "check that PAPERCUPS_URL is Papercups"
        )

    async def clock(self) -> str:
        """Compare the server's clock with this machine's."""
        if self._date is None:
            raise NotTried("no answer told the server's time")
        return compare_clocks(self._date, between=(self._asked_at, self._answered_at))

    def _url(self) -> str:
        if self._settings.papercups_url is None:
            raise NotTried("PAPERCUPS_URL is not set")
        return self._settings.papercups_url

    def _parts(self) -> Any:  # noqa: ANN401 - what urlsplit returns
        return urlsplit(PapercupsUrl.parse(self._url()).base)

    def _port(self) -> int:
        parts = self._parts()
        return parts.port or (_HTTPS_PORT if parts.scheme == "https" else _HTTP_PORT)


def compare_clocks(date: str, *, between: tuple[datetime, datetime]) -> str:
    """Return how far the server's ``date``, of an answer's head, is from our own time.

    ``between`` are the moments of asking and of the answer. Raises ``NeedsALook``, ``NotTried``.
    """
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        raise NotTried(f"the server's time cannot be read: {date[:40]!r}") from None
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)  # a head's time is, whatever it lacks (RFC 9110)
    asked, answered = between
    # The head counts whole seconds: theirs is anywhere in that one.
    early, late = asked - theirs - timedelta(seconds=1), answered - theirs
    apart = early if early > timedelta() else min(timedelta(), late)
    if abs(apart) > _APART:
        seconds = abs(apart).total_seconds()
        ahead = "ahead of" if apart > timedelta() else "behind"
        raise NeedsALook(
            f"this machine's clock is {seconds:.0f} s {ahead} Papercups' clock",
            "let both machines set their clocks by NTP (timedatectl set-ntp true)",
        )
    return f"less than {_APART.total_seconds():.0f} s apart"


def _certificate(what: str, certificate: dict[str, Any], now: datetime) -> str:
    """Return for how long a certificate is good. Raises ``NeedsALook`` where it ends soon."""
    ends = certificate.get("notAfter")
    if not isinstance(ends, str):
        return what
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
    days = (until - now).days
    found = f"{what} good until {until:%Y-%m-%d}"
    if days < _DAYS_LEFT:
        raise NeedsALook(f"{found}, in {days} days", "renew it, and see why that was not done")
    return found


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_near(host: str) -> bool:
    """Say whether a host is this machine, or one of a network that is not the public one."""
    address = _address(host)
    if address is not None:
        return address.is_private or address.is_loopback
    return "." not in host or host.endswith((".local", ".internal", ".localhost"))
