"""Proves `agentbot.pipeline.checks.parsing.structure`: tables, lists, sentences, their parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.checks.parsing.segments import is_state
from agentbot.pipeline.checks.parsing.structure import (
    Occurrence,
    labelled,
    occurrences,
    without_tables,
)

TABLE = "| Tea | Water | Safe |\n|---|---|---|\n| Green | 70 °C | yes |\n| Black | 95 °C | no |"


def of(text: str, written: str) -> Occurrence:
    """Return where a value stands."""
    (found,) = [one for one in occurrences(text, "en") if one.value.written == written]
    return found


def test_a_cell_belongs_to_its_row_and_its_column() -> None:
    """By the row's own words, and by the column's heading."""
    (rows, row), (_, column) = of(TABLE, "70").places
    assert row.own == {"green"}
    assert column.own == {"wat"}
    assert rows.is_table
    assert [one.own for one in rows.segments] == [{"green"}, {"black"}]


def test_yes_and_no_are_values_of_their_row() -> None:
    """As words or signs."""
    assert of(TABLE, "no").places[0][1].own == {"black"}
    assert of(TABLE.replace("no", "✗").replace("yes", "✓"), "no").places[0][1].own == {"black"}


def test_items_of_a_list_stand_beside_each_other() -> None:
    """Also labelled lines and sentences; an item's second line is part of it."""
    for text in ("- Cups:\n  5\n- Bowls: 7", "Cups: 5\nBowls: 7", "Cups: 5. Bowls: 7."):
        group, item = of(text, "5").places[0]
        assert group.is_parallel
        assert item.own == {"cup"}
        assert len(group.segments) == 2


def test_sentences_are_told_apart_but_not_parallel() -> None:
    """Each has its own words."""
    group, _ = of("Cups cost 5. Bowls cost 7.", "5").places[0]
    assert not group.is_parallel


def test_the_days_of_a_figure_are_those_of_its_clause() -> None:
    """Not of the whole sentence."""
    found = of("Open Mon-Fri 9:00-17:00, Sat 10:00-14:00.", "10:00")
    assert found.days == {"day 5"}
    assert len(found.all_days) == 6


def test_tables_are_left_out() -> None:
    """What stands around them stays."""
    assert without_tables(f"Before.\n\n{TABLE}\n\nAfter.") == "Before.\nAfter."


@given(st.text(alphabet="ab1 |-:\n.", max_size=80))
def test_any_text_is_read(text: str) -> None:
    """Each value belongs to something."""
    assert all(one.places for one in occurrences(text, "en") if not is_state(one.value))


def test_what_stands_over_or_before_a_text_is_its_label() -> None:
    """The first cell of a row, what is before a colon, what introduces a list; a time is none."""
    text = (
        "Open daily. Cups: hand wash. Please note for all of these: no soap.\n"
        "For members:\n- sauna\n- Towels: free\n\nThe end at 9:30."
    )
    assert list(labelled(f"{TABLE}\n\n{text}")) == [
        ("Green", "Water 70 °C"),
        ("Green", "Safe yes"),
        ("Black", "Water 95 °C"),
        ("Black", "Safe no"),
        ("", "Open daily."),
        ("Cups", " hand wash."),
        ("", "Please note for all of these: no soap."),
        ("For members:", "sauna"),
        ("Towels", " free"),
        ("", "The end at 9:30."),
    ]
    assert list(labelled("| a | b |\n| c | d | e |")) == [("a", " b"), ("c", " d"), ("c", " e")]
