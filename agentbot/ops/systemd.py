"""What a service manager is told: sd_notify(3), a datagram of lines ``NAME=value``."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping

import structlog

_log = structlog.get_logger("agentbot.systemd")

_LOOK_EVERY = 0.1
"""Seconds between two looks whether the bot is ready: nobody notices a tenth."""
_PULSES = 2
"""Pulses in the time after which the manager takes the process for dead, as sd_watchdog_enabled(3)
asks for: one that is late does no harm."""
_LONGEST_PAUSE = 5.0
"""Seconds after which the state is told anew where it has changed, watched or not."""
_MICROSECONDS = 1_000_000
"""In a second."""


class ServiceManager:
    """Whoever has started the process, and wants to hear how it is; mostly systemd.

    ``address`` is ``NOTIFY_SOCKET``; empty: nobody listens, and nothing is told. ``watchdog`` are
    the seconds after which the manager takes a process that is silent for dead; None: never.
    """

    def __init__(self, address: str, *, watchdog: float | None = None) -> None:
        self.watchdog = watchdog
        self._address = address
        self._is_ready = False
        self._status = ""
        self._has_failed = False

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> ServiceManager:
        """Return the manager that the environment names, if it names one for this process."""
        watched_for = environ.get("WATCHDOG_USEC", "")
        is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog = int(watched_for) / _MICROSECONDS if watched_for.isdecimal() and is_ours else None
        return cls(environ.get("NOTIFY_SOCKET", ""), watchdog=watchdog or None)

    async def follow(self, not_ready: Callable[[], Mapping[str, str]]) -> None:
        """Tell when the bot is ready, and what it waits for, as long as this runs.

        The pulse is the event loop's own: where it hangs, the watchdog hears nothing any more.
        """
        if not self._address:
            return
        pause = _LONGEST_PAUSE
        if self.watchdog is not None:
            pause = min(pause, self.watchdog / _PULSES)
        while True:
            waiting_for = not_ready()
            if not waiting_for and not self._is_ready:
                self.ready()
            self._tell_status(waiting_for)
            if self.watchdog is not None:
                self._tell("WATCHDOG=1")
            await asyncio.sleep(pause if self._is_ready else min(pause, _LOOK_EVERY))

    def ready(self) -> None:
        """Tell that the bot has joined and answers, or that it has read its prompts again."""
        self._is_ready = True
        self._tell("READY=1")

    def reloading(self) -> bool:
        """Tell that the prompts are being read again; return whether :meth:`ready` has to follow.

        Before the bot is ready for the first time there is nothing to tell.
        """
        if self._is_ready:
            self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        return self._is_ready

    def stopping(self) -> None:
        """Tell that the bot finishes the turns that have begun."""
        self._tell("STOPPING=1\nSTATUS=finishing what has begun")

    def _tell_status(self, waiting_for: Mapping[str, str]) -> None:
        """Tell what is waited for, where that has changed."""
        parts = "; ".join(f"{part}: {' '.join(why.split())}" for part, why in waiting_for.items())
        status = f"waiting for {parts}" if parts else "answering"
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={status}")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        name = self._address
        place = f"\0{name[1:]}" if name.startswith("@") else name  # "@": the abstract namespace
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.settimeout(0)
                sender.sendto(message.encode(), place)
        except OSError as error:
            # It is told again with the next pulse; once is enough to say so.
            if not self._has_failed:
                self._has_failed = True
                _log.warning("systemd.not_told", problem=str(error), address=name)
