"""Presence: who the keys of the account's topics stand for, and what of it is news."""

from __future__ import annotations

from agentbot.papercups import events
from agentbot.papercups.presence import (
    Room,
    customers_who_came,
    customers_who_went,
    is_here,
    sockets_of,
    users_in,
)
from agentbot.phoenix.presence import Metas

BOT, ANN, OTHER_BOT = 1, 2, 3


def present(*user_ids: int) -> dict[str, Metas]:
    """Return the presence in which each of these has one socket."""
    return {f"user:{id_}": [{"phx_ref": f"ref-{id_}"}] for id_ in user_ids}


def test_presence_keys_that_are_no_user_ids_are_nobody() -> None:
    """However long."""
    assert users_in(["user:12", "user:x", "customer:3", "user:" + "9" * 5000]) == {12}
    assert users_in(["user:" + "9" * 19, "user:" + "9" * 20]) == {int("9" * 19)}


def test_only_what_has_changed_is_news() -> None:
    """The agent itself is told apart from people, and other bots are none."""
    room = Room()
    room.bots = frozenset({OTHER_BOT})
    assert room.news(BOT, present()) == []
    came = room.news(BOT, present(BOT, ANN, OTHER_BOT))
    assert came == [
        events.OwnPresenceChanged(seen=True),
        events.AgentsOnlineChanged(frozenset({ANN})),
    ]
    assert room.news(BOT, present(BOT, ANN)) == []
    assert room.news(BOT, present(ANN)) == [events.OwnPresenceChanged(seen=False)]
    assert room.news(BOT, {}) == [events.AgentsOnlineChanged(frozenset())]
    assert (room.people, room.is_seen) == (frozenset(), False)


def test_each_socket_of_a_user_counts() -> None:
    """One agent may be there from several places."""
    presence: dict[str, Metas] = {"user:1": [{"phx_ref": "a"}, {"phx_ref": "b"}], **present(ANN)}
    assert sockets_of(BOT, presence) == {"a", "b"}
    assert sockets_of(OTHER_BOT, presence) == frozenset()


def test_a_customer_goes_with_their_last_window() -> None:
    """Until then a window that closes is no news."""
    keys = ["customer:c1", "customer:c2", "user:1"]
    assert customers_who_came(keys) == [
        events.CustomerPresenceChanged(id_, online=True) for id_ in ("c1", "c2")
    ]
    assert customers_who_went(keys, {"customer:c1"}) == [
        events.CustomerPresenceChanged("c2", online=False)
    ]
    assert is_here("c1", {"customer:c1"})
    assert not is_here("c2", {"customer:c1"})
