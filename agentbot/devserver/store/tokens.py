"""Access and renew tokens (PROTOCOL.md §1: 30 minutes not sliding, 30 days and single-use)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agentbot.devserver.store.ids import Ids

ACCESS_LIFETIME = timedelta(minutes=30)
RENEW_LIFETIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Session:
    """What a login or a renewal hands out."""

    user_id: int
    token: str
    renew_token: str


@dataclass(frozen=True, slots=True)
class _Grant:
    session: Session
    expires_at: datetime


class Tokens:
    """Issues, checks, renews and ends tokens."""

    def __init__(self, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._now = now
        self._ids = ids
        self._access: dict[str, _Grant] = {}
        self._renew: dict[str, _Grant] = {}

    def issue(self, user_id: int) -> Session:
        """Return fresh tokens for the user."""
        session = Session(user_id, self._ids.token(), self._ids.token())
        now = self._now()
        self._access[session.token] = _Grant(session, now + ACCESS_LIFETIME)
        self._renew[session.renew_token] = _Grant(session, now + RENEW_LIFETIME)
        return session

    def user_id(self, token: str) -> int | None:
        """Return whose access token this is, or ``None`` where it is not (any more) valid."""
        grant = self._access.get(token)
        if grant is None or grant.expires_at <= self._now():
            self._access.pop(token, None)
            return None
        return grant.session.user_id

    def renew(self, renew_token: str) -> Session | None:
        """Spend the renew token; the access token that came with it lives on until its own end."""
        grant = self._renew.pop(renew_token, None)
        if grant is None or grant.expires_at <= self._now():
            return None
        return self.issue(grant.session.user_id)

    def end(self, token: str) -> None:
        """Log out: the access token and its renew token are void at once."""
        grant = self._access.pop(token, None)
        if grant is not None:
            self._renew.pop(grant.session.renew_token, None)

    def expire_access(self) -> None:
        """Void every access token; renew tokens stay good."""
        self._access.clear()

    def expire_all(self) -> None:
        """Void every token of both kinds."""
        self._access.clear()
        self._renew.clear()
