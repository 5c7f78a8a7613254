"""A page for the operator: how the bot is, and what became of its last turns.

It is read-only, holds no words of customers, models or errors, and is served only where a token is
set, which is the password that a browser asks for; the user name does not matter. Wrong passwords
slow down those who come after them (`agentbot.ops.guesses`).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import math
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Protocol

import structlog
from jinja2 import Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from agentbot import __version__
from agentbot.ops.guesses import Guesses

_log = structlog.get_logger("agentbot.status")

_SHOWN = 50
"""Turns that are shown: some minutes of a busy account, and a day of a quiet one."""
_PLACE = "/status"
_COOKIE = "agentbot_status"
"""Where a browser keeps the mark of who has known the password: it opens nothing."""
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
    guesses: Guesses | None = None,
) -> Route:
    """Return where the page is served; ``token`` is its password, and ``guesses`` those of it.

    ``state`` says what is not ready, by part, and ``warnings`` what to look at all the same;
    ``about`` are lines on what runs, by their names.
    """
    source = files(__package__).joinpath("status.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(source)
    known = guesses or Guesses()

    async def answer(request: Request) -> Response:
        guess = _password(request.headers.get("authorization", ""))
        if guess is None:
            return _ask()
        throttle = known.throttle_of(request.cookies.get(_COOKIE, ""))
        if (left := throttle.left()) > 0:
            return _refuse(left)
        if not hmac.compare_digest(guess, token.encode()):
            if pause := throttle.note_wrong():
                last = request.client.host if request.client else ""
                _log.warning("status.guessed", wrong=throttle.wrong, pause=pause, last_by=last)
            return _ask()
        page = template.render(
            about={"version": __version__, **about},
            now=turns.clock(),
            since=turns.since,
            state=dict(state()),
            warnings=dict(warnings()),
            outcomes=turns.outcomes.most_common(),
            turns=list(turns.shown),
        )
        response = HTMLResponse(page, headers=_HEADERS)
        response.set_cookie(
            _COOKIE,
            known.mark,
            path=_PLACE,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    return Route(_PLACE, answer)


def _ask() -> Response:
    """Return what makes a browser ask for the password."""
    return PlainTextResponse(
        "The password is AGENTBOT_HTTP__STATUS_TOKEN.",
        401,
        {**_HEADERS, "WWW-Authenticate": 'Basic realm="agentbot", charset="UTF-8"'},
    )


def _refuse(seconds: float) -> Response:
    """Return what says that no password is looked at now."""
    after = math.ceil(seconds)
    return PlainTextResponse(
        f"Wrong passwords came, from here or elsewhere. No other is looked at for {after} s.",
        429,
        {**_HEADERS, "Retry-After": str(after)},
    )


def _password(authorization: str) -> bytes | None:
    """Return the password of a head; None where there is none, so that nothing is guessed."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        said = base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return None
    _, colon, password = said.partition(b":")
    return password if colon else None
