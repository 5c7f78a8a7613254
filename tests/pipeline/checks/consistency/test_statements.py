"""Proves `agentbot.pipeline.checks.consistency.statements`: what a text says of whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.checks.consistency.statements import Statement, opposite_of, statements
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.languages.subjects import all_subjects


def _first(text: str) -> Statement:
    return statements(text, "en")[0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Children travel free. Adults pay.", 2),
        ("Children travel free and adults pay.", 2),
        ("Children and students travel free.", 1),
        ("We charge 5 euros for adults and 3 for children.", 1),
        ("Tea is hot, and cups are cold.", 1),
        ("", 0),
    ],
)
def test_clauses_about_different_subjects_are_statements_of_their_own(
    text: str, number: int
) -> None:
    """Where each says something; a list of subjects is one, and so is what names none."""
    assert len(statements(text, "en")) == number


def test_a_statement_knows_what_was_named_before_it() -> None:
    """Over it, or in a sentence before; the last of a facet counts."""
    *_, last = statements("Adults pay. Children wait. It is free.", "en", "Summer")
    assert {last.facet for last in last.lead} == {"audience", "season"}
    children = next(iter(_first("Children wait.").named))
    assert {one.side for one in last.lead if one.facet == "audience"} == {children.side}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Dogs travel free.", "dogs"),
        ("Yes, dogs travel free.", "dogs"),
        ("Our new dog travels free.", "new"),
        ("Send us a letter.", None),
        ("Sends it to you.", None),
        ("Dogs travel.", "dogs"),
        ("Travel with the", None),
        ("Travel is free.", None),
        ("For dogs it is free.", None),
        ("12 dogs travel.", None),
        ("Dogs", None),
    ],
)
def test_the_subject_is_the_noun_that_a_clause_begins_with(text: str, subject: str | None) -> None:
    """In the plural, or behind an article; a verb or a figure is none."""
    found = _first(text)
    assert (None if found.subject is None else found.words[found.subject]) == subject


def test_a_prefix_turns_a_word_round() -> None:
    """With a hyphen or without; of a short word it is a part."""
    assert opposite_of("unopened", "en") == opposite_of("nonopened", "en")
    assert opposite_of("until", "en") == opposite_of("opened", "en") == ""
    assert opposite_of("unused", "en") == "used"
    assert _first("A non-refundable fare.").turned == _first("An unrefundable fare.").turned


@given(st.text(max_size=80), st.sampled_from(CODES))
def test_any_text_has_statements_whose_places_are_its_own(text: str, code: Language) -> None:
    """No text breaks it, and no word is lost or counted twice."""
    for one in statements(text, code):
        assert one.content <= set(range(len(one.words)))
        assert one.subject is None or one.subject in one.content
        taken = [at for each in one.named for at in range(each.start, each.end)]
        assert len(taken) == len(set(taken))
        assert set(taken) <= set(range(len(one.words)))


def test_what_a_statement_names_is_found_by_facet_and_by_place() -> None:
    """As it is written there."""
    found = _first("In store new customers pay.")
    (new,) = found.sides("audience")
    assert found.written("audience", frozenset({new})) == "new customers"
    assert [bool(found.side_at(place)) for place in range(5)] == [True, True, True, True, False]
    assert found.side_at(2) == found.side_at(3) == {("audience", new)}
    online = _first("Online children pay.")
    assert online.written("audience", online.sides("audience")) == "children"
    assert _first("My TV x is on").content == {1}


def test_a_noun_without_an_article_is_known_by_its_ending_alone() -> None:
    """In languages whose plurals show it; elsewhere a verb may begin so."""
    assert statements("Hunde fahren gratis.", "de")[0].subject == 0
    assert statements("Voyager co\u00fbte cher.", "fr")[0].subject is None


@pytest.mark.parametrize("code", CODES)
def test_clauses_are_told_apart_by_what_may_be_their_subject(code: Language) -> None:
    """And not by what stands in lists: "between blue and yellow"."""
    subjects = {"audience", "party", "shipment", "lease", "season", "place", "pet", "meal"}
    join = all_belonging()[code].joins[0]
    for facet, (first, second, *_) in all_subjects()[code].facets.items():
        one, other = (forms[0].strip(" *") for forms in (first, second))
        said = f"{one} zuperb {join} {other} garantum"
        number = len(statements(said, code))
        assert number == 2 if facet in {*subjects, "plan", "daytime"} else number == 1, said
