"""``spending.py``: what was spent before a start, and what other replicas spend, counts too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from agentbot.cli import spending
from agentbot.cli.spending import Spending
from agentbot.errors import StateUnavailable
from agentbot.pipeline.llm.budget import Budget, Limits
from agentbot.state.store import Store, TurnRecord
from tests.support.timing import within
from tests.support.turns import MONDAY_NOON, turn

LIMITS = Limits(day_tokens=100)


class Journal:
    """A store of these records, or one that is away."""

    def __init__(self, *records: TurnRecord, is_away: bool = False) -> None:
        self.since: datetime | None = None
        self.all = list(records)
        self.is_away = is_away

    async def records(self, *, since: datetime | None = None) -> AsyncIterator[TurnRecord]:
        """Yield those that are not older."""
        self.since = since
        if self.is_away:
            raise StateUnavailable("sqlite:///x", "it is away")
        for one in self.all:
            if since is None or one.settled_at >= since:
                yield one


def record(conversation: str = "conversation-1", message: str = "m", **cost: float) -> TurnRecord:
    """A turn that has cost this."""
    return TurnRecord(
        conversation_id=conversation,
        customer_id="customer-1",
        message_ids=(message,),
        outcome="replied",
        reason_code="llm",
        reason="",
        by="llm",
        source=None,
        question="",
        answer="",
        reply_id=None,
        received_at=MONDAY_NOON,
        settled_at=MONDAY_NOON,
        cost=cost,
    )


class Replica:
    """A budget of 100 tokens a day, and what tells it of the journal."""

    def __init__(
        self, journal: Journal, limits: Limits = LIMITS, *, is_shared: bool = True
    ) -> None:
        self.now = MONDAY_NOON
        self.budget = Budget(limits, clock=lambda: self.now)
        self.spending = Spending(
            self.budget, cast("Store", journal), clock=lambda: self.now, is_shared=is_shared
        )

    def refusal(self, tokens: float = 10) -> str:
        """Why so many tokens may not be spent; "": they may."""
        reason = self.budget.refuses(turn("x"), tokens)
        return "" if reason is None else reason.text


async def test_what_was_spent_before_a_restart_counts() -> None:
    """Of the same day; a restart does not double what may be spent."""
    paid = record(prompt_tokens=80.0, completion_tokens=15.0, usd=0.1)
    journal = Journal(paid, record(message="n"))
    replica = Replica(journal)
    await replica.spending.read()
    assert journal.since == datetime(2026, 11, 23, tzinfo=UTC)
    assert "95 of 100 tokens" in replica.refusal()


async def test_a_journal_that_cannot_be_asked_stops_nothing() -> None:
    """It is asked again, for all of the day; and not at all without a limit."""
    journal = Journal(record(prompt_tokens=95.0), is_away=True)
    replica = Replica(journal)
    await replica.spending.read()
    assert replica.refusal() == ""
    journal.is_away = False
    await replica.spending.read()
    assert "95 of 100" in replica.refusal()
    journal.since = None
    await Replica(journal, Limits()).spending.read()
    assert journal.since is None


async def test_what_another_replica_spends_counts_once() -> None:
    """However often the journal is read; the next look begins where the last one ended, about."""
    journal = Journal()
    replica = Replica(journal)
    await replica.spending.read()
    journal.all.append(record("another", prompt_tokens=60.0))
    for _ in range(3):
        replica.now += timedelta(seconds=15)
        await replica.spending.read()
    assert journal.since == MONDAY_NOON + timedelta(seconds=30 - 60)
    assert replica.refusal(40) == ""
    assert "60 of 100" in replica.refusal(41)


async def test_ones_own_turns_are_not_counted_twice() -> None:
    """They are counted before the call, and stand in the journal later: also beside another's."""
    journal = Journal()
    replica = Replica(journal)
    replica.budget.spend("conversation-1", "customer-1", 40, 0.5)
    journal.all.append(record(prompt_tokens=30.0, completion_tokens=10.0, usd=0.5))
    await replica.spending.read()
    assert "40 of 100" in replica.refusal(61)
    journal.all.append(record(message="n", prompt_tokens=20.0))  # the next turn, by another
    await replica.spending.read()
    assert "60 of 100" in replica.refusal(41)


async def test_a_new_day_begins_with_nothing() -> None:
    """Whatever was read of the last one."""
    journal = Journal(record(prompt_tokens=95.0))
    replica = Replica(journal)
    await replica.spending.read()
    replica.now += timedelta(hours=12, seconds=10)
    await replica.spending.read()
    assert journal.since == datetime(2026, 11, 24, tzinfo=UTC)
    assert replica.refusal(100) == ""
    journal.all.append(replace(record("c", prompt_tokens=7.0), settled_at=replica.now))
    await replica.spending.read()
    assert "7 of 100" in replica.refusal(94)


async def test_it_looks_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the bot runs."""
    monkeypatch.setattr(spending, "EVERY", 0.0)
    journal = Journal()
    replica = Replica(journal)
    reads = 0

    async def read() -> None:
        nonlocal reads
        reads += 1
        if reads == 3:
            raise KeyError

    monkeypatch.setattr(replica.spending, "read", read)
    async with within(20):
        with pytest.raises(KeyError):
            await replica.spending.follow()
    assert reads == 3


@pytest.mark.parametrize(("limits", "is_shared"), [(LIMITS, False), (Limits(), True)])
async def test_where_nobody_else_spends_it_does_not_look(
    limits: Limits, *, is_shared: bool
) -> None:
    """Nor where nothing is limited: what is spent is counted here, or need not be counted."""
    journal = Journal(record(prompt_tokens=95.0))
    async with within(20):
        await Replica(journal, limits, is_shared=is_shared).spending.follow()
    assert journal.since is None
