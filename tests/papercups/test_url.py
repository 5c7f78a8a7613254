"""Where a server is found."""

from __future__ import annotations

import pytest

from agentbot.errors import ConfigurationError
from agentbot.papercups.url import PapercupsUrl


@pytest.mark.parametrize(
    ("text", "base", "socket"),
    [
        ("https://chat.example.com", "https://chat.example.com", "wss://chat.example.com"),
        (" http://localhost:4000/ ", "http://localhost:4000", "ws://localhost:4000"),
        ("http://[::1]:4000", "http://[::1]:4000", "ws://[::1]:4000"),
    ],
)
def test_rest_and_socket_follow_from_one_address(text: str, base: str, socket: str) -> None:
    """TLS for both or for none."""
    url = PapercupsUrl.parse(text)
    assert url.base == base
    assert url.socket(token="a b") == f"{socket}/socket/websocket?token=a+b&vsn=2.0.0"
    assert url.socket() == f"{socket}/socket/websocket?vsn=2.0.0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chat.example.com",
        "ftp://chat.example.com",
        "https://",
        "https://chat.example.com:port",
        "https://chat.example.com/dashboard",
        "https://chat.example.com?x=1",
        "https://me:secret@chat.example.com",
        "https://me@chat.example.com",
        "https://:secret@chat.example.com",
        "https://[::1",
        "https://chat..example.com",
        "https://me:secret@.example.com",
        f"https://{'a' * 64}.example.com",
    ],
)
def test_a_wrong_address_names_the_variable_and_what_to_write(text: str) -> None:
    """And never shows what may be a secret."""
    with pytest.raises(ConfigurationError) as caught:
        PapercupsUrl.parse(text)
    assert caught.value.place == "PAPERCUPS_URL"
    assert caught.value.remedy
    assert "secret" not in str(caught.value)
