"""Which addresses may be connected to: a name can lead anywhere, into our own network too.

So a name is looked up once, every address that it has is judged, and what is connected to is one of
these very addresses. A second answer of the name server changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host, for a port. Raises ``OSError``."""

_NEVER = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "240.0.0.0/4",  # reserved, and the broadcast address
        "169.254.0.0/16",  # link-local, and where clouds serve their machines' credentials
        "100.100.100.200/32",  # the same of Alibaba's
        "192.0.0.192/32",  # the same of Oracle's
        "168.63.129.16/32",  # Azure's, which is public by its number
        "fd00:ec2::254/128",  # Amazon's over IPv6
        "fd20:ce::254/128",  # Google's over IPv6
        "fe80::/10",
        "fec0::/10",  # site-local, long out of use (RFC 3879)
        "::/128",
    )
)
"""Addresses that no look-up needs, whatever is declared private."""
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
"""IPv6 addresses whose last 32 bits are an IPv4 address (NAT64: RFC 6052, RFC 8215)."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, without blocking the event loop. Raises ``OSError``."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_allowed(address: str, *, private: bool) -> bool:
    """Say whether an address may be connected to; ``private``: in a private network too."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_good(one, private=private) for one in (parsed, *_inner(parsed)))


def _is_good(address: IPv4Address | IPv6Address, *, private: bool) -> bool:
    if any(address in network for network in _NEVER) or address.is_multicast:
        return False
    if isinstance(address, IPv6Address) and _is_wrapper(address):
        return True  # what it wraps is judged
    if address.is_global and not address.is_reserved:
        return True
    return private and (address.is_private or address.is_loopback or address in _SHARED)


_SHARED = ip_network("100.64.0.0/10")
"""What carriers, and some private networks, use (RFC 6598): neither private nor global."""


def _is_wrapper(address: IPv6Address) -> bool:
    return address.ipv4_mapped is not None or any(address in one for one in _TRANSLATED)


def _inner(address: IPv4Address | IPv6Address) -> Sequence[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return ()
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in one for one in _TRANSLATED):
        inner.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    if int(address) >> 32 == 0 and int(address) > 1:  # ::10.0.0.1, long out of use
        inner.append(IPv4Address(int(address)))
    return [one for one in inner if one is not None]
