"""``asking.py``: what a sentence does, in the languages of the packs."""

from __future__ import annotations

import pytest

from agentbot.pipeline.languages.asking import Form, asking
from agentbot.pipeline.words import fold


@pytest.mark.parametrize(
    ("sentence", "form"),
    [
        ("where is my order", Form.QUESTION),
        ("and can i pay by card", Form.QUESTION),
        ("i want to return it", Form.QUESTION),
        ("thanks, how do i pay", Form.QUESTION),
        ("wie kann ich zahlen", Form.QUESTION),
        ("je voudrais un remboursement", Form.QUESTION),
        ("cancel my order", Form.OTHER),
        ("my card is not working", Form.OTHER),
        ("delivery policy", Form.OTHER),
        ("my neighbour likes tea", Form.STATEMENT),
        ("es regnet seit tagen", Form.STATEMENT),
        ("thank you so much and greetings to all", Form.TALK),
        ("", Form.TALK),
    ],
)
def test_the_form_of_a_sentence(sentence: str, form: Form) -> None:
    """By its first words; a trouble makes a statement a complaint."""
    assert asking().form(fold(sentence).split(), is_question=False) is form


def test_a_question_mark_decides() -> None:
    """Where there are words."""
    assert asking().form(["my", "parcel"], is_question=True) is Form.QUESTION
    assert asking().form([], is_question=True) is Form.TALK


def test_apostrophes_may_be_left_out() -> None:
    """Words in questions of any kind are known without them too."""
    assert {"dont", "whats", "cant"} <= asking().contracted
