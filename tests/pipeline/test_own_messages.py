"""``own_messages.py``: what the metadata of the bot's own messages says, whatever stands in it."""

from __future__ import annotations

import pytest

from agentbot.pipeline.own_messages import offered_in, source_of
from agentbot.pipeline.turn import Author
from tests.support.dialogue import answer
from tests.support.turns import message


def test_an_offer_says_which_entries_its_questions_are() -> None:
    """In their order; a rule's button is none, nor is that for none of them."""
    said = answer("", ("How much?", "faq:cost"), ("None", "faq:none"), ("Hi", "hi"))
    assert [(one.text, one.entry) for one in offered_in(said)] == [
        ("How much?", "cost"),
        ("None", ""),
        ("Hi", ""),
    ]
    assert source_of(answer("cost, time")) == "cost, time"


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"agentbot": "x", "quick_replies": "x"},
        {"agentbot": {"source": 3}, "quick_replies": [1, {"text": 2}]},
    ],
)
def test_metadata_of_any_shape_says_nothing(metadata: dict[str, object]) -> None:
    """Anybody can write any."""
    said = message("Hi", author=Author.BOT, metadata=metadata)
    assert source_of(said) == ""
    assert offered_in(said) == ()
    assert offered_in(None) == ()
