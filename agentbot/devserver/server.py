"""The embedded server, without a network: one object to seed, to connect to, and to break."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agentbot.devserver.backend import Backend, CallLater, Timer
from agentbot.devserver.faults import Faults
from agentbot.devserver.realtime.socket import ABNORMAL, IDLE_TIMEOUT, ServerSocket
from agentbot.devserver.store.ids import Ids
from agentbot.devserver.store.memory import MemoryStore
from agentbot.devserver.store.records import Account, User, WorkingHours
from agentbot.errors import DataException
from agentbot.phoenix.frames import VSN

DOWNTIME = 17.0
"""Seconds that the server takes to restart [T: server_restart]."""
LINGER = 5.0
"""Seconds that an open socket lives on while the server restarts [T: server_restart]."""


@dataclass(eq=False)
class Refused(DataException):
    """A socket was not let in. ``status`` is ``None`` where nobody listens at all."""

    status: int | None
    body: str = ""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"refused with {self.status}" if self.status else "connection refused"


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _loop_call_later(delay: float, function: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(delay, function)


class DevServer:
    """A Papercups-compatible server in memory.

    ``now`` returns an aware datetime; ``call_later`` calls a function after so many seconds (the
    running asyncio loop's, unless told otherwise); ``ids`` makes ids and tokens. REST is the ASGI
    application of :func:`agentbot.devserver.app.create_app`; sockets open with :meth:`connect`,
    without any network, or over the same application.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = _wall_clock,
        call_later: CallLater = _loop_call_later,
        ids: Ids | None = None,
        idle_timeout: float = IDLE_TIMEOUT,
    ) -> None:
        self.backend = Backend(now, call_later, ids or Ids())
        self.idle_timeout = idle_timeout
        self.listening = True
        self.on_listening: list[Callable[[bool], None]] = []
        self._sockets: dict[ServerSocket, None] = {}

    @property
    def store(self) -> MemoryStore:
        """All records, for a test to read and to write as it likes."""
        return self.backend.store

    @property
    def faults(self) -> Faults:
        """The fault switches."""
        return self.backend.faults

    @property
    def sockets(self) -> list[ServerSocket]:
        """The open sockets, the oldest first."""
        return list(self._sockets)

    # Seeding

    def create_account(
        self,
        company_name: str = "Acme",
        *,
        time_zone: str | None = None,
        working_hours: Sequence[WorkingHours] = (),
    ) -> Account:
        """Add an account with its primary inbox; ``time_zone`` is an IANA name."""
        account = self.store.add_account(company_name)
        account.time_zone = time_zone
        account.working_hours = tuple(working_hours)
        return account

    def create_user(
        self, account: Account, *, email: str, password: str, name: str | None = None
    ) -> User:
        """Add an agent who can log in; ``name`` becomes the profile's display name."""
        user = self.store.add_user(account, email=email, password=password)
        if name is not None:
            user.profile = {"display_name": name, "full_name": name, "profile_photo_url": None}
        return user

    def seed(self) -> tuple[Account, User, User]:
        """Add what a demo needs: the account Acme, a bot's user and a person's.

        Both log in with the password ``papercups``: bot@example.com and ann@example.com.
        """
        account = self.create_account()
        bot = self.create_user(
            account, email="bot@example.com", password=DEMO_PASSWORD, name="Acme Bot"
        )
        ann = self.create_user(account, email="ann@example.com", password=DEMO_PASSWORD, name="Ann")
        return account, bot, ann

    # Sockets

    def connect(
        self,
        params: Mapping[str, str],
        *,
        send: Callable[[str], None],
        close: Callable[[int, str], None],
    ) -> ServerSocket:
        """Open a socket with the query's ``params``; see :class:`ServerSocket` for the callbacks.

        Raises :class:`Refused`: 403 for a bad token (an empty one too; none at all is anonymous)
        and for another ``vsn`` than 2.0.0, which alone is spoken here.
        """
        self.check_connect(params)
        token = params.get("token")
        user = None if token is None else self._user(token)
        socket = ServerSocket(
            self.backend,
            user,
            send=send,
            close=close,
            ended=lambda ended: self._sockets.pop(ended, None),
            idle_timeout=self.idle_timeout,
        )
        self._sockets[socket] = None
        return socket

    def check_connect(self, params: Mapping[str, str]) -> None:
        """Raise :class:`Refused` where :meth:`connect` is to refuse."""
        if not self.listening:
            raise Refused(None)
        answer = self.faults.on_connect()
        if answer is not None:
            raise Refused(answer.status, answer.body, answer.content_type, answer.headers)
        token = params.get("token")
        if params.get("vsn") != VSN or (token is not None and self._user(token) is None):
            raise Refused(403)

    def _user(self, token: str) -> User | None:
        user_id = self.backend.tokens.user_id(token)
        return None if user_id is None else self.store.users[user_id]

    # Faults that happen at once

    def drop(self, code: int | None = None) -> int:
        """End every open socket, abruptly or with a close ``code``; return how many."""
        sockets = self.sockets
        for socket in sockets:
            socket.close(ABNORMAL if code is None else code)
        return len(sockets)

    def crash(self, topic: str) -> int:
        """Let every channel of ``topic`` crash (phx_error); return how many."""
        return sum(socket.crash(topic) for socket in self.sockets)

    def expire_tokens(self, *, renew_tokens: bool = False) -> None:
        """Void all access tokens, and the renew tokens too if told; open sockets stay open."""
        if renew_tokens:
            self.backend.tokens.expire_all()
        else:
            self.backend.tokens.expire_access()

    def restart(self, *, downtime: float = DOWNTIME, linger: float = LINGER) -> None:
        """Restart: refuse connections for ``downtime`` seconds, end open sockets after ``linger``.

        Records and tokens survive, as they do on the real server.
        """
        self._listen(listening=False)
        self.backend.call_later(linger, self._drop_all)
        self.backend.call_later(downtime, lambda: self._listen(listening=True))

    def _drop_all(self) -> None:
        self.drop()

    def _listen(self, *, listening: bool) -> None:
        self.listening = listening
        for tell in self.on_listening:
            tell(listening)


DEMO_PASSWORD = "papercups"  # noqa: S105 - a password for a server in memory, on loopback
