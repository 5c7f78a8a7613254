"""Who is present, from states and diffs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.errors import RemoteProtocolError
from agentbot.phoenix.presence import Presence


def entry(*refs: str) -> dict[str, Any]:
    """Return one key's entry with a meta for each ref."""
    return {"metas": [{"phx_ref": ref} for ref in refs]}


def refs(presence: Presence) -> dict[str, set[str]]:
    """Return the refs present, by key."""
    return {key: {meta["phx_ref"] for meta in metas} for key, metas in presence.roster.items()}


def test_a_state_tells_who_joined_and_who_left() -> None:
    """A repeated state is a full reset: what it leaves out has gone."""
    presence = Presence()
    assert presence.state({"a": entry("1"), "b": entry("2")}) == (
        {"a": [{"phx_ref": "1"}], "b": [{"phx_ref": "2"}]},
        {},
    )
    joins, leaves = presence.state({"b": entry("2", "3")})
    assert (joins, leaves) == ({"b": [{"phx_ref": "3"}]}, {"a": [{"phx_ref": "1"}]})
    assert refs(presence) == {"b": {"2", "3"}}


def test_diffs_before_the_first_state_wait_for_it() -> None:
    """They are applied on top of the state, and are part of what it tells."""
    presence = Presence()
    assert presence.diff({"joins": {"b": entry("2")}, "leaves": {"a": entry("1")}}) is None
    assert presence.roster == {}
    joins, leaves = presence.state({"a": entry("1")})
    assert refs(presence) == {"b": {"2"}}
    assert set(joins) == {"a", "b"}
    assert set(leaves) == {"a"}


def test_after_a_rejoin_diffs_wait_again() -> None:
    """What happened while we were away is not known until a state says it."""
    presence = Presence()
    presence.state({"a": entry("1")})
    presence.rejoined()
    assert presence.diff({"joins": {"c": entry("3")}}) is None
    assert presence.state({}) == ({"c": [{"phx_ref": "3"}]}, {"a": [{"phx_ref": "1"}]})
    assert refs(presence) == {"c": {"3"}}


def test_one_of_two_sockets_leaving_keeps_the_key() -> None:
    """A key is gone only with its last meta."""
    presence = Presence()
    presence.state({"a": entry("1", "2")})
    assert presence.diff({"leaves": {"a": entry("1")}}) == ({}, {"a": [{"phx_ref": "1"}]})
    assert refs(presence) == {"a": {"2"}}
    presence.diff({"leaves": {"a": entry("2")}})
    assert presence.roster == {}


def test_what_is_known_already_is_no_news() -> None:
    """A join of a known meta and a leave of an unknown one change nothing."""
    presence = Presence()
    presence.state({"a": entry("1")})
    assert presence.diff({"joins": {"a": entry("1")}, "leaves": {"b": entry("9")}}) == ({}, {})
    assert refs(presence) == {"a": {"1"}}


@pytest.mark.parametrize(
    "payload",
    [
        [],
        None,
        {"a": None},
        {"a": {}},
        {"a": {"metas": {}}},
        {"a": {"metas": [1]}},
        {"a": {"metas": [{"phx_ref": 1}]}},
    ],
)
def test_a_malformed_state_is_the_peers_fault_and_changes_nothing(payload: object) -> None:
    """Neither as a state nor as a part of a diff is it taken."""
    presence = Presence()
    presence.state({"a": entry("1")})
    with pytest.raises(RemoteProtocolError):
        presence.state(payload)
    with pytest.raises(RemoteProtocolError):
        presence.diff({"joins": payload})
    assert refs(presence) == {"a": {"1"}}


def test_a_key_without_metas_is_nobody() -> None:
    """And a state that says again what is known is no news."""
    presence = Presence()
    assert presence.state({"a": entry(), "b": entry("1")})[0] == {"b": [{"phx_ref": "1"}]}
    assert presence.state({"b": entry("1")}) == ({}, {})
    assert refs(presence) == {"b": {"1"}}


def test_a_diff_that_is_no_object_is_the_peers_fault() -> None:
    """A list, say."""
    with pytest.raises(RemoteProtocolError):
        Presence().diff([])


def test_waiting_diffs_are_bounded() -> None:
    """A server that never sends a state does not fill our memory."""
    presence = Presence()
    for number in range(2000):
        presence.diff({"joins": {str(number): entry(str(number))}})
    presence.state({})
    assert len(presence.roster) == 1000


keys = st.sampled_from("abc")
steps = st.lists(st.tuples(st.booleans(), keys, st.integers(0, 4)), max_size=30)


@given(steps)
def test_diffs_lead_to_what_a_server_holds(changes: list[tuple[bool, str, int]]) -> None:
    """Whoever follows the diffs ends with the roster that the server has."""
    presence, held = Presence(), dict[str, set[str]]()
    presence.state({})
    for joins, key, number in changes:
        ref = f"{key}{number}"
        if joins:
            held.setdefault(key, set()).add(ref)
            presence.diff({"joins": {key: entry(ref)}, "leaves": {}})
        else:
            held.get(key, set()).discard(ref)
            presence.diff({"joins": {}, "leaves": {key: entry(ref)}})
    assert refs(presence) == {key: refs_ for key, refs_ in held.items() if refs_}


def test_what_waited_for_a_state_before_a_rejoin_is_not_told_after_it() -> None:
    """The new state holds it, or it is over."""
    presence = Presence()
    presence.diff({"joins": {"a": {"metas": [{"phx_ref": "1"}]}}, "leaves": {}})
    presence.rejoined()
    assert presence.state({}) == ({}, {})
    assert presence.roster == {}
