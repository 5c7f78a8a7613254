"""Proves `agentbot.pipeline.languages.subjects`: what statements are about, in each language."""

from __future__ import annotations

import pytest

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.languages.subjects import all_subjects, facets_of


def test_every_language_with_a_pack_has_its_words() -> None:
    """None is left out."""
    assert set(all_subjects()) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_no_form_stands_on_two_sides(code: Language) -> None:
    """Else it would exclude itself, or mean whatever comes first."""
    forms = [
        form.strip()
        for sides in all_subjects()[code].facets.values()
        for side in sides
        for form in side
    ]
    forms += all_subjects()[code].neutral
    assert sorted(forms) == sorted(set(forms))


def test_the_longest_form_counts_and_neutral_ones_name_nothing() -> None:
    """ "Gift cards" are no cards, and "new customers" no customers."""
    found = list(
        facets_of("en").named_in(["new", "customers", "with", "gift", "cards", "pay", "in", "cash"])
    )
    assert [(one.facet, one.start, one.end) for one in found] == [
        ("audience", 0, 2),
        ("payment", 6, 8),
    ]


def test_a_form_with_a_star_is_the_beginning_of_words() -> None:
    """Whatever their case ending."""
    words = ["dzieci", "dziecku", "dziw"]
    assert [one.start for one in facets_of("pl").named_in(words)] == [0, 1]
