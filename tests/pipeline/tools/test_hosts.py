"""Which addresses may be connected to."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.tools.hosts import is_allowed, resolve

_PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
_PRIVATE = [
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "127.0.0.1",
    "127.8.8.8",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "64:ff9b:1:ffff:ffff:ffff:a00:1",
]
_NEVER = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "0.0.0.0",  # noqa: S104 - nothing listens there
    "0.1.2.3",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "::127.0.0.1.5",
    "2130706433",
    "localhost",
    "",
]


@pytest.mark.parametrize("address", _PUBLIC)
def test_what_is_public_is_asked(address: str) -> None:
    """Whether private networks may be, or not."""
    assert is_allowed(address, private=False)
    assert is_allowed(address, private=True)


@pytest.mark.parametrize("address", _PRIVATE)
def test_what_is_private_is_asked_only_where_that_is_meant(address: str) -> None:
    """In whatever way it is written: an IPv6 address may stand for one of IPv4."""
    assert not is_allowed(address, private=False)
    assert is_allowed(address, private=True)


@pytest.mark.parametrize("address", _NEVER)
def test_what_no_look_up_needs_is_never_asked(address: str) -> None:
    """What is link-local, among it the credentials of clouds' machines, and what is no address."""
    assert not is_allowed(address, private=False)
    assert not is_allowed(address, private=True)


@given(st.ip_addresses(v=4))
def test_an_address_is_judged_alike_in_all_its_forms(address: object) -> None:
    """Mapped and translated."""
    for private in (False, True):
        allowed = is_allowed(str(address), private=private)
        for prefix in ("::ffff:", "64:ff9b::"):
            assert is_allowed(f"{prefix}{address}", private=private) is allowed


async def test_a_name_is_looked_up_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its addresses comes once, in the order of the name server."""
    calls: list[tuple[object, ...]] = []

    def getaddrinfo(*asked: object) -> list[tuple[object, ...]]:
        calls.append(asked)
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("10.0.0.1", 80)), (*kind, ("10.0.0.2", 80)), (*kind, ("10.0.0.1", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert await resolve("shop.test", 80) == ["10.0.0.1", "10.0.0.2"]
    assert len(calls) == 1
