"""Every exception that agentbot raises on purpose, as one tree.

::

    AgentbotError
    ├── ConfigurationError          a setting or file of the operator's is wrong (exit 78)
    ├── ProtocolError
    │   ├── LocalProtocolError      we used the protocol wrongly: a bug of ours
    │   └── RemoteProtocolError     the peer sent what the protocol does not allow
    ├── TransportError              the server could not be reached, or the line broke (exit 69)
    │   └── UpgradeRefused          it answered, but did not open a WebSocket
    ├── PushError                   a push on a channel got no good reply
    │   ├── PushNotSent             the channel is not joined: nothing left this process
    │   ├── PushRefused             the reply's status was not ok
    │   ├── PushTimedOut            no reply came in time
    │   └── PushLost                the line or the channel broke before a reply came
    ├── ApiError                    the REST API answered with an error status
    │   ├── LoginRefused            wrong e-mail or password (exit 77)
    │   ├── Unauthenticated         the access token is not (any more) accepted
    │   ├── NotFound                no such object, or an id that is none
    │   ├── Unprocessable           the body was refused, with the fields at fault
    │   ├── RateLimited             asked too often
    │   └── ServerFailed            5xx, or an answer that is not what the API speaks
    ├── LLMError                    the language model gave no usable answer
    └── StateError
        ├── StateUnavailable        the store cannot be read or written now; try again later
        └── StateInUse              another process holds this store; it must not be shared

Errors carry data; their text is built from it. Nothing here imports anything of agentbot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class AgentbotError(Exception):
    """The root of the tree. Never raised itself."""


@dataclass
class ConfigurationError(AgentbotError):
    """A setting or a file of the operator's is wrong.

    ``place`` is a variable's name or ``file:line[:column]``; ``problem`` says what is wrong;
    ``remedy`` says what to write instead.
    """

    place: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}" + (f" ({self.remedy})" if self.remedy else "")


class ProtocolError(AgentbotError):
    """The Phoenix Channels protocol was violated."""


class LocalProtocolError(ProtocolError):
    """Our own code used the protocol wrongly."""


@dataclass
class RemoteProtocolError(ProtocolError):
    """The peer sent something that the protocol does not allow.

    ``excerpt`` holds the start of the offending data (at most 200 characters).
    """

    problem: str
    excerpt: str = ""

    def __str__(self) -> str:
        return self.problem + (f": {self.excerpt!r}" if self.excerpt else "")


@dataclass
class TransportError(AgentbotError):
    """The server at ``url`` could not be reached, or the line to it broke."""

    url: str
    problem: str

    def __str__(self) -> str:
        return f"{self.url}: {self.problem}"


@dataclass
class UpgradeRefused(TransportError):
    """The server answered ``status`` instead of switching to a WebSocket."""

    status: int


@dataclass
class PushError(AgentbotError):
    """A push of ``event`` on ``topic`` got no good reply."""

    topic: str
    event: str

    def __str__(self) -> str:
        return f"{self.event} on {self.topic} failed"


@dataclass
class PushNotSent(PushError):
    """The push never left this process, because of ``problem``; sending it again is safe."""

    problem: str

    def __str__(self) -> str:
        return f"{self.event} on {self.topic} was not sent: {self.problem}"


@dataclass
class PushRefused(PushError):
    """The server answered the push with an error status and this ``response``."""

    response: Any = None

    def __str__(self) -> str:
        return f"{self.event} on {self.topic} was refused: {self.response!r}"


@dataclass
class PushTimedOut(PushError):
    """No reply to the push came within ``timeout`` seconds."""

    timeout: float = 0.0

    def __str__(self) -> str:
        return f"{self.event} on {self.topic}: no reply within {self.timeout:g} s"


class PushLost(PushError):
    """The line or the channel broke before a reply; the server may have acted on the push."""

    def __str__(self) -> str:
        return f"{self.event} on {self.topic}: the line broke before a reply came"


@dataclass
class ApiError(AgentbotError):
    """The REST API answered ``method path`` with ``status``."""

    method: str
    path: str
    status: int
    message: str = ""

    def __str__(self) -> str:
        said = f": {self.message}" if self.message else ""
        return f"{self.method} {self.path} answered {self.status}{said}"


class LoginRefused(ApiError):
    """The e-mail or the password is wrong."""


class Unauthenticated(ApiError):
    """The access token is not, or no longer, accepted."""


class NotFound(ApiError):
    """There is no such object (404), or the id is malformed (400)."""


@dataclass
class Unprocessable(ApiError):
    """The server refused the body; ``errors`` maps fields to complaints."""

    errors: dict[str, Any] = field(default_factory=dict)


@dataclass
class RateLimited(ApiError):
    """Asked too often; ``retry_after`` is in seconds where the server said it."""

    retry_after: float | None = None


class ServerFailed(ApiError):
    """A 5xx, or a body that is not what this API speaks (HTML from a proxy, say)."""


@dataclass
class LLMError(AgentbotError):
    """The language model gave no usable answer.

    ``kind`` is a short code for logs and metrics: ``timeout``, ``rate_limited``, ``server``,
    ``refused``, ``cut_off``, ``empty``, ``connection``.
    """

    kind: str
    problem: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.problem}"


class StateError(AgentbotError):
    """The state store cannot do what was asked."""


@dataclass
class StateUnavailable(StateError):
    """The store at ``url`` cannot be read or written at the moment."""

    url: str
    problem: str

    def __str__(self) -> str:
        return f"state at {self.url} is unavailable: {self.problem}"


@dataclass
class StateInUse(StateError):
    """Another process, ``holder``, holds the store at ``url``, which one alone may use."""

    url: str
    holder: str

    def __str__(self) -> str:
        return (
            f"state at {self.url} is in use by {self.holder}; "
            "stop that process, or use postgresql:// to run several replicas"
        )
