"""The provider of models: how an OpenAI-compatible server is reached, and what it refuses.

The environment's proxies are read here and not by the client's HTTP library, which fails as a whole
where any of them is malformed, and would send what is meant for this machine to a proxy.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined] # not in typeshed

from agentbot.errors import ConfigurationError
from agentbot.http_transport import HttpTransport
from agentbot.pipeline.lean import load_openai
from agentbot.retry import retry_after_in
from agentbot.trust import trusted

if TYPE_CHECKING:  # 200 modules and 12 MB, which only what asks a provider needs
    import openai

OPENAI = "https://api.openai.com/v1"
"""The provider where no other is named."""
MAX_PROBLEM = 300
"""Characters of what a server says of an error that go into the journal: a line or two."""
_CONNECT_SECONDS = 5.0
"""Seconds for opening a connection: a handshake takes far less, and then there is nobody."""
_SOCKS = frozenset({"socks5", "socks5h"})
_KEY_SHOWN = "[redacted]"
_SHORTEST_KEY = 8
"""Characters of a key: real ones have dozens."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that the environment names: by which ``variable``, and its address."""

    variable: str
    url: str


def proxy_for(url: str, environ: Mapping[str, str] | None = None) -> Proxy | None:
    """Return the proxy through which ``url`` is reached; None where there is none.

    This machine is reached without one, whatever the environment says. Raises
    ``ConfigurationError`` that names the variable, and not its value, which may hold a password.
    """
    environ = os.environ if environ is None else environ
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if is_here(url):
        return None
    names = (f"{parts.scheme}_proxy", f"{parts.scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
    variable = next((name for name in names if environ.get(name, "").strip()), None)
    if variable is None or _is_excepted(host, environ):
        return None
    value = environ[variable].strip()
    return Proxy(variable, _checked_proxy(variable, value if "://" in value else f"http://{value}"))


def _checked_proxy(variable: str, url: str) -> str:
    remedy = "write http://host:port, unset it, or name the model's host in NO_PROXY"
    scheme = url.partition("://")[0].lower()
    try:
        parts = urlsplit(url)
        reachable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        reachable = False
    if not reachable:
        raise ConfigurationError(variable, "is not the address of a proxy", remedy)
    if scheme not in {"http", "https", *_SOCKS}:
        raise ConfigurationError(variable, "names a kind of proxy that is not known", remedy)
    if scheme in _SOCKS and find_spec("socksio") is None:
        problem = "names a SOCKS proxy, for which the package socksio is missing"
        raise ConfigurationError(variable, problem, f"install socksio, or {remedy}")
    return url


def is_here(url: str) -> bool:
    """Say whether an address leads to this machine."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_excepted(host: str, environ: Mapping[str, str]) -> bool:
    """Say whether ``NO_PROXY`` names the host: as a name, an ending, ``*``, or a network."""
    excepted = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if proxy_bypass_environment(host, {"no": excepted.replace("*.", ".")}):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(_is_in(address, entry.strip()) for entry in excepted.split(","))


def _is_in(address: IPv4Address | IPv6Address, network: str) -> bool:
    try:
        return address in ip_network(re.sub(r"[\[\]]", "", network), strict=False)
    except ValueError:
        return False


def async_client(*, api_key: str | None, base_url: str | None) -> openai.AsyncOpenAI:
    """Return a client that neither retries nor times out by itself, but for connecting.

    Raises ``ConfigurationError`` where the environment's proxy cannot be used.
    """
    load_openai()
    import openai  # noqa: PLC0415 - see above

    proxy = proxy_for(base_url or OPENAI)
    way = {"transport": HttpTransport()} if proxy is None else _through(proxy)
    timeout = openai.Timeout(None, connect=_CONNECT_SECONDS)
    http = openai.DefaultAsyncHttpxClient(trust_env=False, timeout=timeout, **way)
    return openai.AsyncOpenAI(
        api_key=api_key or "none", base_url=base_url or OPENAI, max_retries=0, http_client=http
    )


def blocking_client(*, api_key: str | None, base_url: str | None, timeout: float) -> openai.OpenAI:
    """Return a client for a thread of its own; ``timeout`` is in seconds, for one request."""
    load_openai()
    import openai  # noqa: PLC0415 - see above

    way = _through(proxy_for(base_url or OPENAI))
    return openai.OpenAI(
        api_key=api_key or "none",
        base_url=base_url or OPENAI,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(trust_env=False, timeout=timeout, **way),
    )


def _through(proxy: Proxy | None) -> dict[str, Any]:
    return {"proxy": proxy.url if proxy else None, "verify": trusted()}


def without_key(text: str, api_key: str | None) -> str:
    """Return ``text`` without the key: servers repeat it, and so do errors about a header.

    A placeholder for servers that need none, such as ``test``, is no secret.
    """
    is_secret = api_key is not None and len(api_key) >= _SHORTEST_KEY
    return text.replace(api_key, _KEY_SHOWN) if api_key and is_secret else text


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server says of a request that it does not serve. Any of it may be missing.

    ``status`` is HTTP's, or the number in the body of an error that came with status 200;
    ``text`` is all that was said, for looking into; ``message`` what a person should read.
    """

    status: int | None
    code: str
    param: str
    message: str
    text: str

    @property
    def shown(self) -> str:
        """The status and the message, in a line or two."""
        said = f"{self.status}: {self.message}" if self.status else self.message
        return said[:MAX_PROBLEM]

    @property
    def is_about_length(self) -> bool:
        """Whether what was sent is too long."""
        if self.status == _TOO_MANY:  # "request too large for the tokens of a minute", or in haste
            return bool(re.search(r"too (?:large|long)", self.text, re.IGNORECASE))
        if self.status in _NOT_OF_WHAT_WAS_SENT:
            return False
        return self.status == _TOO_LARGE or bool(_TOO_LONG.search(self.text))


_TOO_LARGE = 413
_TOO_MANY = 429
_NOT_OF_WHAT_WAS_SENT = frozenset({401, 402, 403, 404, 408})
_TOO_LONG = re.compile(
    r"context[ _-]*(?:length|window|size)|exceed_context"
    r"|(?:prompt|inputs?|request|messages?|text|sequence|payload|body|conversation)\b.{0,60}?"
    r"\b(?:too (?:long|large|many|big)|exceed\w*|longer than|over the limit)"
    r"|too many (?:input |prompt )?tokens|reduce the (?:length|size|number)"
    r"|(?:exceed\w*|maximum|at most).{0,40}\b(?:input|prompt|sequence)[ _-](?:tokens|length)"
    r"|string_above_max_length|prompt_too_long",
    re.IGNORECASE | re.DOTALL,
)


def refusal_of(error: openai.APIStatusError) -> Refusal:
    """Return what an answer with an error's status says."""
    body = error.body if error.body is not None else error.message
    said = refusal_in(body, status=error.status_code)
    return said or Refusal(error.status_code, "", "", error.message, error.message)


def refusal_in(said: object, *, status: int | None = None) -> Refusal | None:
    """Return what the body of an error says; None where it says nothing.

    Bodies have many shapes: a text, ``{"message": …}``, ``{"error": …}``, ``{"detail": […]}``,
    or a list of these.
    """
    if isinstance(said, list) and said and isinstance(said[0], Mapping):  # each error a part
        said = said[0]
    if isinstance(said, Mapping) and said.get("error"):
        outer = said
        inner = said["error"]
        said = {**outer, **inner} if isinstance(inner, Mapping) else {**outer, "message": inner}
    if not said:
        return None
    text = said if isinstance(said, str) else _json(said)
    if not isinstance(said, Mapping):
        return Refusal(status, "", "", text, text)
    code = said.get("code") or said.get("type") or ""
    found = next((said[key] for key in _MESSAGES if said.get(key)), text)
    message = (
        found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, default=str)
    )
    number = said.get("status") or said.get("status_code") or code
    return Refusal(
        status or _status(number), str(code), str(said.get("param") or ""), message, text
    )


_MESSAGES = ("message", "msg", "detail", "error_message", "status_msg", "reason", "errors")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _status(value: object) -> int | None:
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 400 <= number <= 599 else None


def retry_after(error: openai.APIStatusError) -> float | None:
    """Return the pause that the server asks for, in seconds: it says a number, or a date."""
    return retry_after_in(error.response.headers)
