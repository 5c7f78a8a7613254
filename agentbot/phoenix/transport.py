"""The seam between the client and the network: what carries frames, and what a fake must do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentbot.phoenix.frames import Data

NORMAL = 1000
ABNORMAL = 1006
"""Close codes (RFC 6455, 7.4.1): of a goodbye, and where there was none."""


class Connection(Protocol):
    """An open connection. Its methods do nothing once it is lost."""

    @property
    def is_writable(self) -> bool:
        """Whether more frames should be sent now; the listener hears when that is so again."""
        ...

    def send(self, frames: Sequence[str], /) -> None:
        """Write the text frames, in order, in as few system calls as can be."""
        ...

    def close(self, code: int = NORMAL) -> None:
        """Say goodbye; the listener hears of the end, even where the peer does not answer."""
        ...

    def abort(self) -> None:
        """Cut the connection; the listener hears of it with code 1006."""
        ...


class Listener(Protocol):
    """What a connection tells. All are called in the event loop, none before ``connect`` is done.

    Nothing follows :meth:`on_lost`, which comes exactly once.
    """

    def on_batch(self, frames: Sequence[Data], /) -> None:
        """Take the frames of one read."""
        ...

    def on_writable(self) -> None:
        """Take note that the connection has drained."""
        ...

    def on_lost(self, code: int, reason: str) -> None:
        """Take note of the end: the WebSocket close code, 1006 where there was none."""
        ...


class Connector(Protocol):
    """How a connection is opened."""

    async def connect(self, url: str, listener: Listener, /) -> Connection:
        """Open a connection to ``url``.

        Raises :class:`TransportError` where there is no way there, :class:`UpgradeRefused`
        where there is, but the server will not.
        """
        ...
