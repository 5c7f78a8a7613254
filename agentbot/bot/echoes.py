"""Waiting for a reply's echo: on ``conversation:`` there is no other sign that it was stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum, auto

from agentbot.bot.proof import answers
from agentbot.papercups.models import Message


class NoEcho(Enum):
    """Why a reply's echo did not come."""

    CONNECTION_LOST = auto()
    """The connection broke: the server may have stored the reply, or may not."""
    LATE = auto()
    """The connection held, yet nothing came in time."""


class Echoes:
    """The replies under way, by the message that each answers.

    ``on_echo`` is told of the seconds that each echo took, ``on_late`` of each that did not come.
    """

    def __init__(
        self,
        *,
        on_echo: Callable[[float], None] = lambda _seconds: None,
        on_late: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_echo = on_echo
        self._on_late = on_late
        self._awaited: dict[str, tuple[asyncio.Future[Message | NoEcho], float]] = {}

    def expect(self, message_id: str) -> asyncio.Future[Message | NoEcho]:
        """Return what will hold the echo of the reply to ``message_id``, or why there is none.

        Call :meth:`forget` when it is no longer waited for.
        """
        loop = asyncio.get_running_loop()
        echo = loop.create_future()
        self._awaited[message_id] = echo, loop.time()
        return echo

    def forget(self, message_id: str) -> None:
        """Await the echo of the reply to ``message_id`` no longer."""
        awaited = self._awaited.pop(message_id, None)
        if awaited is not None and not awaited[0].done():
            self._on_late()

    def heard(self, message: Message) -> None:
        """Take note of a message of a bot's: it may be an echo."""
        for message_id in answers(message):
            if (awaited := self._awaited.get(message_id)) is None:
                continue
            echo, since = awaited
            if not echo.done():
                echo.set_result(message)
                self._on_echo(asyncio.get_running_loop().time() - since)

    def connection_lost(self) -> None:
        """Tell all who wait that their echo cannot come on this connection any more."""
        for echo, _ in self._awaited.values():
            if not echo.done():
                echo.set_result(NoEcho.CONNECTION_LOST)
