"""A packed conversation comes out as it went in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.bot.packed import Packed
from agentbot.papercups.models import Conversation, Customer, Message

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
