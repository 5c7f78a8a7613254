"""``keywords.py``: one shared word does not outweigh the rest."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.questions.keywords import Keywords
from agentbot.pipeline.languages.asking import Form

SHIPPING, COST, REFUND, HOURS = range(4)
KEYWORDS = Keywords(
    [
        FaqEntry("shipping", "Do you ship to Norway?", "Yes."),
        FaqEntry("cost", "What is the price of shipping?", "5.", ("How much is the postage?",)),
        FaqEntry("refund", "Where is my refund?", "There."),
        FaqEntry("hours", "When does the shop open?", "At 9.", ("open on Sunday", "late evening")),
    ]
)


@pytest.mark.parametrize(
    ("text", "entry", "is_doubted"),
    [
        ("Do you ship to Mars?", SHIPPING, True),
        ("Do you ship to Norway?", SHIPPING, False),
        ("Do you ship it?", SHIPPING, False),
        ("Can you ship 12345?", SHIPPING, False),
        ("Is the price of shipping in crowns?", COST, False),
        ("What is the price of a dog?", COST, True),
    ],
)
def test_an_unknown_word_beside_one_shared_word_is_doubted(
    text: str, entry: int, *, is_doubted: bool
) -> None:
    """Two shared words are enough, and numbers are no words."""
    assert (KEYWORDS.doubt(text, entry) > 0) is is_doubted


@pytest.mark.parametrize(
    ("text", "form", "entry", "is_alone"),
    [
        ("price", Form.OTHER, COST, True),
        ("shipping please", Form.OTHER, SHIPPING, True),
        ("refund", Form.OTHER, REFUND, False),
        ("open", Form.OTHER, HOURS, False),
        ("sunday", Form.OTHER, HOURS, True),
        ("what is the price?", Form.QUESTION, COST, False),
        ("price of shipping", Form.OTHER, COST, False),
    ],
)
def test_a_word_alone_is_no_question(text: str, form: Form, entry: int, *, is_alone: bool) -> None:
    """Unless the entry is about it, and no other one has it."""
    assert KEYWORDS.is_alone(text, form, entry) is is_alone


def test_common_words_are_not_shared() -> None:
    """ "Do you have" stands in questions of any kind."""
    assert KEYWORDS.shares_none("Do you have dogs?", SHIPPING)
    assert not KEYWORDS.shares_none("shipping", SHIPPING)


def test_what_is_not_in_the_faq_is_another_thing() -> None:
    """Unless a word of the entry stands beside it; common words alone say nothing."""
    assert KEYWORDS.is_of_another_thing("Do you have dogs?", SHIPPING)
    assert not KEYWORDS.is_of_another_thing("Do you ship dogs?", SHIPPING)
    assert not KEYWORDS.is_of_another_thing("How does it work?", SHIPPING)
    assert not KEYWORDS.is_of_another_thing("What is the refund?", SHIPPING)


def test_entries_are_akin_by_a_tag_or_by_what_both_are_about() -> None:
    """An entry is akin to itself; one that there is not, to none."""
    keywords = Keywords(
        (
            FaqEntry("abroad", "Do you ship abroad?", "-", ("ship to Norway",), tags=("shipping",)),
            FaqEntry("cost", "Price of postage", "-", ("postage",), tags=("shipping",)),
            FaqEntry("stamps", "stamps", "-", ("postage",)),
            FaqEntry("pay", "Is PayPal possible?", "-"),
        )
    )
    assert keywords.are_akin("abroad", "cost")
    assert keywords.are_akin("cost", "stamps")
    assert keywords.are_akin("pay", "pay")
    assert not keywords.are_akin("abroad", "pay")
    assert not keywords.are_akin("pay", "unknown")
    assert keywords.is_about("shipping postage", "cost")
    assert not keywords.is_about("shipping postage", "unknown")
    assert keywords.is_of_another("and postage?", "pay")
    assert not keywords.is_of_another("and postage to Norway?", "cost")
    asked = "postage to Norway with a bow"
    assert keywords.left_by(asked, "cost", with_akin=True) == {"bow"}
    assert keywords.left_by(asked, "cost", with_akin=False) == {"bow", "norw"}
    assert keywords.known(["bow", "norw"]) == {"norw"}
    assert keywords.knows("Norway and Mars")
    assert not keywords.knows("Mars")
