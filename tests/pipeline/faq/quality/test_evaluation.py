"""Files of labelled questions are read, and mistakes in them named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion
from agentbot.pipeline.faq.quality.evaluation import evaluate, load_questions, trade_offs
from tests.support.faq import small_faq


def test_questions_are_read(tmp_path: Path) -> None:
    """One JSON object a line; empty lines and other keys do not matter."""
    path = tmp_path / "q.jsonl"
    path.write_text('{"text": "a", "faq": "hours", "kind": "x"}\n\n{"text": "b", "faq": null}\n')
    assert load_questions(path, small_faq()) == (
        LabelledQuestion("a", "hours"),
        LabelledQuestion("b", None),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON"),
        ("[]", "not a question"),
        ('{"text": "a"}', "not a question"),
        ('{"text": 1, "faq": null}', "not a question"),
        ('{"text": "a", "faq": "nope"}', "no entry has the id 'nope'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, line: str, problem: str) -> None:
    """File and line."""
    path = tmp_path / "q.jsonl"
    path.write_text('{"text": "a", "faq": null}\n' + line + "\n")
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_questions(path, small_faq())
    assert caught.value.place == f"{path}:2"


def test_no_such_file(tmp_path: Path) -> None:
    """Named, with the system's reason."""
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        load_questions(tmp_path / "none", small_faq())


def test_a_table_is_read_as_import_reads_it(tmp_path: Path) -> None:
    """With the columns that the help names; an empty cell, or null, means that no entry answers."""
    path = tmp_path / "q.csv"
    path.write_text('sep=;\nText;FAQ;notes, more\n"a;\nb";hours;x\nc;;\nd;NULL;\n', "utf-8")
    assert load_questions(path, small_faq()) == (
        LabelledQuestion("a;\nb", "hours"),
        LabelledQuestion("c", None),
        LabelledQuestion("d", None),
    )


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("text,faq\na,hours\nb,nope\n", 3, "no entry has the id 'nope'"),
        ("text,faq\n,hours\n", 2, "the row has no text"),
        ("text,kind\na,b\n", 1, "no column 'faq'"),
    ],
)
def test_mistakes_in_a_table_are_named(tmp_path: Path, text: str, line: int, problem: str) -> None:
    """File and line."""
    path = tmp_path / "q.CSV"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_questions(path, small_faq())
    assert caught.value.place == f"{path}:{line}"


@pytest.mark.parametrize(("name", "text"), [("q.csv", "text,faq\n"), ("q.jsonl", "\n")])
def test_a_file_without_questions_is_refused(tmp_path: Path, name: str, text: str) -> None:
    """It would measure nothing."""
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match="holds no question"):
        load_questions(tmp_path / name, small_faq())


def test_other_precisions_are_compared_without_learning_anew() -> None:
    """Each as if it had been asked for: more answers below, and only the FAQ's own words above."""
    matcher = FaqMatcher.fit(small_faq())
    questions = [
        LabelledQuestion("is post possible", "shipping"),
        LabelledQuestion("how is parcel delivery done by courier", "shipping"),
        LabelledQuestion("an exchange with a label perhaps", "returns"),
        LabelledQuestion("zebra quantum violin", None),
    ]
    found = trade_offs(matcher, questions, (0.5, 0.9, 0.999))
    assert [one.asked for one in found] == [0.5, 0.9, 0.999]
    for one in found:
        report = evaluate(FaqMatcher.fit(small_faq(), precision=one.asked), questions)
        assert (one.answers, one.precision, one.coverage) == (
            report.answers,
            report.precision,
            report.coverage,
        )
    assert found[0].answers > found[2].answers == 1
    assert found[2].bar == OUT_OF_REACH
    assert found[2].precision == 1


def test_no_answers_have_no_precision() -> None:
    """And no questions no coverage."""
    matcher = FaqMatcher.fit(small_faq())
    (found,) = trade_offs(matcher, [LabelledQuestion("zebra quantum violin", None)], (0.9,))
    assert (found.answers, found.precision, found.coverage) == (0, None, None)


def test_answers_to_several_questions_are_counted() -> None:
    """They are right where one of their entries is, and some answer but in part."""
    matcher = FaqMatcher.fit(small_faq())
    report = evaluate(
        matcher,
        [
            LabelledQuestion("Is post possible? Is paypal possible?", "payment"),
            LabelledQuestion("Is large possible? And do you sell zebras?", "sizes"),
            LabelledQuestion("Is large possible? And do you sell zebras?", None),
            LabelledQuestion("is large possible", "sizes"),
        ],
    )
    assert (report.answers, report.right_answers) == (4, 3)
    assert (report.several, report.in_part) == (3, 2)
    assert report.unanswerable_answered == 1
