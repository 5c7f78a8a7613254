"""``agentbot report gaps``: what counts as a question that nobody could answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agentbot.bot.delivery.plan import decision_to_json
from agentbot.cli.report_gaps import is_gap
from agentbot.pipeline.decision import Handoff, Reason, Reply
from agentbot.state.store import TurnRecord

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WHY = Reason("any", "any")


def record(question: str, decision: dict[str, Any]) -> TurnRecord:
    """Return a journal's record of a turn."""
    return TurnRecord(
        conversation_id="c",
        customer_id="k",
        message_ids=("m",),
        outcome="handed_off",
        reason_code="any",
        reason="any",
        by=None,
        source=None,
        question=question,
        answer=None,
        reply_id=None,
        received_at=NOW,
        settled_at=NOW,
        decision=decision,
    )


@pytest.mark.parametrize(
    ("question", "decision", "expected"),
    [
        ("Which fern?", decision_to_json(Handoff(reason=WHY, gap=True)), True),
        ("Which fern?", decision_to_json(Reply(reason=WHY, text="?", by="faq", gap=True)), True),
        ("Which fern?", decision_to_json(Handoff(reason=WHY)), False),
        (" ", decision_to_json(Handoff(reason=WHY, gap=True)), False),
        ("Which fern?", {}, False),
    ],
)
def test_a_gap_is_a_question_whose_decision_is_marked_as_one(
    question: str, decision: dict[str, Any], *, expected: bool
) -> None:
    """By the mark in the journal: no code of a reason, no name of a responder."""
    assert is_gap(record(question, decision)) is expected
