"""Where a Papercups server is found."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from agentbot.errors import ConfigurationError
from agentbot.phoenix.frames import VSN

_REMEDY = "write scheme and host, as in https://papercups.example.com"


@dataclass(frozen=True, slots=True)
class PapercupsUrl:
    """The server's address; ``base`` has no slash at its end."""

    base: str

    @classmethod
    def parse(cls, text: str) -> PapercupsUrl:
        """Read ``PAPERCUPS_URL``. Raises :class:`ConfigurationError` naming it.

        >>> PapercupsUrl.parse("https://papercups.example.com/").base
        'https://papercups.example.com'
        """
        try:
            parts = urlsplit(text.strip())
            port = parts.port
            (parts.hostname or "").encode("idna")
        except ValueError as error:
            raise ConfigurationError(
                "PAPERCUPS_URL", f"is no web address: {error}", _REMEDY
            ) from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError("PAPERCUPS_URL", "is no http(s) address", _REMEDY)
        if parts.username or parts.password:
            raise ConfigurationError(
                "PAPERCUPS_URL",
                "holds a user name",
                "put it into PAPERCUPS_EMAIL and PAPERCUPS_PASSWORD",
            )
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ConfigurationError("PAPERCUPS_URL", "holds more than scheme and host", _REMEDY)
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(f"{parts.scheme}://{host}" + (f":{port}" if port is not None else ""))

    def socket(self, **params: str) -> str:
        """Return the socket's URL. Without a ``token`` the connection is a customer's.

        >>> PapercupsUrl("https://papercups.example.com").socket()
        'wss://papercups.example.com/socket/websocket?vsn=2.0.0'
        """
        # Without vsn the server speaks version 1, where frames are objects (PROTOCOL, 2).
        query = urlencode({**params, "vsn": VSN})
        return f"ws{self.base.removeprefix('http')}/socket/websocket?{query}"
