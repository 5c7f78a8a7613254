"""How long tokens live, and what ends them."""

from __future__ import annotations

from tests.support.devserver import Desk


def test_an_access_token_lives_half_an_hour_and_a_renew_token_once() -> None:
    """The lifetime is not sliding; renewal leaves the old token alive until its own end."""
    desk = Desk()
    tokens = desk.server.backend.tokens
    first = tokens.issue(desk.bot.id)
    desk.clock.advance(29 * 60)
    second = tokens.renew(first.renew_token)
    assert second is not None
    assert tokens.renew(first.renew_token) is None
    assert tokens.user_id(first.token) == desk.bot.id
    desk.clock.advance(60)
    assert tokens.user_id(first.token) is None
    assert tokens.user_id(second.token) == desk.bot.id


def test_a_renew_token_ends_after_thirty_days_and_with_its_logout() -> None:
    """Both ends of a renew token."""
    desk = Desk()
    tokens = desk.server.backend.tokens
    old, gone = tokens.issue(desk.bot.id), tokens.issue(desk.bot.id)
    tokens.end(gone.token)
    assert tokens.renew(gone.renew_token) is None
    desk.clock.advance(30 * 24 * 3600)
    assert tokens.renew(old.renew_token) is None
