"""What may be spent is looked at before it is, by day, conversation and customer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentbot.pipeline.llm.budget import _MOST_KEPT, Budget, Limits
from agentbot.pipeline.turn import Conversation, Customer
from tests.support.turns import MONDAY_NOON, turn

ASKED = turn("x")


def test_nothing_is_limited_by_default() -> None:
    """However much is spent."""
    budget = Budget()
    budget.spend("conversation-1", "customer-1", 1e9, 1e6)
    assert budget.refuses(ASKED, 1e9) is None
    assert not budget.is_limited


@pytest.mark.parametrize(
    ("limits", "of"),
    [
        (Limits(day_tokens=100), "the day"),
        (Limits(conversation_tokens=100), "the conversation"),
        (Limits(customer_tokens=100), "the customer"),
        (Limits(day_usd=0.5), "the day"),
        (Limits(conversation_usd=0.5), "the conversation"),
        (Limits(customer_usd=0.5), "the customer"),
    ],
)
def test_each_limit_is_kept(limits: Limits, of: str) -> None:
    """Tokens with those that the next answer takes; dollars once they are gone."""
    budget = Budget(limits)
    assert budget.is_limited
    budget.spend("conversation-1", "customer-1", 90, 0.4)
    assert budget.refuses(ASKED, 10) is None
    budget.spend("conversation-1", "customer-1", 10, 0.1)
    reason = budget.refuses(ASKED, 10)
    assert reason is not None
    assert reason.code == "llm_budget"
    assert f"of {of} are spent" in reason.text


def test_what_others_spend_is_theirs() -> None:
    """But for the day's."""
    budget = Budget(Limits(conversation_tokens=100, customer_tokens=150))
    budget.spend("conversation-1", "customer-1", 100, None)
    other = turn("x", conversation=Conversation(id="c2"), customer=Customer(id="customer-2"))
    assert budget.refuses(other, 50) is None
    same = turn("x", conversation=Conversation(id="c2"))
    assert budget.refuses(same, 50) is None
    reason = budget.refuses(same, 51)
    assert reason is not None
    assert "the customer" in reason.text


def test_the_next_day_begins_anew() -> None:
    """By UTC, whatever happened before."""
    now = MONDAY_NOON
    budget = Budget(Limits(day_tokens=100), clock=lambda: now)
    budget.spend("c", None, 100, None)
    assert budget.refuses(ASKED, 1) is not None
    now += timedelta(hours=11, minutes=59)
    assert budget.refuses(ASKED, 1) is not None
    now += timedelta(minutes=1)
    assert budget.refuses(ASKED, 1) is None


def test_what_is_kept_is_bounded() -> None:
    """Those that spent least are forgotten; the day's sum is not."""
    budget = Budget(Limits(conversation_tokens=5))
    budget.spend("conversation-1", None, 5, None)
    for number in range(_MOST_KEPT + 10):
        budget.spend(f"c{number}", None, 1, None)
    assert len(budget._day.conversations) <= _MOST_KEPT
    assert budget.refuses(ASKED, 1) is not None
    assert budget._day.total.tokens == _MOST_KEPT + 15
