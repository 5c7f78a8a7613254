"""The load server's REST: what the bot asks of Papercups, as the recorded transcripts answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

import orjson

from tests.bench.speed import account
from tests.bench.speed.account import Json
from tests.bench.speed.channels import Hub
from tests.bench.speed.load import Counts

_OK, _CREATED, _BAD, _UNAUTHENTICATED, _NOT_FOUND = 200, 201, 400, 401, 404
_PAGE = 50
"""Conversations a page at most (PROTOCOL, 4)."""

Answer = tuple[int, bytes]


class Rest:
    """What answers requests. Whoever has logged in is let in; renew tokens are used up."""

    def __init__(self, hub: Hub, counts: Counts) -> None:
        self._hub = hub
        self._counts = counts
        self._by_id = {one.id: one for one in hub.conversations}
        self._logins = 0
        self._tokens: set[str] = set()
        self._renew_tokens: set[str] = set()

    def lets_in(self, token: str) -> bool:
        """Say whether a token opens a socket."""
        return token in self._tokens

    def answer(self, method: str, target: str, token: str, body: bytes) -> Answer:
        """Return the status and the JSON for a request."""
        self._counts.requests += 1
        path, _, query = target.partition("?")
        if path == "/api/session" and method == "POST":
            return self._log_in(orjson.loads(body))
        if path == "/api/session/renew" and method == "POST":
            return self._renew(token)
        if path == "/api/widget_settings" and method == "GET":
            return _data(_window())
        if token not in self._tokens:
            return _json(_UNAUTHENTICATED, {"error": {"code": 401, "message": "Not authenticated"}})
        if path.startswith("/api/conversations/") and method == "GET":
            return self._conversation(path.rpartition("/")[2])
        return self._seldom(method, path, query, body)

    def _log_in(self, asked: Json) -> Answer:
        user = asked.get("user", {})
        if (user.get("email"), user.get("password")) != (account.EMAIL, account.PASSWORD):
            message = {"status": 401, "message": "Invalid email or password"}
            return _json(_UNAUTHENTICATED, {"error": message})
        return self._session()

    def _renew(self, token: str) -> Answer:
        if token not in self._renew_tokens:
            message = {"status": 401, "message": "Invalid token"}
            return _json(_UNAUTHENTICATED, {"error": message})
        self._renew_tokens.discard(token)
        return self._session()

    def _session(self) -> Answer:
        self._logins += 1
        session = account.session(self._logins)
        self._tokens.add(session["token"])
        self._renew_tokens.add(session["renew_token"])
        return _data(session)

    def _conversation(self, id_: str) -> Answer:
        found = self._by_id.get(id_)
        if found is None:
            return _json(_NOT_FOUND, {"errors": {"detail": "Not Found"}})
        return _OK, b'{"data":%b}' % found.json(self._hub.clock.now())

    def _seldom(self, method: str, path: str, query: str, body: bytes) -> Answer:
        match method, path:
            case "GET", "/api/conversations":
                return self._page({key: values[0] for key, values in parse_qs(query).items()})
            case "POST", "/api/messages":
                return self._say(orjson.loads(body))
            case "GET", _ if path in _FIXED:
                return _data(_FIXED[path]())
        self._counts.unknown += 1
        return _json(_NOT_FOUND, {"errors": {"detail": "Not Found"}})

    def _page(self, asked: dict[str, str]) -> Answer:
        is_open = asked.get("status", "open") == "open"
        every = self._hub.conversations if is_open else ()
        size = min(int(asked.get("limit", _PAGE)), _PAGE)
        start = int(asked.get("after", 0))
        now = self._hub.clock.now()
        page = [one.json(now) for one in every[start : start + size]]
        end = start + len(page)
        following = b'"%d"' % end if end < len(every) else b"null"
        form = b'{"data":[%b],"limit":%d,"next":%b,"previous":null,"total":%d}'
        return _OK, form % (b",".join(page), size, following, len(every))

    def _say(self, asked: Json) -> Answer:
        said = asked.get("message", {})
        found = self._by_id.get(said.get("conversation_id", ""))
        if found is None:
            return _json(_BAD, {"errors": {"detail": "Bad Request"}})
        return _CREATED, b'{"data":%b}' % self._hub.say(found, said)


def _window() -> Json:
    """Return what the chat window shows."""
    return {
        "account": account.account(),
        "away_message": None,
        "greeting": None,
        "id": account.INBOX_ID,
        "object": "widget_settings",
        "subtitle": "How can we help you?",
        "title": "Welcome!",
    }


_FIXED: Mapping[str, Callable[[], object]] = {
    "/api/me": account.me,
    "/api/accounts/me": account.account,
    "/api/users": lambda: [account.user()],
    "/api/tags": list,
}
"""What does not change while the server runs."""


def _data(value: object) -> Answer:
    return _json(_OK, {"data": value})


def _json(status: int, value: object) -> Answer:
    return status, orjson.dumps(value)
