"""Cutting: a page's sections, and the pieces of a long one, none of them torn if possible."""

from __future__ import annotations

import pytest

from agentbot.pipeline.files.markdown import BLOCKS
from agentbot.pipeline.knowledge.cutting import pieces_of, plain_heading, sections_of

WORDS = "One two three four five. "


def pieces(text: str) -> list[str]:
    """Return the pieces of a page's first section."""
    return list(pieces_of(sections_of(text)[0].blocks))


def test_a_page_is_cut_at_its_headings() -> None:
    """With a sign before them, or a line below; not those in code, lists and quotations."""
    text = (
        "Intro\n\n# A\n\na\n\nB\n---\n\nb\n\n```\n# no\n```\n\n- # no\n\n> # no\n\n"
        "C\n===\n\n### D ###\n\nd"
    )
    found = [(one.level, one.heading, one.line) for one in sections_of(text)]
    assert found == [(0, "", 1), (1, "A", 3), (2, "B", 7), (1, "C", 20), (3, "D", 23)]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Bold** and [linked](https://x.example)", "Bold and linked"),
        ("With `code` ![picture](a.png)", "With code"),
        ("Costs {#costs}", "Costs"),
        ("Costs ##", "Costs"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_heading_is_plain_text(written: str, said: str) -> None:
    """It stands in titles, which have no marks."""
    assert plain_heading(written) == said


def test_a_short_section_is_one_piece() -> None:
    """Its paragraphs belong together."""
    assert pieces("a\n\nb\n\n- c\n- d\n") == ["a\n\nb\n\n- c\n- d"]


def test_a_long_section_is_cut_between_paragraphs() -> None:
    """And what ends in a colon stays with what comes below."""
    long = WORDS * 20
    found = pieces(f"{long}\n\n{long}\n\n{long}\n\nYou need:\n\n- {long}\n\nEnd")
    assert [one.count(WORDS.strip()) for one in found] == [40, 40]
    assert found[1].startswith(WORDS)
    assert "You need:\n\n- " in found[1]
    assert found[1].endswith("End")


def test_what_always_ends_in_a_colon_is_cut_all_the_same() -> None:
    """A page may hold anything."""
    found = pieces(f"{WORDS * 10}:\n\n" * 50)
    assert max(map(len, found)) <= 4_200


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    """Nothing of it is lost."""
    found = pieces(WORDS * 100)
    assert len(found) > 1
    assert all(len(one) <= 1_000 and one.endswith("five.") for one in found)
    assert " ".join(found) == (WORDS * 100).strip()


@pytest.mark.parametrize("signs", ["x" * 5_000, "\u597d" * 5_000])
def test_a_word_without_end_is_cut_too(signs: str) -> None:
    """A page may hold anything."""
    found = pieces(signs)
    assert "".join(found) == signs
    assert max(map(len, found)) <= 1_000


TABLE = "| a | b |\n|---|---|\n" + "| one | two |\n" * 100
LIST = "- one two three\n" * 100
CODE = "```sh\n" + "run it\n" * 200 + "```"
LARGE_TABLE = "| a | b |\n|---|---|\n" + "| one | two |\n" * 500
LARGE_LIST = "1. one two three\n   - four\n" * 300
LARGE_CODE = "~~~sh\n" + "run it\n" * 1_000 + "~~~"


@pytest.mark.parametrize("block", [TABLE, LIST, CODE])
def test_a_table_list_or_code_stays_whole(block: str) -> None:
    """Though it is longer than a paragraph may be."""
    assert pieces(f"Above.\n\n{block}\n\nBelow.")[-2].endswith(block.strip())


@pytest.mark.parametrize(
    ("block", "kind", "times"),
    [
        (LARGE_TABLE, "table_open", 500),
        (LARGE_LIST, "ordered_list_open", 300),
        (LARGE_CODE, "fence", 1_000),
    ],
)
def test_what_is_longer_than_a_model_is_shown_is_cut_within(
    block: str, kind: str, times: int
) -> None:
    """Each piece is one again: with a table's head, a code's fence, an item's own list."""
    found = pieces(block)
    assert len(found) > 1
    assert max(map(len, found)) < 4_200
    for one in found:
        assert BLOCKS.parse(one)[0].type == kind
        assert len([token for token in BLOCKS.parse(one) if token.level == 0]) <= 2
    row = {"table_open": "| one |", "fence": "run it"}.get(kind, "one two three")
    assert sum(one.count(row) for one in found) == times


def test_a_line_between_sections_is_no_text() -> None:
    """It is drawn, and says nothing."""
    assert pieces("---\n\n***\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A piece is full at 1,000 characters; a last line of up to 200 is put to it all the same.
        (["a" * 600, "b" * 400], [0, 0]),
        (["a" * 600, "b" * 401], [0, 1]),
        (["a" * 1_000, "b" * 200], [0, 0]),
        (["a" * 1_000, "b" * 201], [0, 1]),
        (["a" * 1_000, "b" * 200, "c"], [0, 0, 1]),
        (["a" * 600, "b" * 500, "c" * 500], [0, 1, 1]),
        # What ends in a colon has what comes below it with it, up to 4,000.
        (["a" * 899 + ":", "b" * 1_000], [0, 0]),
    ],
)
def test_paragraphs_are_put_together_up_to_a_thousand_characters(
    text: list[str], expected: list[int]
) -> None:
    """Each stands in the piece of that number, with an empty line between two."""
    found = pieces("\n\n".join(text))
    where = [next(n for n, piece in enumerate(found) if one in piece) for one in text]
    assert where == expected
    assert "\n\n".join(found) == "\n\n".join(text)


def test_lines_of_what_is_torn_stay_lines() -> None:
    """Of a table, a list and code; no line is lost, and a last mark is none of them."""
    for block in (LARGE_TABLE, LARGE_LIST, LARGE_CODE):
        lines = [one.rstrip() for one in block.strip().split("\n")]
        found = [one for piece in pieces(block) for one in piece.split("\n")]
        head = 2 if block is LARGE_TABLE else 0
        marks = {"~~~sh", "~~~"}
        assert [one for one in found if one not in lines[:head] and one not in marks] == [
            one for one in lines[head:] if one not in marks
        ]


def test_code_without_an_end_is_code_to_its_last_line() -> None:
    """Its marks are put around each piece."""
    found = pieces("~~~~sh\n" + "run it\n" * 1_000)
    assert all(one.startswith("~~~~sh\n") and one.endswith("\n~~~") for one in found)
    assert sum(one.count("run it") for one in found) == 1_000


def test_words_are_parted_where_they_can_be() -> None:
    """At the last blank before 1,000 characters, which stays with what is before it."""
    text = " ".join(["word"] * 500)
    found = pieces(text)
    assert [len(one) for one in found] == [999, 999, 499]
    assert " ".join(found) == text
    assert [len(one) for one in pieces("x" + " " + "y" * 2_000)] == [1, 1_000, 1_000]


@pytest.mark.parametrize(
    ("written", "said"), [("one\ntwo", "one two"), ("one  \ntwo", "one two"), ("a `b` c", "a b c")]
)
def test_a_heading_of_several_lines_is_one(written: str, said: str) -> None:
    """Whichever way they are broken."""
    assert plain_heading(written) == said
