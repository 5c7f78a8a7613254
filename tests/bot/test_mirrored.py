"""A mirrored conversation takes in what is heard, and comes out of its packing as it went in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.bot.mirrored import Awake, Packed
from agentbot.papercups.models import Conversation, ConversationUpdates, Customer, Message

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_METADATA = st.none() | st.dictionaries(_TEXT, _JSON, max_size=3)
_MESSAGES = st.builds(
    Message,
    id=st.just("m"),
    conversation_id=st.just("c"),
    body=st.none() | _TEXT,
    created_at=st.just(NOON),
    metadata=_METADATA,
    attachments=st.just(()) | st.just(({"filename": "a.pdf", "size": 2**70},)),
)
_CONVERSATIONS = st.builds(
    Conversation,
    id=st.just("c"),
    subject=st.none() | _TEXT,
    closed_at=st.none() | st.just(NOON),
    metadata=_METADATA,
    customer=st.none() | st.builds(Customer, id=_TEXT, metadata=_METADATA),
    messages=st.lists(_MESSAGES, max_size=3).map(tuple),
)


@given(_CONVERSATIONS)
def test_it_comes_out_as_it_went_in(conversation: Conversation) -> None:
    """Whatever JSON a customer has put into it; what was left out is told from what was set."""
    packed = Packed.of(conversation, read_at=1.5)
    assert (packed.messages, packed.read_at) == (len(conversation.messages), 1.5)
    out = packed.conversation()
    assert out == conversation
    assert out.model_fields_set == conversation.model_fields_set


def test_half_a_character_is_refused() -> None:
    """It has no bytes."""
    with pytest.raises(ValueError, match="surrogates"):
        Packed.of(Conversation(id="c", subject="\ud83d"), read_at=0)


def said(id_: str, customer: Customer | None = None) -> Message:
    """Return a message as it is heard."""
    return Message(id=id_, conversation_id="c", body=id_, created_at=NOON, customer=customer)


def awake(*messages: Message) -> Awake:
    """Return a conversation of these messages, read at 1 and touched at 2."""
    read = Conversation(id="c", customer=ANN, messages=messages)
    return Awake.of(read, read_at=1.0, touched_at=2.0)


ANN = Customer(id="ann")


def test_a_message_is_taken_once() -> None:
    """Though it was read already, or heard before; it is counted before anybody asks for it."""
    one = awake(said("a"))

    assert [one.take(said(id_)) for id_ in ("a", "b", "b")] == [0, 1, 0]
    assert len(one) == 2
    assert [message.id for message in one.whole().messages] == ["a", "b"]
    assert (one.take(said("b")), len(one)) == (0, 2)


def test_a_change_adds_no_message() -> None:
    """Only what it names is changed."""
    one = awake(said("a"))

    assert one.take(ConversationUpdates(status="closed")) == 0
    assert one.whole().status == "closed"
    assert one.whole().customer == ANN
    assert len(one.whole().messages) == 1


def test_who_the_customer_is_stands_once() -> None:
    """At the conversation, as their newest message has it; half of a message would repeat it."""
    renamed = Customer(id="ann", name="Ann")
    one = awake(said("a", ANN))
    one.take(said("b", renamed))

    assert one.whole().customer == renamed
    assert [message.customer for message in one.whole().messages] == [None, None]


def test_waking_brings_back_what_was_packed() -> None:
    """With what was heard, and the time at which it was read; it is touched when it wakes."""
    one = awake(said("a"))
    one.take(said("b"))
    again = one.packed().awake(touched_at=5.0)

    assert again.whole() == one.whole()
    assert (again.read_at, again.touched_at) == (1.0, 5.0)
    assert one.packed().messages == 2
