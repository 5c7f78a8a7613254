"""A page for the operator: how the bot is, and what became of its last turns.

It is read-only, holds no words of customers, models or errors, and is served only where a token is
set, which is the password that a browser asks for; the user name does not matter.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Protocol

from jinja2 import Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from agentbot import __version__

_SHOWN = 50
"""Turns that are shown: some minutes of a busy account, and a day of a quiet one."""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


class Record(Protocol):
    """What the page tells of a settled turn."""

    @property
    def conversation_id(self) -> str:
        """The conversation's id."""

    @property
    def outcome(self) -> str:
        """How it ended."""

    @property
    def by(self) -> str | None:
        """Who answered: rule, faq, llm or fallback."""

    @property
    def source(self) -> str | None:
        """The id of the rule, entry or page that the answer comes from."""

    @property
    def reason_code(self) -> str:
        """Why, as a code."""


@dataclass(frozen=True, slots=True)
class _Turn:
    at: datetime
    conversation_id: str
    outcome: str
    by: str
    source: str
    reason: str
    seconds: float


class LastTurns:
    """The turns that were settled last, and how many there were, by outcome."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.since = clock()
        self.shown: deque[_Turn] = deque(maxlen=_SHOWN)
        self.outcomes: Counter[str] = Counter()

    def settled(self, record: Record, seconds: float) -> None:
        """Take note of a turn, ``seconds`` after it was heard."""
        self.outcomes[record.outcome] += 1
        self.shown.appendleft(
            _Turn(
                self.clock(),
                record.conversation_id,
                record.outcome,
                record.by or "",
                record.source or "",
                record.reason_code,
                seconds,
            )
        )


def status_page(
    token: str,
    turns: LastTurns,
    *,
    state: Callable[[], Mapping[str, str]],
    warnings: Callable[[], Mapping[str, str]],
    about: Mapping[str, str],
) -> Route:
    """Return where the page is served; ``token`` is its password.

    ``state`` says what is not ready, by part, and ``warnings`` what to look at all the same;
    ``about`` are lines on what runs, by their names.
    """
    source = files(__package__).joinpath("status.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(source)

    async def answer(request: Request) -> Response:
        if not _is_known(request.headers.get("authorization", ""), token.encode()):
            asked = 'Basic realm="agentbot", charset="UTF-8"'
            return PlainTextResponse(
                "The password is AGENTBOT_HTTP__STATUS_TOKEN.",
                401,
                {**_HEADERS, "WWW-Authenticate": asked},
            )
        page = template.render(
            about={"version": __version__, **about},
            now=turns.clock(),
            since=turns.since,
            state=dict(state()),
            warnings=dict(warnings()),
            outcomes=turns.outcomes.most_common(),
            turns=list(turns.shown),
        )
        return HTMLResponse(page, headers=_HEADERS)

    return Route("/status", answer)


def _is_known(authorization: str, token: bytes) -> bool:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        said = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return False
    _, _, password = said.partition(b":")
    return hmac.compare_digest(password, token)
