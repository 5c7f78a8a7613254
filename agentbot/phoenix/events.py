"""What a socket has to say: small frozen facts, named NounVerbed.

All come from :class:`~agentbot.phoenix.socket.Socket`, except :class:`ConnectFailed`, which
:class:`~agentbot.phoenix.client.Client` adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """The connection is open; the channels are being joined."""


@dataclass(frozen=True, slots=True)
class SocketLost:
    """The connection is gone. ``code`` is the WebSocket close code, 1006 where there was none."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectFailed:
    """No connection could be opened; the next attempt follows in ``retry_in`` seconds.

    ``status`` is the HTTP status where the server answered, but did not open a WebSocket.
    """

    problem: str
    status: int | None
    retry_in: float


@dataclass(frozen=True, slots=True)
class HeartbeatTimedOut:
    """The peer is silent: the driver must drop the connection."""


@dataclass(frozen=True, slots=True)
class ChannelJoined:
    """``topic`` is joined; ``rejoined`` where it had been joined before."""

    topic: str
    response: Any
    rejoined: bool


@dataclass(frozen=True, slots=True)
class JoinRefused:
    """The server refused the join. ``final`` means that the socket has given the topic up."""

    topic: str
    reason: str
    final: bool


@dataclass(frozen=True, slots=True)
class JoinTimedOut:
    """Nobody answered the join; it will be tried again."""

    topic: str


@dataclass(frozen=True, slots=True)
class ChannelErrored:
    """A joined channel is gone on the server; the socket joins it again.

    ``reason`` is ``crashed`` (phx_error), ``closed`` (a phx_close that nobody asked for) or
    ``unmatched`` (a push met no channel: ``ref`` names it, and it had no effect).
    """

    topic: str
    reason: str
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """We have left ``topic``."""

    topic: str


class MessageReceived(NamedTuple):
    """The server pushed or broadcast ``event`` on a joined ``topic``.

    A tuple, unlike the others: most frames are told as one of these, and it is made in half the
    time.
    """

    topic: str
    event: str
    payload: Any


@dataclass(frozen=True, slots=True)
class ReplyReceived:
    """The server answered the push ``ref``; ``ok`` where its status was ``ok``."""

    topic: str
    event: str
    ref: str
    ok: bool
    response: Any


@dataclass(frozen=True, slots=True)
class ReplyTimedOut:
    """No answer to the push ``ref`` came within ``timeout`` seconds."""

    topic: str
    event: str
    ref: str
    timeout: float


@dataclass(frozen=True, slots=True)
class ReplyLost:
    """The connection or the channel broke before the push ``ref`` was answered.

    The server may have acted on it or not. It is never sent again by itself.
    """

    topic: str
    event: str
    ref: str


@dataclass(frozen=True, slots=True)
class PresenceSynced:
    """Who is present on ``topic`` changed, or was told anew.

    ``joins`` and ``leaves`` map keys to the metas that came and went;
    :meth:`Socket.presence` has the whole.
    """

    topic: str
    joins: Mapping[str, list[dict[str, Any]]]
    leaves: Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class FrameDropped:
    """A frame was not for us.

    ``reason`` is ``stale`` (of an earlier join), ``unjoined`` (a topic that is not joined) or
    ``malformed`` (the driver's word for what :meth:`Socket.receive` would not take).
    """

    topic: str
    event: str
    reason: str


Event = (
    SocketOpened
    | SocketLost
    | ConnectFailed
    | HeartbeatTimedOut
    | ChannelJoined
    | JoinRefused
    | JoinTimedOut
    | ChannelErrored
    | ChannelClosed
    | MessageReceived
    | ReplyReceived
    | ReplyTimedOut
    | ReplyLost
    | PresenceSynced
    | FrameDropped
)
