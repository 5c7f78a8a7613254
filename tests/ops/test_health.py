"""Health, readiness and metrics over real HTTP."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest

from agentbot.errors import ConfigurationError
from agentbot.ops.health import serve_health
from agentbot.ops.metrics import Metrics


class Readiness:
    """What is not ready, as a test says."""

    def __init__(self) -> None:
        self.waiting_for: dict[str, str] = {}
        self.warnings: dict[str, str] = {}
        self.metrics = Metrics()

    def __call__(self) -> dict[str, str]:
        """What /readyz asks."""
        return self.waiting_for


@pytest.fixture
def parts() -> Readiness:
    """The state of the parts."""
    return Readiness()


@pytest.fixture
async def client(parts: Readiness) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a running health server."""
    registry = parts.metrics.registry
    async with (
        serve_health(
            host="127.0.0.1",
            port=0,
            registry=registry,
            not_ready=parts,
            warnings=lambda: parts.warnings,
        ) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        yield client


async def test_alive(client: httpx2.AsyncClient) -> None:
    """/healthz answers as long as the event loop turns."""
    response = await client.get("/healthz")

    assert response.status_code == 200
    assert response.json()["alive"] is True


async def test_readiness_follows_the_parts(client: httpx2.AsyncClient, parts: Readiness) -> None:
    """/readyz is asked anew each time: 503 with what is missing, 200 once nothing is."""
    parts.waiting_for = {"socket": "not joined"}
    waiting = await client.get("/readyz")
    parts.waiting_for = {}
    ready = await client.get("/readyz")

    assert waiting.status_code == 503
    assert waiting.json() == {"ready": False, "waiting_for": {"socket": "not joined"}}
    assert (ready.status_code, ready.json()["ready"]) == (200, True)


async def test_what_to_look_at_is_told_though_all_is_ready(
    client: httpx2.AsyncClient, parts: Readiness
) -> None:
    """It stands in the body, and does not take the bot out of service."""
    parts.warnings = {"other_bot": "another bot answers"}
    response = await client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["warnings"] == {"other_bot": "another bot answers"}


async def test_metrics(client: httpx2.AsyncClient, parts: Readiness) -> None:
    """/metrics speaks Prometheus' text format."""
    parts.metrics.reply_confirmed()

    response = await client.get("/metrics")

    assert response.headers["content-type"].startswith("text/plain")
    assert "agentbot_replies_confirmed_total 1.0" in response.text


async def test_nothing_else_is_served(client: httpx2.AsyncClient) -> None:
    """Other paths are not found, other methods not allowed."""
    assert (await client.get("/")).status_code == 404
    assert (await client.post("/healthz")).status_code == 405


async def test_signal_handlers_stay(parts: Readiness) -> None:
    """The bot drains on SIGTERM: the server must not take the signals for itself."""
    stopping = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in stopping]

    async with (
        serve_health(
            host="127.0.0.1", port=0, registry=parts.metrics.registry, not_ready=parts
        ) as url,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        await client.get(f"{url}/healthz")
        assert [signal.getsignal(number) for number in stopping] == before


async def test_port_is_free_again_afterwards(parts: Readiness) -> None:
    """Leaving the body closes the listener, also with a client that keeps its connection."""
    registry = parts.metrics.registry
    async with httpx2.AsyncClient(trust_env=False) as client:
        async with serve_health(
            host="127.0.0.1", port=0, registry=registry, not_ready=parts
        ) as url:
            await client.get(f"{url}/healthz")
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"{url}/healthz")


async def test_leaving_before_the_first_request(parts: Readiness) -> None:
    """A body that ends at once ends the server too."""
    async with asyncio.timeout(10):
        async with serve_health(
            host="::1", port=0, registry=parts.metrics.registry, not_ready=parts
        ) as url:
            assert url.startswith("http://[::1]:")


async def test_taken_port_is_a_clear_error(parts: Readiness) -> None:
    """The operator reads which setting to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1:{port}"):
            async with serve_health(
                host="127.0.0.1", port=port, registry=parts.metrics.registry, not_ready=parts
            ):
                pass
