"""FAQ entries hold fields of the company's facts; all else goes out word for word."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.filling import fill
from agentbot.pipeline.files.problems import Problems

VALUES = {"company.name": "Tea House", "company.return_days": "30 days", "opening_hours": "9-17"}


def filled(answer: str, values: dict[str, str] = VALUES) -> tuple[FaqEntry, list[str]]:
    """Return the entry with this answer, filled in, and what was wrong."""
    problems = Problems()
    entry = FaqEntry(
        "a",
        "What does {{ company.name }} do?",
        answer,
        ("{{company.name}}?",),
        ("https://example.com/{{ company.return_days }}",),
        answers={"de": f"Kurz: {answer}"},
        place="faq/a.md:1",
    )
    [made] = fill([entry], values, problems)
    return made, [str(problem) for problem in problems.found]


def test_every_text_of_an_entry_is_filled_in() -> None:
    """Question, phrasings, answer, its translations and links."""
    made, problems = filled("Within {{ company.return_days }}; we are there {{opening_hours}}.")
    assert made.question == "What does Tea House do?"
    assert made.phrasings == ("Tea House?",)
    assert made.answer == "Within 30 days; we are there 9-17."
    assert made.answers == {"de": f"Kurz: {made.answer}"}
    assert made.links == ("https://example.com/30 days",)
    assert problems == []


@pytest.mark.parametrize("text", ["{{ user.name }}", "{% if x %}", "{{", "{{ company }}", "{a}"])
def test_other_braces_go_out_as_they_stand(text: str) -> None:
    """An answer is no template: it may be about one."""
    made, problems = filled(text)
    assert made.answer == text
    assert problems == []


@pytest.mark.parametrize(
    ("answer", "values", "said"),
    [
        ("{{ company.retrun_days }}", VALUES, "did you mean 'company.return_days'?"),
        ("{{ opening_hours }}", {"company.name": "x", "company.return_days": "1"}, "hours.yaml"),
        ("", {}, "write company.yaml"),
    ],
)
def test_a_field_that_is_not_known_is_named(answer: str, values: dict[str, str], said: str) -> None:
    """At its entry, with what to do."""
    _, problems = filled(answer, values)
    assert said in problems[0]
    assert problems[0].startswith("faq/a.md:1: ")
