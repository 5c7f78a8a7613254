"""A socket's end: by silence, by its client, and what reaches it afterwards."""

from __future__ import annotations

from tests.support.devserver import Desk


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
    """An unclean drop that nobody notices lingers, as it does on the real server."""
    desk = Desk()
    desk.agent()
    desk.clock.advance(44)
    assert desk.server.backend.presence.state(desk.room) != {}
    desk.clock.advance(2)
    assert desk.server.backend.presence.state(desk.room) == {}
