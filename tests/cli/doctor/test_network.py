"""The way to Papercups is tried part by part (`cli/doctor/network.py`)."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agentbot import trust
from agentbot.cli.doctor import command
from agentbot.cli.doctor.checkup import NeedsALook, NotTried
from agentbot.cli.doctor.network import NetworkChecks, compare_clocks
from agentbot.config import load_settings
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.errors import ServerFailed, TransportError
from tests.support.certificates import Authority
from tests.support.environment import bare_environ
from tests.support.folders import DEFAULT
from tests.support.timing import TIMEOUT_SCALE

_NOON = datetime(2026, 11, 26, 12, 0, 0, 500_000, tzinfo=UTC)


class Certified(NamedTuple):
    """A file of whom to trust, and a server's certificate."""

    file: Path
    context: ssl.SSLContext


def checks(url: str) -> NetworkChecks:
    """Return the checks of the way to this address."""
    return NetworkChecks(load_settings({"PAPERCUPS_URL": url}))


async def test_without_an_address_nothing_is_tried() -> None:
    """The login says what is missing, once."""
    with pytest.raises(NotTried, match="PAPERCUPS_URL"):
        await NetworkChecks(load_settings({})).dns()


async def test_a_name_is_looked_up_and_an_address_is_not() -> None:
    """One that nobody knows is told as such."""
    assert (await checks("http://localhost:1").dns()).startswith("localhost is ")
    with pytest.raises(NotTried, match="an address"):
        await checks("https://127.0.0.1").dns()
    with pytest.raises(TransportError, match="no host of this name"):
        await checks("https://papercups.invalid").dns()


@contextmanager
def never() -> Iterator[Callable[[str, int], list[Any]]]:
    """Give a resolver that has no answer while the body runs."""
    over = threading.Event()

    def resolve(_host: str, _port: int) -> list[Any]:
        over.wait()
        return []

    try:
        yield resolve
    finally:
        over.set()


async def test_a_name_server_that_never_answers_is_told_of() -> None:
    """Within the time that there is for it."""
    settings = load_settings({"PAPERCUPS_URL": "https://papercups.invalid"})
    with never() as resolve:
        found = NetworkChecks(settings, resolve=resolve, patience=0.05)
        with pytest.raises(TransportError, match=r"no name server answers in 0\.05 s"):
            await found.dns()


def test_doctor_ends_though_a_name_server_never_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The thread that waits for it holds up neither the other checks nor the command's end."""
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) - set(bare_environ()):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PAPERCUPS_URL", "https://papercups.invalid")
    codes: list[int] = []
    with never() as resolve:
        way = partial(NetworkChecks, resolve=resolve, patience=0.05)

        def run() -> None:
            codes.append(asyncio.run(command.main(prompts=DEFAULT, as_json=True, way=way)))

        running = threading.Thread(target=run, daemon=True)
        running.start()
        running.join(timeout=20 * TIMEOUT_SCALE)
        assert not running.is_alive()
    lines = {line["check"]: line for line in json.loads(capsys.readouterr().out)}
    assert lines["dns"]["result"] == "fail"
    assert lines["traces"]["result"] == "not_tried"
    assert codes == [78]  # of the example's prompts, which come first


@pytest.mark.parametrize("near", ["127.0.0.1", "10.0.0.7", "papercups", "localhost", "x.internal"])
async def test_without_tls_a_near_server_is_usual(near: str) -> None:
    """Within a machine, a container's network, an office."""
    with pytest.raises(NotTried):
        await checks(f"http://{near}:4000").tls()


async def test_without_tls_a_far_server_needs_a_look() -> None:
    """The password goes over the network in the clear."""
    with pytest.raises(NeedsALook, match="can be read on the way"):
        await checks("http://papercups.example.com").tls()


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[Certified]:
    """Return an authority's file and what its server speaks TLS with, good for a day."""
    authority = Authority(tmp_path)
    yield Certified(authority.file, authority.server("localhost"))
    trust._read.cache_clear()


async def _tls(certified: Certified) -> str:
    """Look at a server of this certificate."""
    server = await asyncio.start_server(
        lambda _reader, writer: writer.close(), "localhost", 0, ssl=certified.context
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        return await checks(f"https://localhost:{port}").tls()


async def test_a_certificate_that_ends_soon_needs_a_look(
    certified: Certified, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before customers are the first to notice."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certified.file))
    with pytest.raises(NeedsALook, match=r"TLSv1\.3, certificate good until .*, in [01] days"):
        await _tls(certified)


async def test_a_certificate_that_nobody_trusts_is_a_failure(certified: Certified) -> None:
    """With the setting that would mend it."""
    with pytest.raises(TransportError, match="SSL_CERT_FILE"):
        await _tls(certified)


async def test_papercups_refuses_whoever_is_not_logged_in() -> None:
    """That is how it is known; a page of something else is told as what it is."""
    server = DevServer()
    server.seed()
    async with serve(server) as url:
        assert "Papercups answers" in await checks(url).http()
        server.faults.answer(status=200, body="<html>", content_type="text/html", method="GET")
        with pytest.raises(ServerFailed, match="not the Papercups API"):
            await checks(url).http()


@pytest.mark.parametrize(("seconds", "said"), [(-60, "ahead of"), (60, "behind")])
async def test_a_clock_that_is_wrong_is_told(seconds: float, said: str) -> None:
    """This machine's, beside the server's."""
    server = DevServer(now=lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    server.seed()
    async with serve(server) as url:
        found = checks(url)
        with pytest.raises(NotTried):
            await found.clock()
        with suppress(NotTried):
            await found.http()
        with pytest.raises(NeedsALook, match=f"(59|60|61) s {said} Papercups"):
            await found.clock()


@pytest.mark.parametrize("ahead", [-5.0, 0.0, 5.0])
def test_a_few_seconds_prove_nothing(ahead: float) -> None:
    """The head counts whole seconds, and the way takes its time."""
    asked = _NOON + timedelta(seconds=ahead)
    head = "Thu, 26 Nov 2026 12:00:00 GMT"
    assert "apart" in compare_clocks(head, between=(asked, asked + timedelta(seconds=0.1)))


@pytest.mark.parametrize("zone", ["GMT", "-0000", ""])
def test_a_time_without_its_zone_is_in_utc(zone: str) -> None:
    """As a head's time always is."""
    head = f"Thu, 26 Nov 2026 12:00:00 {zone}".strip()
    assert "apart" in compare_clocks(head, between=(_NOON, _NOON))


def test_a_time_that_is_none_is_not_compared() -> None:
    """Whoever answers so is no clock."""
    with pytest.raises(NotTried, match="cannot be read"):
        compare_clocks("yesterday", between=(_NOON, _NOON))
