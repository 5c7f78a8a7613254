"""Access tokens and renew tokens: issued, checked, renewed and ended [T: tokens]."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agentbot.devserver.store.ids import Ids

ACCESS_LIFETIME = timedelta(minutes=30)
"""From its making on: using the token does not prolong it [S]."""
RENEW_LIFETIME = timedelta(days=30)
"""From its making on, if it has not been used by then: it is good once [S]."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login or a renewal hands out."""

    user_id: int
    token: str
    renew_token: str


@dataclass(frozen=True, slots=True)
class _Grant:
    """The pair that one of its two tokens stands for, and that token's end."""

    pair: TokenPair
    made_at: datetime
    expires_at: datetime


class TokenIssuer:
    """The tokens that are good at present."""

    def __init__(self, *, now: Callable[[], datetime], ids: Ids) -> None:
        self._now = now
        self._ids = ids
        self._access: dict[str, _Grant] = {}
        self._renew: dict[str, _Grant] = {}

    def issue(self, user_id: int) -> TokenPair:
        """Return fresh tokens for the user."""
        pair = TokenPair(user_id, self._ids.token(), self._ids.token())
        now = self._now()
        self._access[pair.token] = _Grant(pair, now, now + ACCESS_LIFETIME)
        self._renew[pair.renew_token] = _Grant(pair, now, now + RENEW_LIFETIME)
        return pair

    def user_id(self, token: str) -> int | None:
        """Return whose access token this is, or ``None`` where it is not, or no longer, valid."""
        grant = self._access.get(token)
        if grant is None or grant.expires_at <= self._now():
            self._access.pop(token, None)
            return None
        return grant.pair.user_id

    def is_made_after(self, moment: datetime, token: str) -> bool:
        """Say whether this access token was made then or later.

        A token stands for its user as they were when it was made
        [S: lib/chat_api_web/api_auth_plug.ex].
        """
        grant = self._access.get(token)
        return grant is not None and grant.made_at >= moment

    def renew(self, renew_token: str) -> TokenPair | None:
        """Spend the renew token; the access token that came with it lives on until its own end."""
        grant = self._renew.pop(renew_token, None)
        if grant is None or grant.expires_at <= self._now():
            return None
        return self.issue(grant.pair.user_id)

    def end(self, token: str) -> None:
        """Void the access token and its renew token at once, as a logout does."""
        grant = self._access.pop(token, None)
        if grant is not None:
            self._renew.pop(grant.pair.renew_token, None)

    def void(self, token: str) -> None:
        """Void the access token alone."""
        self._access.pop(token, None)

    def expire_access(self) -> None:
        """Void every access token; renew tokens stay good."""
        self._access.clear()

    def expire_all(self) -> None:
        """Void every token of both kinds."""
        self._access.clear()
        self._renew.clear()
