"""A port that cannot be had is the operator's to change; other errors stay what they are."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from agentbot.cli.serving import serve_at
from agentbot.devserver.server import DevServer
from agentbot.errors import ConfigurationError


async def test_a_taken_port_is_a_wrong_option() -> None:
    """The message names the address, and what to write instead."""
    async with serve_at(DevServer(), port=0) as url:
        port = urlsplit(url).port or 0
        with pytest.raises(ConfigurationError) as caught:
            async with serve_at(DevServer(), port=port):
                pass
    assert caught.value.place == "--port"
    assert f"127.0.0.1:{port} cannot be had" in caught.value.problem
    assert caught.value.remedy == "try --port 0"


async def test_what_goes_wrong_later_is_not_blamed_on_the_port() -> None:
    """A file that is missing while the server runs is not a taken port."""
    with pytest.raises(FileNotFoundError):
        async with serve_at(DevServer(), port=0):
            raise FileNotFoundError
