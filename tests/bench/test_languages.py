"""``languages.py``: a FAQ is found from other languages, matched in its own, with the bar kept."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from tests.bench.languages import LANGUAGES, Row, rows
from tests.support.optional import requires_meanings

pytestmark = requires_meanings


@pytest.fixture(scope="module")
def table() -> dict[tuple[str, str, str], Row]:
    """All rows, by FAQ and languages."""
    return {(row.faq, row.written_in, row.asked_in): row for row in rows(JoinedEmbedder())}


def test_an_english_faq_is_found_from_other_languages(
    table: dict[tuple[str, str, str], Row],
) -> None:
    """Of 20 questions the right entry is nearest to 18, and given or offered for 12."""
    for code in LANGUAGES[1:]:
        row = table["shop", "en", code]
        assert row.nearest >= 18, row
        assert row.found >= 12, row
    assert sum(table["shop", "en", code].found for code in LANGUAGES[1:]) >= 56


def test_a_faq_is_matched_in_its_own_language_as_an_english_one_is(
    table: dict[tuple[str, str, str], Row],
) -> None:
    """And found from other languages, as far as that goes: these questions are far from it."""
    english = table["bikes", "en", "en"]
    for code in LANGUAGES[1:]:
        own, crossing = table["bikes", code, code], table["bikes", "en", code]
        assert own.nearest >= english.nearest - 5, own
        assert own.found >= english.found - 3, own
        assert crossing.nearest >= english.nearest - 3, crossing


def test_the_bar_is_kept(table: dict[tuple[str, str, str], Row]) -> None:
    """By every row: none of the answers is wrong, or given where nothing answers the question."""
    given = sum(row.answered + row.wrong + row.vainly_answered for row in table.values())
    wrong = sum(row.wrong + row.vainly_answered for row in table.values())
    assert given >= 25
    assert wrong <= 0.1 * given
    assert sum(row.vainly_offered for row in table.values()) <= 0.05 * 10 * len(table)
