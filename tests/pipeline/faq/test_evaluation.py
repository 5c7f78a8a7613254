"""Files of labelled questions are read, and mistakes in them named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.evaluation import load_questions
from agentbot.pipeline.faq.matcher import LabelledQuestion
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
