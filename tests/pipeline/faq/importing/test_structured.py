"""What a page tells search engines, pipeline/faq/importing/structured.py."""

from __future__ import annotations

import json

import pytest

from agentbot.pipeline.faq.importing.structured import structured_questions


def script(data: object) -> str:
    """Return a page that says ``data`` to search engines, in its second line."""
    return f'<html>\n<script type="application/ld+json">{json.dumps(data)}</script></html>'


def question(**fields: object) -> dict[str, object]:
    """Return a question as schema.org has it."""
    answer = {"@type": "Answer", "text": "<p>Yes, <b>we</b> do.</p>"}
    return {"@type": "Question", "name": "Gift &amp; cards?", "acceptedAnswer": answer, **fields}


@pytest.mark.parametrize(
    "data",
    [
        {"@type": "FAQPage", "mainEntity": [question()]},
        {"@type": ["WebPage", "FAQPage"], "mainEntity": question()},
        {"@graph": [{"@type": "Shop"}, {"@type": "FAQPage", "mainEntity": [question()]}]},
        [{"@type": "FAQPage", "mainEntity": [question(**{"@type": ["Question"]})]}],
        question(acceptedAnswer=[{"text": "<p>Yes, <b>we</b> do.</p>"}, {"text": "No"}]),
        question(acceptedAnswer=None, suggestedAnswer={"text": "Yes, <b>we</b> do."}),
        question(acceptedAnswer="Yes, <b>we</b> do."),
        question(name=None, text="Gift & cards?"),
    ],
)
def test_its_questions_are_found(data: object) -> None:
    """Wherever they stand in it; HTML becomes markdown."""
    assert list(structured_questions(script(data))) == [(2, "Gift & cards?", "Yes, **we** do.")]


@pytest.mark.parametrize(
    "data",
    [
        question(name=3),
        question(acceptedAnswer={"text": 3}),
        question(acceptedAnswer=[]),
        question(acceptedAnswer={"text": " <br> "}),
        question(name="  "),
        {"@type": "Answer", "text": "x"},
        "Question",
        None,
    ],
)
def test_what_is_no_question_with_an_answer_is_left_out(data: object) -> None:
    """Nothing is made up."""
    assert not list(structured_questions(script(data)))


def test_what_cannot_be_read_is_left_out() -> None:
    """One script that is broken, or nested without end, hides no other."""
    nested: object = question()
    for _ in range(30):
        nested = [nested]
    page = f'<script type="application/ld+json">{{"a</script>{script(question())}{script(nested)}'
    assert len(list(structured_questions(page))) == 1
