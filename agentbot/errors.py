"""Every exception that agentbot raises on purpose, as one tree.

::

    AgentbotError
    ├── ConfigurationError          a setting or file of the operator's is wrong (exit 78)
    ├── ProtocolError
    │   ├── LocalProtocolError      we used the protocol wrongly: a bug of ours
    │   └── RemoteProtocolError     the peer sent what the protocol does not allow
    ├── TransportError              the server not reached, or the connection to it broke (exit 69)
    │   └── UpgradeRefused          it answered, but did not open a WebSocket
    ├── PushError                   a push on a channel got no good reply
    │   ├── PushNotSent             the channel is not joined: nothing left this process
    │   ├── PushRefused             the reply's status was not ok
    │   ├── PushTimedOut            no reply came in time
    │   └── PushLost                the connection or the channel broke before a reply came
    ├── ApiError                    the REST API answered with an error status
    │   ├── LoginRefused            wrong e-mail or password (exit 77)
    │   ├── Unauthenticated         the access token is not (any more) accepted
    │   ├── NotFound                no such object, or an id that is none
    │   ├── Unprocessable           the body was refused, with the fields at fault
    │   ├── RateLimited             asked too often
    │   └── ServerFailed            5xx, or an answer that is not what the API speaks
    ├── WebhookFailed               people outside Papercups could not be told
    ├── ToolFailed                  another system could not be asked, or gave no usable answer
    ├── LLMError                    the language model gave no usable answer
    │   └── PromptTooLong           what it was shown does not fit: show less, and ask again
    └── StateError
        ├── StateUnavailable        the store cannot be read or written now; try again later
        └── StateInUse              another process holds this store; it must not be shared

Errors carry data; their text is built from it. Nothing here imports anything of agentbot.

Those with data are dataclasses, written ``@dataclass(eq=False)``: like any other exception, an
error is equal to itself alone and can be hashed. Two that say the same are told apart, as the two
events that they are; whoever wants to compare what they say compares their ``args``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def first_error(group: BaseExceptionGroup) -> BaseException:
    """Return the first exception of a group, however deep it stands."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


class DataException(Exception):
    """An exception whose data are the fields of a dataclass. Never raised itself.

    ``args`` holds the values of all fields in their order, however they were passed: this is what
    copying and pickling make the copy from.
    """

    def __post_init__(self) -> None:
        """Fill ``args``. Called by the ``__init__`` that ``@dataclass`` makes."""
        # Only dataclasses get here, which mypy cannot know.
        names = [each.name for each in fields(self)]  # type: ignore[arg-type]
        self.args = tuple(getattr(self, name) for name in names)


class AgentbotError(DataException):
    """The root of the tree. Never raised itself."""


@dataclass(eq=False)
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


@dataclass(eq=False)
class RemoteProtocolError(ProtocolError):
    """The peer sent something that the protocol does not allow.

    ``excerpt`` holds the start of the offending data (at most 200 characters).
    """

    problem: str
    excerpt: str = ""

    def __str__(self) -> str:
        return self.problem + (f": {self.excerpt!r}" if self.excerpt else "")


@dataclass(eq=False)
class TransportError(AgentbotError):
    """The server at ``url`` could not be reached, or the connection to it broke."""

    url: str
    problem: str

    def __str__(self) -> str:
        return f"{self.url}: {self.problem}"


@dataclass(eq=False)
class UpgradeRefused(TransportError):
    """The server answered ``status`` instead of switching to a WebSocket."""

    status: int


@dataclass(eq=False)
class PushError(AgentbotError):
    """A push of ``event`` on ``topic`` got no good reply."""

    topic: str
    event: str

    def __str__(self) -> str:
        return f"{self.event} on {self.topic} failed"


@dataclass(eq=False)
class PushNotSent(PushError):
    """The push never left this process, because of ``problem``; sending it again is safe."""

    problem: str

    def __str__(self) -> str:
        return f"{self.event} on {self.topic} was not sent: {self.problem}"


