"""``trust.py``: whom to trust is read once, and by nobody who does not use it."""

from __future__ import annotations

import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentbot.trust import reading_no_authorities
from tests.support.certificates import Authority

_AIOHTTP = """
import asyncio
import sys
from agentbot.http_transport import HttpTransport

async def main():
    transport = HttpTransport()
    assert "aiohttp" not in sys.modules
    await transport._opened().close()

asyncio.run(main())
from aiohttp import connector
made = connector._SSL_CONTEXT_VERIFIED, connector._SSL_CONTEXT_UNVERIFIED
print([one.cert_store_stats()["x509"] for one in made])
"""


def known() -> tuple[int, int]:
    """Return how many certificates new contexts have read, in both ways to have them read."""
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.set_default_verify_paths()
    whole = ssl.create_default_context()
    return whole.cert_store_stats()["x509"], bare.cert_store_stats()["x509"]


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one authority, which the environment names."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority.file


@pytest.mark.usefixtures("one")
def test_a_thread_reads_no_authorities_as_long_as_it_wants_none() -> None:
    """Others do meanwhile, and itself before and afterwards."""
    assert known() == (1, 1)
    with ThreadPoolExecutor(1) as others, reading_no_authorities():
        assert known() == (0, 0)
        assert others.submit(known).result() == (1, 1)
    assert known() == (1, 1)


@pytest.mark.usefixtures("one")
def test_what_fails_meanwhile_changes_nothing() -> None:
    """Such as a library that is not there."""
    with pytest.raises(ImportError), reading_no_authorities():
        raise ImportError
    assert known() == (1, 1)


def test_aiohttp_reads_none(one: Path) -> None:
    """Its own contexts are used by nothing."""
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _AIOHTTP],
        env={"SSL_CERT_FILE": str(one), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "[0, 0]\n"
