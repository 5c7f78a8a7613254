"""What may be set on a socket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketOptions:
    """What may be set on a socket. Times are in seconds.

    ``heartbeat_interval``: Phoenix closes a connection that was silent for 45 s, its own client
    beats every 30. ``heartbeat_grace``: with a heartbeat unanswered and nothing else heard for so
    long, the connection is dead; unanswered at the next beat it is dead in any case.
    ``join_timeout``: for joins and leaves, as in phoenix.js.
    ``joins_first``, ``joins_most``: joins that may be unanswered, at first, and at most once the
    server was seen to answer quickly: a thousand in the time that they may wait for each other are
    more than any server takes.
    ``join_rate``, ``join_burst``: joins a second, and at once, where a limit is wanted that does
    not depend on how the server answers.
    ``max_unsent``: frames that may wait for a slow connection before a push is turned away; some
    megabytes.
    """

    heartbeat_interval: float = 30.0
    heartbeat_grace: float = 15.0
    join_timeout: float = 10.0
    joins_first: int = 4
    joins_most: int = 1_000
    join_rate: float | None = None
    join_burst: int = 50
    max_unsent: int = 10_000
