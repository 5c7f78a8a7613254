"""The environment's proxies, and what a server's refusal says."""

from __future__ import annotations

import importlib.util

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.provider import Proxy, async_client, proxy_for, refusal_in, without_key

FAR = "https://api.example.com/v1"
PROXY = {"HTTPS_PROXY": "http://proxy:3128"}


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        (FAR, {}, None),
        (FAR, PROXY, Proxy("HTTPS_PROXY", "http://proxy:3128")),
        (FAR, {"https_proxy": " proxy:3128 "}, Proxy("https_proxy", "http://proxy:3128")),
        (FAR, {"ALL_PROXY": "http://proxy:1"}, Proxy("ALL_PROXY", "http://proxy:1")),
        (FAR, {"HTTP_PROXY": "nonsense://[", "HTTPS_PROXY": ""}, None),
        (FAR, PROXY | {"NO_PROXY": "localhost, .example.com"}, None),
        (FAR, PROXY | {"NO_PROXY": "*.example.com"}, None),
        (FAR, PROXY | {"NO_PROXY": "*"}, None),
        (
            FAR,
            PROXY | {"NO_PROXY": "[, ]://, example.org"},
            Proxy("HTTPS_PROXY", PROXY["HTTPS_PROXY"]),
        ),
        ("https://10.1.2.3:8000/v1", PROXY | {"NO_PROXY": "10.0.0.0/8"}, None),
        ("https://[fd00::1]/v1", PROXY | {"no_proxy": "[fd00::]/8"}, None),
        ("http://127.0.0.1:11434/v1", {"ALL_PROXY": "socks5://127.0.0.1:9"}, None),
        ("http://localhost:11434/v1", {"HTTP_PROXY": "http://proxy:1"}, None),
        ("http://[::1]:11434/v1", {"HTTP_PROXY": "nonsense"}, None),
        ("http://model.localhost/v1", {"HTTP_PROXY": "nonsense"}, None),
    ],
)
def test_the_way_to_the_provider(url: str, environ: dict[str, str], proxy: Proxy | None) -> None:
    """By the variable of its scheme; never for this machine, nor for what NO_PROXY names."""
    assert proxy_for(url, environ) == proxy


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("http://", "is not the address of a proxy"),
        ("http://user:hunter2@[bad", "is not the address of a proxy"),
        ("http://proxy:many", "is not the address of a proxy"),
        ("gopher://user:hunter2@proxy:1", "names a kind of proxy that is not known"),
    ],
)
def test_a_bad_proxy_is_refused_by_name(value: str, problem: str) -> None:
    """Its value, which may hold a password, is not repeated."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        proxy_for(FAR, {"ALL_PROXY": value})
    assert caught.value.place == "ALL_PROXY"
    assert "hunter2" not in str(caught.value)


def test_a_socks_proxy_needs_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said; with the package it is used."""
    find = importlib.util.find_spec
    there = False

    def found(name: str) -> object:
        return (there or None) if name == "socksio" else find(name)

    monkeypatch.setattr("agentbot.pipeline.provider.find_spec", found)
    with pytest.raises(ConfigurationError, match="install socksio"):
        proxy_for(FAR, {"ALL_PROXY": "socks5://proxy:1"})
    there = True
    assert proxy_for(FAR, {"ALL_PROXY": "socks5h://proxy:1"}) is not None


async def test_a_client_is_made_whatever_else_the_environment_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Variables for other schemes, and certificates of one's own."""
    monkeypatch.setenv("HTTP_PROXY", "nonsense://[")
    monkeypatch.setenv("NO_PROXY", "[::1]:80, ,]")
    client = async_client(api_key=None, base_url=FAR)
    await client.close()
    monkeypatch.setenv("ALL_PROXY", "nonsense://proxy")
    with pytest.raises(ConfigurationError):
        async_client(api_key=None, base_url=None)


@pytest.mark.parametrize(
    ("said", "status", "is_long"),
    [
        ("This model's maximum context length is 4096 tokens.", 400, True),
        ("the request exceeds the available context size", 400, True),
        ("prompt is too long: 9000 tokens > 8000 maximum", 400, True),
        ("Please reduce the length of the messages", 400, True),
        ("Request too large on tokens per min (TPM): Limit 6000", 429, True),
        ("anything", 413, True),
        ("This request exceeds your rate limit", 429, False),
        ("max_tokens is too large: 400. At most 256 completion tokens", 400, False),
        ("no such model", 404, False),
        ("a system message is not supported", 400, False),
    ],
)
def test_what_speaks_of_length(said: str, status: int, is_long: bool) -> None:  # noqa: FBT001
    """Servers say it in many words."""
    refusal = refusal_in(said, status=status)
    assert refusal is not None
    assert refusal.is_about_length is is_long


def test_a_key_goes_and_a_placeholder_stays() -> None:
    """A word such as test is no secret, and stands in other words."""
    assert without_key("no sk-verysecret1 here", "sk-verysecret1") == "no [redacted] here"
    assert without_key("a test of the latest", "test") == "a test of the latest"
    assert without_key("no key", None) == "no key"


def test_the_first_of_a_list_of_errors_is_read() -> None:
    """Some providers wrap what they say in a list."""
    refusal = refusal_in([{"error": {"code": 400, "message": "API key not valid."}}], status=400)
    assert refusal is not None
    assert refusal.shown == "400: API key not valid."
