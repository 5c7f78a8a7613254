"""A plan: what follows its text, how far it has come, and that it survives the store.

The wire format is fixed: a replica of another version reads it, and the journal keeps decisions.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.bot.delivery.plan import Plan, Skipped, skipped_to_json
from agentbot.ops.redaction import use_secrets
from agentbot.pipeline.decision import (
    AddTag,
    Assign,
    Close,
    Decision,
    Handoff,
    Note,
    Notify,
    QuickReply,
    Reason,
    Reply,
    SetEmail,
    SetPriority,
    Silence,
    Snooze,
    TraceStep,
)

SECRET = "sk-verysecretkey123"
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
        sources=st.lists(texts, max_size=2).map(tuple),
        **shared,
    ),
)
plans = st.builds(
    Plan,
    st.lists(texts, min_size=1, max_size=3).map(tuple),
    decisions,
    st.integers(0, 3),
    st.booleans(),
    st.lists(st.builds(Skipped, st.integers(0, 3), reasons), max_size=2).map(tuple),
    st.none() | st.integers(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.integers(),
)


@given(plans)
def test_a_plan_is_the_same_after_a_round_through_json(plan: Plan) -> None:
    """Whoever resumes it sees what its first holder decided."""
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


BAD_VALUE = {
    "message_ids": ["m"],
    "decision": {
        "kind": "silence",
        "reason": {"code": "r", "text": "r"},
        "actions": [{"kind": "snooze", "duration": float("nan")}],
        "fires": [],
        "trace": [],
        "cost": {},
    },
    "done": 0,
}
"""A plan whose snooze has no length."""

ACTIONS = (
    AddTag("vip"),
    Assign("ann@example.com"),
    SetPriority(True),  # noqa: FBT003
    Close(),
    Snooze(timedelta(minutes=2)),
    Note("see above"),
    Notify("Vera waits"),
    SetEmail("vera@example.com"),
)
SHARED: dict[str, Any] = {
    "reason": Reason("rule", "it matched"),
    "actions": ACTIONS,
    "fires": ("limit",),
    "trace": (TraceStep("rules", "reply", Reason("rule", "it matched")),),
    "cost": {"seconds": 0.5},
    "gap": True,
}
SHARED_JSON: dict[str, Any] = {
    "reason": {"code": "rule", "text": "it matched"},
    "actions": [
        {"kind": "tag", "name": "vip"},
        {"kind": "assign", "email": "ann@example.com"},
        {"kind": "priority", "priority": True},
        {"kind": "close"},
        {"kind": "snooze", "duration": 120.0},
        {"kind": "note", "text": "see above"},
        {"kind": "notify", "text": "Vera waits"},
        {"kind": "email", "address": "vera@example.com"},
    ],
    "fires": ["limit"],
    "trace": [
        {"name": "rules", "outcome": "reply", "reason": {"code": "rule", "text": "it matched"}}
    ],
    "cost": {"seconds": 0.5},
    "gap": True,
}


@pytest.mark.parametrize(
    ("decision", "own_fields"),
    [
        (
            Reply(
                text="Sure?",
                by="rule",
                sources=("a", "b"),
                quick_replies=(QuickReply("Yes", "yes"),),
                **SHARED,
            ),
            {
                "kind": "reply",
                "text": "Sure?",
                "by": "rule",
                "source": "",
                "sources": ["a", "b"],
                "quick_replies": [{"text": "Yes", "action": "yes"}],
                "offer": False,
                "failure": None,
            },
        ),
        (
            Handoff(text="Bye", failure="timeout", **SHARED),
            {
                "kind": "handoff",
                "text": "Bye",
                "by": "fallback",
                "source": "",
                "failure": "timeout",
            },
        ),
        (Silence(**SHARED), {"kind": "silence", "failure": None}),
    ],
)
def test_a_plan_is_written_name_by_name(decision: Decision, own_fields: dict[str, Any]) -> None:
    """Each name stands in databases and journals that are out there, both ways."""
    closed_at = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    skipped = (Skipped(0, Reason("person", "they wrote")),)
    plan = Plan(("m1", "m2"), decision, 1, True, skipped, 7, closed_at, 3)  # noqa: FBT003
    written = {
        "message_ids": ["m1", "m2"],
        "decision": {**SHARED_JSON, **own_fields},
        "done": 1,
        "begun": True,
        "skipped": [{"number": 0, "code": "person", "text": "they wrote"}],
        "assignee_id": 7,
        "closed_at": "2026-11-25T09:30:00+00:00",
        "assigned_to": 3,
    }
    assert json.loads(json.dumps(plan.to_json())) == written
    assert Plan.from_json(written) == plan


def test_what_was_written_before_a_field_was_added_is_read() -> None:
    """The field then has its usual value."""
    plan = Plan(("m",), Handoff(reason=Reason("r", "r"), text="Bye"))
    written = json.loads(json.dumps(plan.to_json()))
    del written["decision"]["gap"], written["decision"]["failure"]
    for name in ("begun", "skipped", "assignee_id", "closed_at", "assigned_to"):
        del written[name]
    assert Plan.from_json(written) == plan


@pytest.mark.parametrize(
    ("decision", "text", "has_consequences"),
    [
        (Reply(reason=Reason("r", "r"), text="Hi", by="rule"), "Hi", False),
        (Reply(reason=Reason("r", "r"), text="Hi", by="rule", actions=(Close(),)), "Hi", True),
        (Reply(reason=Reason("r", "r"), text="Hi", by="rule", fires=("limit",)), "Hi", True),
        (Handoff(reason=Reason("r", "r"), text="Bye"), "Bye", True),
        (Handoff(reason=Reason("r", "r")), None, True),
        (Silence(reason=Reason("r", "r")), None, False),
        (Silence(reason=Reason("r", "r"), fires=("limit",)), None, True),
    ],
)
def test_what_follows_from_a_decision(
    decision: Decision,
    text: str | None,
    has_consequences: bool,  # noqa: FBT001 - a column
) -> None:
    """An action, a limit that is used up, or that people were asked."""
    plan = Plan(("m",), decision)
    assert plan.text == text
    assert plan.has_consequences is has_consequences


def test_a_plan_begins_with_nothing_done_and_counts_its_actions() -> None:
    """One by one; the plan before stays as it was."""
    plan = Plan(("m",), Silence(reason=Reason("r", "r"), actions=ACTIONS))
    later = plan.action_done().action_done()
    assert (plan.done, later.done) == (0, 2)
    assert (later.message_ids, later.decision) == (plan.message_ids, plan.decision)


def test_what_was_skipped_no_longer_counts_as_done() -> None:
    """It stands in the plan and in the journal with its reason, and closes nothing."""
    reason = Reason("superseded", "the customer has written more")
    plan = Plan(("m",), Silence(reason=Reason("r", "r"), actions=(AddTag("vip"), Close())))
    assert plan.closes
    assert plan.next_action == AddTag("vip")
    later = plan.action_done().action_begun()
    assert (later.next_action, later.begun) == (Close(), True)
    last = later.action_done(reason)
    assert (last.next_action, last.begun, last.closes) == (None, False, False)
    assert skipped_to_json(last.decision, last.skipped) == [
        {"action": "close", "code": "superseded", "text": "the customer has written more"}
    ]


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"message_ids": ["m"], "decision": {"kind": "other"}, "done": 0}, BAD_VALUE],
)
def test_what_another_version_wrote_is_no_plan(data: object) -> None:
    """A plan that cannot be read is dropped, and the turn decided anew."""
    assert Plan.from_json(data) is None


def test_a_kept_plan_holds_no_secret_but_in_what_is_sent() -> None:
    """Reasons, trace and notes may hold an error's text; the reply leaves as it was decided."""
    said = f"the key is {SECRET}"
    why = Reason("llm_failed", said)
    exact = (AddTag(said), Assign(said), SetEmail(said))
    decision = Reply(
        reason=why,
        text=said,
        by="llm",
        source=said,
        fires=(said,),
        trace=(TraceStep("llm", "failed", why),),
        quick_replies=(QuickReply(said, said),),
        actions=(*exact, Note(said), Notify(said)),
    )
    plan = Plan(("m1",), decision, skipped=(Skipped(0, why),))
    use_secrets([SECRET])
    try:
        kept = plan.to_json()
    finally:
        use_secrets(())
    hidden = "the key is [redacted]"
    resumed = Plan.from_json(json.loads(json.dumps(kept)))
    assert resumed is not None
    safe = Reason("llm_failed", hidden)
    assert resumed.skipped == (Skipped(0, safe),)
    assert resumed.decision == Reply(
        reason=safe,
        text=said,
        by="llm",
        source=said,
        fires=(said,),
        trace=(TraceStep("llm", "failed", safe),),
        quick_replies=(QuickReply(said, said),),
        actions=(*exact, Note(hidden), Notify(hidden)),
    )
