"""A plan survives the store."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.bot.delivery.plan import Plan
from agentbot.pipeline.decision import (
    AddTag,
    Assign,
    Close,
    Handoff,
    Note,
    QuickReply,
    Reason,
    Reply,
    SetPriority,
    Silence,
    Snooze,
    TraceStep,
)

texts = st.text(max_size=20)
reasons = st.builds(Reason, texts, texts)
actions = st.one_of(
    st.builds(AddTag, texts),
    st.builds(Assign, texts),
    st.builds(SetPriority, st.booleans()),
    st.just(Close()),
    st.builds(Snooze, st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))),
    st.builds(Note, texts),
)
shared: dict[str, Any] = {
    "reason": reasons,
    "actions": st.lists(actions, max_size=4).map(tuple),
    "fires": st.lists(texts, max_size=2).map(tuple),
    "trace": st.lists(st.builds(TraceStep, texts, texts, reasons), max_size=2).map(tuple),
    "cost": st.dictionaries(texts, st.floats(0, 1e6), max_size=2),
}
buttons = st.lists(st.builds(QuickReply, texts, texts), max_size=3).map(tuple)
decisions = st.one_of(
    st.builds(Silence, **shared),
    st.builds(Handoff, text=st.none() | texts, source=texts, **shared),
    st.builds(
        Reply,
        text=texts,
        by=st.sampled_from(["rule", "faq", "llm", "fallback"]),
        source=texts,
        quick_replies=buttons,
        **shared,
    ),
)
plans = st.builds(
    Plan, st.lists(texts, min_size=1, max_size=3).map(tuple), decisions, st.integers(0, 3)
)


@given(plans)
def test_a_plan_is_the_same_after_a_round_through_json(plan: Plan) -> None:
    """Whoever resumes it sees what its first holder decided."""
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@pytest.mark.parametrize(
    "data", [None, [], {}, {"message_ids": ["m"], "decision": {"kind": "other"}, "done": 0}]
)
def test_what_another_version_wrote_is_no_plan(data: object) -> None:
    """A plan that cannot be read is dropped, and the turn decided anew."""
    assert Plan.from_json(data) is None
