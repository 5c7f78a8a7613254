"""What labelled questions have taught is kept in a file, and used only where it holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentbot.pipeline.faq.judging.calibration import WORDS, Calibration, marks_of
from agentbot.pipeline.files.calibration import CalibrationFile
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import parse_yaml, validate
from tests.support.faq import small_faq

MADE = Calibration(
    made_on="2026-11-26",
    questions=320,
    answerable=240,
    search=WORDS,
    judge="12345678",
    slope=0.875,
    shift=-0.25,
    bars={0.5: 0.125, 0.925: 0.75, 0.99: None},
    entries=marks_of(small_faq()),
)


def read(text: str) -> tuple[CalibrationFile | None, list[str]]:
    """Return what a file says, and what is wrong with it."""
    problems = Problems()
    file = parse_yaml(text, "faq-calibration.yaml", problems)
    made = None if file is None else validate(CalibrationFile, file, problems)
    return made, [str(one) for one in problems.found]


@pytest.mark.parametrize("search", [WORDS, 'provider:a "model" \\ of: theirs'])
@pytest.mark.parametrize("bars", [MADE.bars, {}])
def test_what_is_written_is_read(search: str, bars: dict[float, float | None]) -> None:
    """Whatever the model is called, with bars of its own and without."""
    made = replace(MADE, search=search, bars=bars)
    file, problems = read(made.text())
    assert problems == []
    assert file is not None
    assert Calibration.of_file(file) == made


def test_the_file_says_what_it_is() -> None:
    """And how it is made anew, in its first line; no line is too long to look at."""
    first, *others = MADE.text().splitlines()
    assert first.startswith("# ")
    assert "agentbot eval faq" in first
    assert "--keep" in first
    assert max(map(len, (first, *others))) <= 100
    assert "  99%: never" in others


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("slope: 0.8750", "slope: -1", "'slope'"),
        ("slope: 0.8750", "slop: 1", "unknown key 'slop' (did you mean 'slope'?)"),
        ("shift: -0.2500", "shift: .nan", "'shift'"),
        ("  99%: never", "  99%: 1.5", "1.5 is no probability; write one from 0 to 1, or never"),
        ("  99%: never", "  sure: 0.5", "'sure' is no share of right answers; write one such as"),
        ("made_on: 2026-11-26", "made_on: yesterday", "made_on"),
        ("entries: >-", "entries: >-\n  abc", "'abc' is no mark of an entry"),
        ("questions: 320", "questions: many", "'questions'"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, said: str) -> None:
    """With its line."""
    text = MADE.text()
    assert old in text
    file, problems = read(text.replace(old, new))
    assert file is None
    assert any(said.replace("; write", " (write") in one or said in one for one in problems), (
        problems
    )
    assert all(one.startswith("faq-calibration.yaml:") for one in problems)


def test_it_holds_for_its_own_faq_and_search() -> None:
    """Answers and a few entries may change."""
    faq = small_faq()
    assert MADE.misfit(faq, search=WORDS, judge="12345678") is None
    edited = (replace(faq[0], phrasings=("new",)), *(replace(e, answer="new") for e in faq[1:]))
    assert MADE.misfit(edited, search=WORDS, judge="12345678") is None


@pytest.mark.parametrize(
    ("search", "judge", "kept", "why"),
    [
        (
            "all-MiniLM",
            "12345678",
            8,
            "a search by words alone, and this one is by the meanings of",
        ),
        (WORDS, "87654321", 8, "another version of agentbot"),
        (WORDS, "12345678", 5, "38% of the FAQ's entries have changed since 2026-11-26"),
        (WORDS, "12345678", 0, "100% of the FAQ's entries have changed"),
    ],
)
def test_where_it_does_not_hold_it_says_why(search: str, judge: str, kept: int, why: str) -> None:
    """And what to do."""
    said = MADE.misfit(small_faq()[:kept], search=search, judge=judge)
    assert said is not None
    assert why in said
    assert "agentbot eval faq" in said
    assert said.startswith("faq-calibration.yaml: ")


def test_every_entry_has_a_mark_of_its_own(tmp_path: Path) -> None:
    """Which its answer, and where it stands, do not change."""
    faq = small_faq()
    assert len(MADE.entries) == len(faq)
    moved = tuple(replace(entry, place=str(tmp_path), answer="other") for entry in faq)
    assert marks_of(moved) == MADE.entries
    assert not marks_of([replace(faq[0], id="other")]) & MADE.entries
