"""Waiting for a reply's echo: on ``conversation:`` there is no other sign that it was stored."""

from __future__ import annotations

import asyncio
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
    """The replies under way, by the message that each answers."""

    def __init__(self) -> None:
        self._awaited: dict[str, asyncio.Future[Message | NoEcho]] = {}

    def expect(self, message_id: str) -> asyncio.Future[Message | NoEcho]:
        """Return what will hold the echo of the reply to ``message_id``, or why there is none.

        Call :meth:`forget` when it is no longer waited for.
        """
        echo = asyncio.get_running_loop().create_future()
        self._awaited[message_id] = echo
        return echo

    def forget(self, message_id: str) -> None:
        """Await the echo of the reply to ``message_id`` no longer."""
        self._awaited.pop(message_id, None)

    def heard(self, message: Message) -> None:
        """Take note of a message of a bot's: it may be an echo."""
        for message_id in answers(message):
            echo = self._awaited.get(message_id)
            if echo is not None and not echo.done():
                echo.set_result(message)

    def connection_lost(self) -> None:
        """Tell all who wait that their echo cannot come on this connection any more."""
        for echo in self._awaited.values():
            if not echo.done():
                echo.set_result(NoEcho.CONNECTION_LOST)
