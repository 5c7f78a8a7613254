"""Connecting, idling and closing, without a network."""

from __future__ import annotations

import pytest

from agentbot.devserver.server import Refused
from agentbot.devserver.store.ids import Ids
from tests.support.devserver import Client, Desk


@pytest.mark.parametrize(
    "params",
    [
        {"token": "", "vsn": "2.0.0"},
        {"token": "bogus", "vsn": "2.0.0"},
        {"vsn": "1.0.0"},
        {},
    ],
)
def test_a_bad_token_and_another_protocol_version_are_refused(params: dict[str, str]) -> None:
    """403 at the upgrade; a frame of version 1 would be no array."""
    with pytest.raises(Refused) as caught:
        Client(Desk().server, params)
    assert caught.value.status == 403


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


def test_any_sign_of_life_keeps_a_socket_open_and_silence_closes_it() -> None:
    """45 s from the last frame or ping; the presence is gone with it."""
    desk = Desk()
    agent = desk.agent()
    desk.clock.advance(40)
    agent.socket.pinged()
    desk.clock.advance(44)
    assert desk.server.sockets == [agent.socket]
    desk.clock.advance(1)
    assert agent.closed == (1000, "")
    assert desk.server.backend.presence.state(desk.room) == {}


def test_a_closed_socket_takes_and_sends_nothing_more() -> None:
    """Neither a late frame nor a broadcast wakes it."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    agent.socket.disconnected()
    agent.frames.clear()
    desk.shout(visitor, "hello")
    agent.push("phoenix", "heartbeat")
    agent.socket.close()
    assert agent.frames == []
    assert agent.closed is None


def test_a_vanished_client_stays_present_until_the_idle_timeout() -> None:
    """An unclean drop that nobody notices lingers, as PROTOCOL.md says."""
    desk = Desk()
    desk.agent()
    desk.clock.advance(44)
    assert desk.server.backend.presence.state(desk.room) != {}
    desk.clock.advance(2)
    assert desk.server.backend.presence.state(desk.room) == {}


def test_a_seed_gives_the_same_ids_again_and_another_seed_others() -> None:
    """For simulations that must be replayed."""
    one, again, other = Ids.seeded(1), Ids.seeded(1), Ids.seeded(2)
    made = [(ids.uuid("message"), ids.phx_ref(), ids.token()) for ids in (one, again, other)]
    assert made[0] == made[1] != made[2]
    assert one.uuid("message") != made[0][0]


def test_the_demo_seed_can_log_in() -> None:
    """Acme, its bot and Ann are there, with one password."""
    desk = Desk()
    assert desk.account.company_name == "Acme"
    assert [one.email for one in desk.server.store.users_of(desk.account.id)] == [
        "bot@example.com",
        "ann@example.com",
    ]
