"""Proves `agentbot.pipeline.checks.parsing.clauses`: what each figure of a sentence is said of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.checks.parsing.clauses import clauses
from agentbot.pipeline.checks.parsing.segments import is_state


def by_figure(sentence: str, code: str = "en") -> dict[str, frozenset[str]]:
    """Return the labels of each figure of a sentence."""
    return {
        value.written: one.labels
        for one in clauses(sentence, code)
        for value in one.values
        if not is_state(value)
    }


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Cups cost 5 and bowls cost 7.", "en"),
        ("Cups cost 5 and bowls 7.", "en"),
        ("We charge 5 for cups and 7 for bowls.", "en"),
        ("For cups, we charge 5, and for bowls, we charge 7.", "en"),
        ("Cups: 5; bowls: 7.", "en"),
        ("Cups and bowls cost 5 and 7 respectively.", "en"),
        ("Cups kosten 5 und Bowls 7.", "de"),
    ],
)
def test_each_figure_has_its_own_labels(sentence: str, code: str) -> None:
    """Before or behind it, with the predicate or without."""
    found = by_figure(sentence, code)
    assert "cup" in found["5"] | {one.rstrip("s") for one in found["5"]}
    assert not any(one.startswith("bowl") for one in found["5"])
    assert any(one.startswith("bowl") for one in found["7"])
    assert not any(one.startswith("cup") for one in found["7"])


@pytest.mark.parametrize(
    "sentence",
    ["On Saturdays we open at 10:00 and close at 14:00.", "Cups cost 10:00, they say 14:00."],
)
def test_what_goes_on_about_the_same_keeps_its_labels(sentence: str) -> None:
    """A verb alone, or a pronoun, begins nothing new."""
    found = by_figure(sentence)
    assert found["10:00"] <= found["14:00"]


def test_what_stands_before_a_colon_leads_to_all() -> None:
    """And is no label of the first clause alone."""
    first, second = clauses("Hours in Bergen: cups 9:00, bowls 10:00.", "en")
    assert first.own == {"cup"}
    assert "bergen" in first.context
    assert second.own == {"bowl"}


def test_beside_a_clause_that_denies_another_affirms() -> None:
    """ "Stoneware is safe; porcelain is not.\""""
    first, second = clauses("Stoneware is dishwasher safe; porcelain is not.", "en")
    assert not first.denies
    assert second.denies
    assert second.own == {"porcelain"}


@given(st.text(max_size=80))
def test_any_sentence_is_read(text: str) -> None:
    """Each clause holds a value."""
    assert all(one.values for one in clauses(text, "en"))
