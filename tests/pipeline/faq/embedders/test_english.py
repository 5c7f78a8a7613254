"""What is not English: told by its words, where they are plain; unsure is English."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.embedders.english import is_foreign, numbers
from tests.bench.languages import LANGUAGES, bikes_questions


@pytest.mark.parametrize(
    "text",
    [
        "Kann ich die Tasse zurückgeben?",
        "hoe lang duurt de levering",
        "quanto costa la spedizione",
        "ile kosztuje wysyłka",
        "kargo ücreti ne kadar",
        "Сколько стоит доставка",
        "返品できますか",
        "배송비 얼마예요",
        "请问多少钱",
    ],
)
def test_other_languages_are_foreign(text: str) -> None:
    """By common words, letters and scripts."""
    assert is_foreign(text)


@pytest.mark.parametrize(
    "text",
    [
        "Where is my order FF-10234?",
        "whts teh retrun polcy",
        "recieve my ordr yet?? tysm",
        "refund pls asap",
        "do you ship to Zürich?",
        "is the café open",
        "PayPal",
        "Lieferzeit?",
        "",
        "😀",
    ],
)
def test_what_is_not_plain_counts_as_english(text: str) -> None:
    """Slips, names and single words."""
    assert not is_foreign(text)


def test_the_questions_of_the_foreign_sets_are_told_apart() -> None:
    """All English ones count as English, and but 3 of 100 of the others do not."""
    asked = {code: [one.text for one in bikes_questions(code)] for code in LANGUAGES}
    assert not [text for text in asked.pop("en") if is_foreign(text)]
    others = [text for texts in asked.values() for text in texts]
    assert len([text for text in others if not is_foreign(text)]) <= 0.03 * len(others)


def test_vocabulary() -> None:
    """Whole: the model's numbers of words go by the place."""
    assert (len(numbers()), numbers()["[PAD]"], numbers()["[CLS]"]) == (30_522, 0, 101)
