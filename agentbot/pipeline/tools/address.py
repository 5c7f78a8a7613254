"""URLs with parameters: whatever a parameter holds, it stays in its own place.

The scheme, the host, the number of the path's parts and the query's keys are those of the template.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from agentbot.errors import DataException

Origin = tuple[str, str, int]
"""Scheme, host (ASCII, in small letters) and port."""
PORTS = {"http": 80, "https": 443}
"""The ports that an address need not name."""

_PARAMETER = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_LONGEST_HOST = 253
"""Characters of a host's name (RFC 1035)."""
_IN_A_PATH = "%:@!$&'()*+,;=~-._"
"""What may stand in a part of a path as it is (RFC 3986)."""
_IN_A_QUERY = "%:@!$'()*,;=~-._/?"
"""What may stand in a query as it is; & parts, and + would be read as a space."""


@dataclass(eq=False)
class AddressProblem(DataException):
    """A URL cannot be used; ``remedy`` says what to write instead."""

    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        return self.problem


@dataclass(frozen=True, slots=True)
class Text:
    """A text with parameters: ``parts`` are by turns plain texts and parameters' names."""

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``orders-{order}``. Raises :class:`AddressProblem`."""
        parts = _PARAMETER.split(text)
        for name in parts[1::2]:
            if not _NAME.fullmatch(name):
                raise AddressProblem(
                    f"{{{name}}} names no parameter", "write {name} with a name of 'parameters'"
                )
        if any(brace in plain for plain in parts[::2] for brace in "{}"):
            raise AddressProblem("a brace stands alone", "write a parameter as {name}")
        return cls(tuple(parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in it."""
        return self.parts[1::2]

    def fill(self, values: Mapping[str, str], *, safe: str) -> str:
        """Return it with each parameter percent-encoded whole, and plain text as it may stand."""
        filled = [
            quote(values[part], safe="") if number % 2 else quote(part, safe=safe)
            for number, part in enumerate(self.parts)
        ]
        return "".join(filled)

    def plainly(self, values: Mapping[str, str]) -> str:
        """Return it with the parameters as they are."""
        return "".join(values[part] if n % 2 else part for n, part in enumerate(self.parts))


@dataclass(frozen=True, slots=True)
class Address:
    """A URL's template: its path's parts, and its query's keys and values."""

    origin: Origin
    segments: tuple[Text, ...]
    pairs: tuple[tuple[str, Text], ...]

    @classmethod
    def parse(cls, url: str, *, allow_http: bool = False) -> Self:
        """Read a template. Raises :class:`AddressProblem`."""
        if any(ord(sign) <= ord(" ") or sign in '\\"<>\x7f' for sign in url):
            raise AddressProblem("the URL holds a blank, or a sign that none has", "copy it anew")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise AddressProblem(f"this is no URL: {error}", _LIKE) from error
        if parts.scheme not in PORTS or "://" not in url:
            raise AddressProblem("the URL begins with no https://", _LIKE)
        if parts.scheme == "http" and not allow_http:
            raise AddressProblem(
                "the URL begins with http://, so that all can read along",
                "write https://, or 'allow_http: true' where that is meant",
            )
        if "@" in parts.netloc:
            raise AddressProblem(
                "a user or a password stands in the URL",
                "put it into 'headers', with the secret in the environment: ${NAME}",
            )
        if parts.fragment or url.endswith("#"):
            raise AddressProblem("a URL that is asked has no #", "leave out what comes after it")
        if port == 0:
            raise AddressProblem("there is no port 0", "leave it out")
        origin = (parts.scheme, _host(parts.netloc), port or PORTS[parts.scheme])
        segments = tuple(Text.parse(part) for part in parts.path.split("/")[1:])
        if any(_is_dots("".join(one.parts)) for one in segments):
            raise AddressProblem("the URL's path goes up: ..", "write the path that is meant")
        return cls(origin, segments, tuple(_pairs(parts.query)))

    @property
    def names(self) -> frozenset[str]:
        """The parameters in it."""
        return self.in_path.union(*(text.names for _, text in self.pairs))

    @property
    def in_path(self) -> frozenset[str]:
        """The parameters without which it has no path."""
        return frozenset(name for segment in self.segments for name in segment.names)

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the URL. A pair of the query is left out where a parameter of it has no value.

        Raises :class:`AddressProblem` where a value cannot stand in a path: an empty one, ``..``,
        or one with a slash, which some servers take for the path's own even where it is encoded.
        """
        path = "".join(f"/{_segment(one, values)}" for one in self.segments)
        query = "&".join(
            f"{key}={text.fill(values, safe=_IN_A_QUERY)}"
            for key, text in self.pairs
            if all(name in values for name in text.names)
        )
        scheme, host, port = self.origin
        netloc = written(host, port, scheme)
        return f"{scheme}://{netloc}{path}" + (f"?{query}" if query else "")


_LIKE = "write one such as https://shop.example.com/orders/{order}"


def written(host: str, port: int, scheme: str) -> str:
    """Return host and port as a URL and the header ``Host`` have them."""
    name = f"[{host}]" if ":" in host else host
    return name if port == PORTS.get(scheme) else f"{name}:{port}"


def is_speakable(value: str) -> bool:
    """Say whether a value holds nothing but signs that people write: no control, no half sign."""
    return not any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in value)


def _segment(segment: Text, values: Mapping[str, str]) -> str:
    for name in segment.names:
        value = values.get(name, "")
        if not value.strip() or "/" in value or "\\" in value or not is_speakable(value):
            raise AddressProblem(f"{name} cannot stand in a path")
    if segment.names and _is_dots(segment.plainly(values)):
        raise AddressProblem(f"{', '.join(segment.names)} cannot stand in a path")
    return segment.fill(values, safe=_IN_A_PATH)


def _is_dots(segment: str) -> bool:
    return unquote(segment).strip() in {".", ".."}


def _host(netloc: str) -> str:
    """Return the one host of a URL. Raises :class:`AddressProblem`."""
    host = netloc.lower()
    if "{" in host or "}" in host:
        raise AddressProblem(
            "a parameter stands in the host, so that it could be any",
            "write the host out; parameters stand in the path and the query",
        )
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    else:
        host = host.rpartition(":")[0] if ":" in host else host
    if not host.isascii():
        raise AddressProblem(f"the host {host!r} is not in ASCII", _as_ascii(host))
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    labels = host.split(".")
    is_name = len(host) <= _LONGEST_HOST and all(_LABEL.fullmatch(label) for label in labels)
    if not is_name or _NUMBER.fullmatch(labels[-1]):
        raise AddressProblem(
            f"{host!r} is no host's name",
            "write it as in https://shop.example.com, without a dot"
            " at its end; an address has four numbers from 0 to 255",
        )
    return host


def _as_ascii(host: str) -> str:
    try:
        return f"write it as {host.encode('idna').decode()}"
    except UnicodeError:
        return "write it as name servers know it: xn--…"


def _pairs(query: str) -> Iterable[tuple[str, Text]]:
    for pair in query.split("&") if query else ():
        key, _, value = pair.partition("=")
        if not key or "{" in key or "}" in key:
            raise AddressProblem(
                f"{pair!r} in the URL's query has no fixed key", "write key={name}"
            )
        yield quote(key, safe=_IN_A_QUERY.replace("=", "")), Text.parse(value)
