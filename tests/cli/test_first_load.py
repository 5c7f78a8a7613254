"""``first_load.py``: while the folder is read for the first time, the process is seen to live."""

from __future__ import annotations

import asyncio
import socket
import threading

import httpx2
import pytest

from agentbot.cli.first_load import load_first
from agentbot.cli.loader import PipelineLoader
from agentbot.config import Settings
from agentbot.config.groups import HttpSettings
from agentbot.errors import ConfigurationError
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.pipeline import Pipeline
from tests.support.folders import DEFAULT
from tests.support.timing import within


class SlowLoader(PipelineLoader):
    """A loader that takes until it is let go on."""

    def __init__(self, settings: Settings, *, broken: bool = False) -> None:
        super().__init__(settings)
        self.goes_on = threading.Event()
        self._broken = broken

    def load(self) -> Pipeline:
        """Wait, and load, or find that the folder is broken."""
        self.goes_on.wait(20)
        if self._broken:
            raise ConfigurationError("rules.yaml", "is broken", "mend it")
        return super().load()


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def settings_for(port: int) -> Settings:
    """Return settings for the shipped folder, by words alone."""
    return Settings.model_validate(
        {
            "prompts_dir": DEFAULT,
            "http": HttpSettings(host="127.0.0.1", port=port),
            "faq": {"embeddings": "none"},
        }
    )


async def asked(url: str) -> httpx2.Response:
    """Return the answer, once the address is served."""
    async with within(10), httpx2.AsyncClient() as client:
        while True:
            try:
                return await client.get(url)
            except httpx2.ConnectError:
                await asyncio.sleep(0.02)


async def test_health_is_served_while_loading_takes_long() -> None:
    """Alive, and not ready, with the reason; the address is free again afterwards."""
    port = free_port()
    loader = SlowLoader(settings_for(port))
    loading = asyncio.create_task(load_first(loader, Metrics(), patience=0.01))
    assert (await asked(f"http://127.0.0.1:{port}/healthz")).status_code == 200
    ready = await asked(f"http://127.0.0.1:{port}/readyz")
    assert ready.status_code == 503
    assert "FAQ" in ready.json()["waiting_for"]["prompts"]
    loader.goes_on.set()
    assert (await loading).responders
    socket.create_server(("127.0.0.1", port)).close()


async def test_nothing_is_served_where_it_is_quick() -> None:
    """Who starts a second bot by mistake hears of more than the port."""
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        loader = SlowLoader(settings_for(theirs.getsockname()[1]))
        loader.goes_on.set()
        assert (await load_first(loader, Metrics(), patience=20)).responders


async def test_an_address_that_cannot_be_had_stops_no_loading() -> None:
    """It is told when the bot takes it."""
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        loader = SlowLoader(settings_for(theirs.getsockname()[1]))
        loading = asyncio.create_task(load_first(loader, Metrics(), patience=0.01))
        await asyncio.sleep(0.1)
        loader.goes_on.set()
        assert (await loading).responders


@pytest.mark.parametrize("patience", [0.01, 20])
async def test_a_broken_folder_is_told_at_once_or_later(patience: float) -> None:
    """Whether or not the address is served by then."""
    loader = SlowLoader(settings_for(free_port()), broken=True)
    loading = asyncio.create_task(load_first(loader, Metrics(), patience=patience))
    await asyncio.sleep(0.1)
    loader.goes_on.set()
    with pytest.raises(ConfigurationError, match="is broken"):
        await loading
