"""Which shouts are known before they are read: those of which a copy was read, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.papercups import events
from agentbot.papercups.agent import AgentSession
from agentbot.papercups.heard import Heard
from agentbot.papercups.models import Message
from agentbot.papercups.translate import translate
from agentbot.phoenix.events import MessageReceived
from tests.papercups.test_models import MINIMAL
from tests.support.virtual_account import URL

SAID = {**MINIMAL, "body": "Do you ship to Norway?", "customer_id": "v", "metadata": None}


def test_a_copy_of_what_was_read_is_known() -> None:
    """Though it is another object, and its keys stand in another order."""
    heard = Heard()
    assert not heard.has(SAID)
    heard.note(SAID)
    assert heard.has(dict(reversed(SAID.items())))


@pytest.mark.parametrize(
    "other",
    [
        {"id": "n"},
        {"conversation_id": "d"},
        {"body": "Do you ship to Sweden?"},
        {"type": "bot"},
        {"private": True},
        {"user_id": 7},
        {"customer_id": None},
        {"created_at": "2026-11-22T17:43:36"},
        {"seen_at": "2026-11-22T17:44:00Z"},
        {"metadata": {"agentbot": {"v": 1}}},
        {"attachments": [{"id": "file"}]},
    ],
)
def test_what_says_something_else_is_no_copy(other: dict[str, Any]) -> None:
    """A message that was changed meanwhile, or is another's, is read and told."""
    heard = Heard()
    heard.note(SAID)
    assert not heard.has({**SAID, **other})


@pytest.mark.parametrize("payload", [None, [], "m", {}, {"id": None}, {"id": ["m"]}, {"id": {}}])
def test_what_has_no_id_is_never_known(payload: object) -> None:
    """Raw broadcasts have none, or whatever their sender wrote there."""
    heard = Heard()
    heard.note(SAID)
    assert not heard.has(payload)


@pytest.mark.parametrize("strange", [{"body": ["x"]}, {"seen_at": {}}])
def test_what_cannot_be_compared_is_read_each_time(strange: dict[str, Any]) -> None:
    """Anyone can broadcast any JSON."""
    heard = Heard()
    heard.note({**SAID, **strange})
    assert not heard.has({**SAID, **strange})
    heard.note(SAID)
    assert not heard.has({**SAID, **strange})


def test_so_many_are_remembered() -> None:
    """The oldest goes; what was forgotten is read like any other."""
    heard = Heard(remembered=2)
    for id_ in "abc":
        heard.note({**SAID, "id": id_})
    assert [heard.has({**SAID, "id": id_}) for id_ in "abc"] == [False, True, True]


messages = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b"]),
        "conversation_id": st.sampled_from(["c", "d"]),
        "created_at": st.sampled_from(["2026-11-22T17:43:35", "soon"]),
    },
    optional={
        "body": st.sampled_from(["x", "y", None, 7]),
        "type": st.sampled_from(["reply", "bot"]),
        "seen_at": st.sampled_from([None, "2026-11-22T17:44:00Z"]),
        "metadata": st.sampled_from([None, {"agentbot": {"v": 1}}]),
        "private": st.booleans(),
    },
)
topics = st.sampled_from(["conversation:c", "conversation:d", "notification:a"])
reads = st.lists(st.lists(st.tuples(topics, messages), max_size=4), max_size=6)


@given(reads)
def test_nothing_is_lost_by_leaving_out_copies(told_in: list[list[tuple[str, Any]]]) -> None:
    """All that reading everything would tell is told, each thing at its first place.

    Whatever comes on one topic only, comes unreadable first, or has changed meanwhile.
    """
    told: list[events.Event] = []
    session = AgentSession(url=URL, login=None, on_events=told.extend)  # type: ignore[arg-type]
    for read in told_in:
        session._hear([MessageReceived(topic, "shout", payload) for topic, payload in read])
    shouts = [shout for read in told_in for shout in read]
    everything = [translate(topic, "shout", payload) for topic, payload in shouts]
    wanted = [one.message for one in everything if isinstance(one, events.MessageReceived)]
    received = [one.message for one in told if isinstance(one, events.MessageReceived)]
    assert _once(received) == _once(wanted)
    dropped = sum(one.count for one in told if isinstance(one, events.DuplicatesDropped))
    unreadable = sum(isinstance(one, events.Unreadable) for one in told)
    assert len(received) + dropped + unreadable == len(shouts)


def _once(messages: list[Message]) -> list[Message]:
    return [one for place, one in enumerate(messages) if one not in messages[:place]]
