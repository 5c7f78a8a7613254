"""The demo's questions are judged as they came out, and asked as visitors ask them."""

from __future__ import annotations

import pytest

from tests.bench.demo import Outcome, Question, Verdict, ask_all, demo, questions, summary
from tests.support.timing import within

HELD = Question("How hot?", "page", ("70",))
NOT_HELD = Question("Who founded it?", "none")


def came(question: Question, **said: str) -> Outcome:
    """What came of a question."""
    outcome = {
        "outcome": "replied",
        "by": "llm",
        "code": "llm",
        "reason": "",
        "answer": "At 70 °C.",
    }
    outcome |= said
    return Outcome(question, sources=(), seconds=1.0, **outcome)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (came(HELD), "right"),
        (came(HELD, answer="At 80 °C."), "WRONG"),
        (came(HELD, outcome="handed_off"), "kept back"),
        (came(HELD, by="faq", code="page_offered"), "kept back"),
        (came(NOT_HELD), "WRONG"),
        (came(NOT_HELD, outcome="handed_off"), "right"),
        (came(NOT_HELD, by="faq", code="faq_unsure"), "right"),
        (came(NOT_HELD, code="llm_clarify"), "right"),
    ],
)
def test_what_nothing_holds_is_never_answered_rightly(outcome: Outcome, verdict: Verdict) -> None:
    """What something holds must be said; keeping it back is not wrong."""
    assert outcome.verdict == verdict


def test_a_third_of_the_questions_is_of_each_kind() -> None:
    """And whatever is held says how a right answer is known."""
    asked = questions()
    for holds in ("faq", "page", "none"):
        of_it = [one for one in asked if one.holds == holds]
        assert len(of_it) >= 10
        assert all(bool(one.says) == (holds != "none") for one in of_it)


async def test_the_demo_is_asked_as_a_visitor_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a model: what rules and FAQ hold is answered, the rest is kept back."""
    monkeypatch.setenv("AGENTBOT_FAQ__EMBEDDINGS", "none")  # it starts sooner
    asked = [*questions()[:2], NOT_HELD]
    async with within(60), demo("--llm", "none") as url:
        outcomes = [one async for one in ask_all(url, asked)]
    assert [one.verdict for one in outcomes] == ["right"] * 3
    assert summary(outcomes).startswith("faq  2 right, 0 kept back, 0 WRONG")