@dataclass(eq=False)
class PushRefused(PushError):
    """The server answered the push with an error status and this ``response``."""

    response: Any = None

    def __str__(self) -> str:
        return f"{self.event} on {self.topic} was refused: {self.response!r}"


@dataclass(eq=False)
class PushTimedOut(PushError):
    """No reply to the push came within ``timeout`` seconds."""

    timeout: float = 0.0

    def __str__(self) -> str:
        return f"{self.event} on {self.topic}: no reply within {self.timeout:g} s"


class PushLost(PushError):
    """The connection or the channel broke before a reply; the server may have acted on the push."""

    def __str__(self) -> str:
        return f"{self.event} on {self.topic}: the connection broke before a reply came"


@dataclass(eq=False)
class ApiError(AgentbotError):
    """The REST API answered ``method path`` with ``status``."""

    method: str
    path: str
    status: int
    message: str = ""

    def __str__(self) -> str:
        said = self.message.removesuffix(".")  # what is told goes on after it
        return f"{self.method} {self.path} answered {self.status}{f': {said}' if said else ''}"


class LoginRefused(ApiError):
    """The e-mail or the password is wrong, or the user has been disabled."""


class Unauthenticated(ApiError):
    """The access token is not, or no longer, accepted."""


class NotFound(ApiError):
    """There is no such object (404), or the id is malformed (400)."""


@dataclass(eq=False)
class Unprocessable(ApiError):
    """The server refused the body; ``errors`` maps fields to complaints."""

    errors: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class RateLimited(ApiError):
    """Asked too often; ``retry_after`` is in seconds where the server said it."""

    retry_after: float | None = None


class ServerFailed(ApiError):
    """A 5xx, or a body that is not what this API speaks (HTML from a proxy, say)."""


@dataclass(eq=False)
class WebhookFailed(AgentbotError):
    """The operator's webhook did not take a message. Its address is a secret, and not named.

    ``status`` is what it answered, None where it gave no answer. ``retry_after`` is in seconds.
    """

    status: int | None
    problem: str
    retry_after: float | None = None

    def __str__(self) -> str:
        said = "gave no answer" if self.status is None else f"answered {self.status}"
        return f"the webhook {said}: {self.problem}"


@dataclass(eq=False)
class ToolFailed(AgentbotError):
    """A look-up by ``tool`` gave nothing. ``problem`` holds neither secret nor answer.

    ``kind`` is a short code for the journal: ``not_found``, ``timeout``, ``connection``,
    ``address`` (it may not be connected to), ``redirect``, ``too_large``, ``unreadable``,
    ``unexpected``, ``refused``, ``rate_limited``, ``server``, ``let_be`` (it has failed too often),
    ``value``. ``retry_after`` is the pause in seconds that the server asks for, if it does.
    """

    tool: str
    kind: str
    problem: str
    retry_after: float | None = None

    def __str__(self) -> str:
        return f"{self.tool}: {self.kind}: {self.problem}"


@dataclass(eq=False)
class LLMError(AgentbotError):
    """The language model gave no usable answer.

    ``kind`` is a short code for logs and metrics: ``timeout``, ``rate_limited``, ``server``,
    ``refused``, ``cut_off``, ``empty``, ``connection``, ``too_long``.
    """

    kind: str
    problem: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.problem}"


class PromptTooLong(LLMError):
    """The model, or its server, does not take as much as it was shown."""


class StateError(AgentbotError):
    """The state store cannot do what was asked."""


@dataclass(eq=False)
class StateUnavailable(StateError):
    """The store at ``url`` cannot be read or written at the moment."""

    url: str
    problem: str

    def __str__(self) -> str:
        return f"state at {self.url} is unavailable: {self.problem}"


@dataclass(eq=False)
class StateInUse(StateError):
    """Another process, ``holder``, holds the store at ``url``, which one alone may use."""

    url: str
    holder: str

    def __str__(self) -> str:
        return f"state at {self.url} is in use by {self.holder}"
