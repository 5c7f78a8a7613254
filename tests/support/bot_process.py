"""``agentbot run`` as a process of its own, with its log in a file."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

import httpx2

from tests.support.timing import TIMEOUT_SCALE

ROOT = Path(__file__).parents[2]
_LOOK = 0.02
"""Seconds between two looks at a process, which tells of no event."""
_GIVE_UP_AFTER = 120.0 * TIMEOUT_SCALE
"""Seconds after which something hangs: even a start on a busy machine takes a small part of it."""
_SHOWN = 2000
"""Characters of its log that are shown where something hangs: the last ten lines or so."""


class ExitedEarly(AssertionError):
    """The process ended while something else was awaited of it."""


class BotProcess:
    """One run of the program. What it writes stands in ``log``, one JSON object a line."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self.log = log
        self._health = ""

    @classmethod
    async def start(cls, settings: Mapping[str, str], *, log: Path, folder: Path) -> Self:
        """Start it in ``folder`` with these settings and no others; return at once."""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "LOG_FORMAT": "json",
            "AGENTBOT_HTTP__PORT": "0",
            **settings,
        }
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "agentbot", "run"),
                env=environment, cwd=folder, stdout=output, stderr=output,
                stdin=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        return cls(process, log)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def address(self) -> str:
        """The address of its HTTP server, once it was asked something."""
        return self._health

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def resident_kb(self) -> int:
        """The most memory that it has had resident, in kB; 0 once it has ended."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0
        peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(peak[0]) if peak else 0

    def catches(self, number: signal.Signals) -> bool:
        """Say whether it has a handler of its own for this signal."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return False
        (mask,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
        return bool(int(mask, 16) >> (number - 1) & 1)

    @property
    def cpu_seconds(self) -> float:
        """The processor time that it has used."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield what it has logged so far; other text as ``{"message": text}``."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                except ValueError:
                    entry = None
                yield entry if isinstance(entry, dict) else {"message": line.rstrip()}

    async def logged(self, event: str, **fields: object) -> dict[str, Any]:
        """Wait for an event in the log, with these fields. Raises :class:`ExitedEarly`."""
        async with self._in_time(f"{event} {fields or ''}"):
            while True:
                alive = self.is_alive
                for entry in self.events():
                    if entry.get("message") == event and fields.items() <= entry.items():
                        return entry
                if not alive:
                    raise ExitedEarly(f"exit {self._process.returncode} before {event}: {self.log}")
                await asyncio.sleep(_LOOK)

    async def ready(self) -> None:
        """Wait until ``/readyz`` says so. Raises :class:`ExitedEarly`."""
        async with self._in_time("it to be ready"):
            while (await self.readiness())[0] != httpx2.codes.OK:
                if not self.is_alive:
                    raise ExitedEarly(f"exit {self._process.returncode} before ready: {self.log}")
                await asyncio.sleep(_LOOK)

    async def readiness(self) -> tuple[int, dict[str, str]]:
        """Return the status of ``/readyz`` and what is waited for; (0, {}) where nobody answers."""
        try:
            response = await self.get("/readyz")
        except httpx2.HTTPError:
            return 0, {}
        return response.status_code, response.json()["waiting_for"]

    async def get(self, path: str) -> httpx2.Response:
        """Ask its HTTP server. Raises ``httpx2.HTTPError`` where nobody answers."""
        if not self._health:
            started = await self.logged("started")
            self._health = str(started["health"]).removesuffix("/healthz")
        async with httpx2.AsyncClient(base_url=self._health, trust_env=False) as http:
            return await http.get(path)

    async def metric(self, name: str, **labels: str) -> float:
        """Return a metric's value, summed over the labels that are not named."""
        total = 0.0
        for line in (await self.get("/metrics")).text.splitlines():
            sample, _, value = line.rpartition(" ")
            if sample.partition("{")[0] == name and all(
                f'{key}="{wanted}"' in sample for key, wanted in labels.items()
            ):
                total += float(value)
        return total

    async def idle(self) -> None:
        """Wait until it works on no conversation."""
        async with self._in_time("it to be idle"):
            while True:
                if not await self.metric("agentbot_conversations_active"):
                    return
                await asyncio.sleep(_LOOK)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it is alive."""
        if self.is_alive:
            # Not through the process object, which would take the exit code before asyncio can.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def ended(self) -> int:
        """Wait for its end; return the exit code, or minus the signal's number."""
        async with self._in_time("its end"):
            return await self._process.wait()

    async def kill(self) -> None:
        """End it with SIGKILL."""
        self.send(signal.SIGKILL)
        await self.ended()

    @asynccontextmanager
    async def _in_time(self, what: str) -> AsyncIterator[None]:
        """Let nothing be waited for without end, nor in silence."""
        try:
            async with asyncio.timeout(_GIVE_UP_AFTER):
                yield
        except TimeoutError:
            end = self.log.read_text(encoding="utf-8", errors="replace")[-_SHOWN:]
            waited = f"waited {_GIVE_UP_AFTER:g} s for {what.strip()} of process {self.pid}"
            raise TimeoutError(f"{waited}; {self.log} ends with:\n{end}") from None
