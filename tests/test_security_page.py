"""The security page (``docs/security.md``) claims nothing without a test that there is."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_PAGE = _ROOT / "docs" / "security.md"
_LINK = re.compile(r"\[`(\w+)`\]\(\.\./(tests/[\w/]+\.py)\)")
_SEATS = (
    "In the customer's seat",
    "On the network",
    "In the prompts folder",
    "On the model's side",
)


def _rows() -> list[str]:
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and "shown by" not in line]


@cache
def _tests_of(place: str) -> frozenset[str]:
    tree = ast.parse((_ROOT / place).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[2:40])
def test_every_claim_names_tests_that_there_are(row: str) -> None:
    """One that was renamed or removed is noticed, and so is a claim without any."""
    named = _LINK.findall(row)

    assert named
    assert [name for name, place in named if name not in _tests_of(place)] == []
    assert row.count("](") == len(named)


def test_every_seat_says_what_cannot_and_what_can_be_done() -> None:
    """A page that only says what is safe is an advertisement."""
    text = _PAGE.read_text(encoding="utf-8")
    for seat in _SEATS:
        part = text.partition(f"## {seat}\n")[2].partition("\n## ")[0]
        assert "| **cannot** " in part, seat
        assert "| **can** " in part, seat


def test_each_of_the_ten_risks_has_its_row_and_its_result() -> None:
    """In OWASP's order."""
    rows = [row for row in _rows() if row.startswith("| LLM")]

    assert [row[2:7] for row in rows] == [f"LLM{number:02}" for number in range(1, 11)]
    assert all(row.rstrip("| ").rpartition("|")[2].strip() for row in rows)
