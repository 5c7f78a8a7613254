"""Who is there, by the presence keys of the account's topics: users in the room, customers."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from agentbot.papercups import events
from agentbot.phoenix.presence import Metas

_CUSTOMER = "customer:"
_USER = "user:"
_LONGEST_ID = 19
"""Digits of a user id: PostgreSQL's bigint has no more. Longer ones are somebody's joke."""


class Room:
    """What was told of the room last: its people, and whether it shows this agent.

    ``bots`` are the user ids of other bots, which are no people.
    """

    def __init__(self) -> None:
        self.bots: frozenset[int] = frozenset()
        self.people: frozenset[int] = frozenset()
        self.is_seen = False

    def news(self, user_id: int, presence: Mapping[str, Metas]) -> list[events.Event]:
        """Return what has changed by now for the agent of this id."""
        told: list[events.Event] = []
        is_seen = bool(sockets_of(user_id, presence))
        if is_seen != self.is_seen:
            self.is_seen = is_seen
            told.append(events.OwnPresenceChanged(is_seen))
        people = users_in(presence) - self.bots - {user_id}
        if people != self.people:
            self.people = people
            told.append(events.AgentsOnlineChanged(people))
        return told


def users_in(keys: Iterable[str]) -> frozenset[int]:
    """Return the user ids among presence keys."""
    ids = (key.removeprefix(_USER) for key in keys if key.startswith(_USER))
    return frozenset(int(id_) for id_ in ids if id_.isdecimal() and len(id_) <= _LONGEST_ID)


def sockets_of(user_id: int, presence: Mapping[str, Metas]) -> frozenset[str]:
    """Return the refs of the sockets under which a user is there."""
    return frozenset(meta["phx_ref"] for meta in presence.get(f"{_USER}{user_id}", ()))


def is_here(customer_id: str, presence: Container[str]) -> bool:
    """Say whether one of the customer's windows is open."""
    return _CUSTOMER + customer_id in presence


def customers_who_came(joins: Iterable[str]) -> list[events.Event]:
    """Return whose windows have come, by the presence keys that have."""
    return [events.CustomerPresenceChanged(id_, online=True) for id_ in _customers_in(joins)]


def customers_who_went(leaves: Iterable[str], here: Container[str]) -> list[events.Event]:
    """Return whose last window has gone, by the presence keys that have and those still here."""
    gone = _customers_in(key for key in leaves if key not in here)
    return [events.CustomerPresenceChanged(id_, online=False) for id_ in gone]


def _customers_in(keys: Iterable[str]) -> list[str]:
    return [key.removeprefix(_CUSTOMER) for key in keys if key.startswith(_CUSTOMER)]
