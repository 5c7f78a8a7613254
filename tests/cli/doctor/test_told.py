"""Whom the bot tells is reached without being told anything (`cli/doctor/told.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agentbot.cli.doctor import told
from agentbot.cli.doctor.checkup import NeedsALook, NotTried
from agentbot.config import Settings, load_settings
from agentbot.errors import ConfigurationError
from agentbot.ops import otel


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Yield the address of somebody who answers that there is nothing, and what they were asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 404 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def settings(**values: str) -> Settings:
    """Return settings with these variables alone."""
    return load_settings(values)


async def test_a_webhook_is_reached_and_told_nothing() -> None:
    """Its address beyond the host is a secret, and whoever is posted to there is a person."""
    async with listening() as (host, asked):
        url = f"http://me:pass-word@{host}/hooks/S3cret?key=S3cret"
        found = await told.reach_webhook(settings(AGENTBOT_NOTIFY__URL=url))
    assert found == f"{host} answers; nobody was told anything"
    [request] = asked
    assert request.startswith(b"HEAD / HTTP/1.1\r\n")
    assert b"S3cret" not in request
    assert b"authorization" not in request.lower()


async def test_a_collector_is_reached() -> None:
    """It need not know the address that it is asked for."""
    async with listening() as (host, _):
        endpoint = settings(AGENTBOT_TRACES__ENDPOINT=f"http://{host}/otel")
        assert await told.reach_collector(endpoint) == f"{host} answers"


@pytest.mark.parametrize(
    ("name", "reach"),
    [
        ("AGENTBOT_NOTIFY__URL", told.reach_webhook),
        ("AGENTBOT_TRACES__ENDPOINT", told.reach_collector),
    ],
)
async def test_who_is_away_needs_a_look(name: str, reach: object) -> None:
    """The bot answers all the same; its line says what is lost, and names the setting."""
    assert callable(reach)
    with pytest.raises(NotTried, match=f"{name} is not set"):
        await reach(settings())
    with pytest.raises(NeedsALook, match=r"^127\.0\.0\.1:1: nothing listens there") as look:
        await reach(settings(**{name: "http://127.0.0.1:1/hooks/S3cret"}))
    assert look.value.what_to_do.startswith(f"check {name}; ")
    with pytest.raises(NeedsALook, match=r"^nobody\.invalid: no host of this name is known"):
        await reach(settings(**{name: "https://nobody.invalid/hooks/S3cret"}))


async def test_traces_without_their_packages_are_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`run` would not start."""
    monkeypatch.setattr(otel, "_is_installed", lambda _name: False)
    with pytest.raises(ConfigurationError, match="extra otel"):
        await told.reach_collector(settings(AGENTBOT_TRACES__ENDPOINT="http://127.0.0.1:4318"))
