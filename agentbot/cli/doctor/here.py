"""What stands on this machine: the prompts folder, the state, the disk, a bot that runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx2

from agentbot.cli.doctor.checkup import CheckFailed, NeedsALook, NotTried
from agentbot.cli.example import refuse_example
from agentbot.cli.faq import cache_dir
from agentbot.cli.loader import PipelineLoader
from agentbot.cli.output import size_in_words
from agentbot.cli.state import opened
from agentbot.config import Settings
from agentbot.http_transport import HttpTransport
from agentbot.pipeline.prompts import Prompts
from agentbot.state.migrations import MIGRATIONS
from agentbot.state.opening import sqlite_path
from agentbot.state.probe import holder_at, is_missing_file

_LEAST_FREE = 100_000_000
"""Bytes: a turn takes some 600 of the state and 250 of a log, so that these are 100,000 turns."""
_ASKED_FOR = 2.0
"""Seconds that a bot on this machine may take to tell how it is: it takes milliseconds."""
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not listened on, but asked
"""Where to ask a bot that listens on all addresses."""


class ChecksHere:
    """What can be told without leaving this machine, but for a database."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.loaded: Prompts | None = None

    async def prompts(self) -> str:
        """Load the prompts folder."""
        loader = PipelineLoader(self._settings, check=refuse_example, in_background=True)
        pipeline = loader.load()
        self.loaded = pipeline.prompts
        names = ", ".join(responder.name for responder in pipeline.responders)
        found = f"{self._settings.prompts_dir}, responders {names}"
        if loader.warnings:
            raise NeedsALook(found, "; ".join(loader.warnings))
        return found

    async def state(self) -> str:
        """Open the store beside a bot that may have it; make nothing."""
        url = self._settings.state_url.get_secret_value()
        kind = url.partition("://")[0]
        if is_missing_file(url):
            return f"{kind}, no file yet: the first start makes it"
        holder = holder_at(url)
        async with opened(self._settings) as store:
            await store.ping()
        path = sqlite_path(url)
        size = f", {size_in_words(_size(path))}" if path is not None else ""
        used = f", in use by {holder}" if holder else ""
        return f"{kind}, writable, schema version {MIGRATIONS[-1].version}{size}{used}"

    async def disk(self) -> str:
        """Look at the room where the state and what was learnt are kept."""
        state = sqlite_path(self._settings.state_url.get_secret_value())
        folders = [cache_dir(self._settings)]
        if state is not None:
            folders.insert(0, state.parent)
        places: dict[int, Path] = {}
        for place in map(_there, folders):
            places.setdefault(place.stat().st_dev, place)
        found = []
        for place in places.values():
            free = shutil.disk_usage(place).free
            found.append(f"{size_in_words(free)} free in {place}")
            if free < _LEAST_FREE:
                raise CheckFailed(found[-1], "make room, or name another place")
        return ", ".join(found)

    async def running(self) -> str:
        """Ask a bot that runs here how it is."""
        host, port = self._settings.http.host, self._settings.http.port
        if port == 0:
            raise NotTried("AGENTBOT_HTTP__PORT is 0, so nobody knows where a bot listens")
        host = _ANYWHERE.get(host, host)
        base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        transport = HttpTransport()
        async with httpx2.AsyncClient(
            base_url=base, transport=transport, trust_env=False, timeout=_ASKED_FOR
        ) as http:
            try:
                answer = await http.get("/readyz")
            except httpx2.HTTPError:
                raise NotTried(f"none answers at {base}") from None
        return _of_a_running_bot(base, answer)


def _of_a_running_bot(base: str, answer: httpx2.Response) -> str:
    """Return what ``/readyz`` says of a bot. Raises where it is not ready, or none answers."""
    try:
        said = answer.json()
        is_ready, waiting = said["ready"], said["waiting_for"]
    except (ValueError, KeyError, TypeError):
        raise CheckFailed(
            f"something else than agentbot answers at {base}",
            "set AGENTBOT_HTTP__PORT to a port that is free",
        ) from None
    if not is_ready:
        parts = "; ".join(f"{part}: {why}" for part, why in waiting.items())
        raise CheckFailed(f"{base}/readyz waits for {parts}", "look into its log")
    if warnings := said.get("warnings"):
        parts = "; ".join(f"{part}: {why}" for part, why in warnings.items())
        raise NeedsALook(f"ready at {base}", parts)
    return f"ready at {base}"


def _size(state: Path) -> int:
    """Return the bytes of an SQLite file with what waits in its log to be written into it."""
    files = (state, state.with_name(f"{state.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there already."""
    folder = folder.absolute()
    return next(one for one in (folder, *folder.parents) if one.exists())
