"""Budgets of the language model: what may be spent in a day, looked at before it is spent.

A day is one of UTC. What this process spends is counted at once, before the call; what others have
spent, or what was spent before a start, comes from the journal, in which one's own stands too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from agentbot.pipeline.decision import Reason
from agentbot.pipeline.turn import Turn

_MOST_KEPT = 50_000
"""Conversations and customers whose spendings are kept: a few megabytes, and more than one account
has in a day. Beyond that, those that have spent least are forgotten first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent in a day: tokens, and US dollars where prices are known. None: no limit."""

    day_tokens: int | None = None
    day_usd: float | None = None
    conversation_tokens: int | None = None
    conversation_usd: float | None = None
    customer_tokens: int | None = None
    customer_usd: float | None = None


@dataclass(slots=True)
class _Spent:
    tokens: float = 0.0
    usd: float = 0.0

    def add(self, tokens: float, usd: float) -> None:
        self.tokens += tokens
        self.usd += usd


@dataclass(slots=True)
class _Day:
    date: date
    total: _Spent = field(default_factory=_Spent)
    conversations: dict[str, _Spent] = field(default_factory=dict)
    customers: dict[str, _Spent] = field(default_factory=dict)
    own: dict[str, _Spent] = field(default_factory=dict)
    """By conversation, what this process has spent and has not found in the journal yet."""


class Budget:
    """What has been spent today, and what may be."""

    def __init__(
        self, limits: Limits = Limits(), *, clock: Callable[[], datetime] | None = None
    ) -> None:
        """``clock`` tells the time, aware."""
        self._limits = limits
        self._clock = clock or (lambda: datetime.now(UTC))
        self._day = _Day(self._today())

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit."""
        return self._limits != Limits()

    def refuses(self, turn: Turn, tokens: float) -> Reason | None:
        """Return why a call of about so many tokens may not be made for a turn; None: it may."""
        day, limits = self._now(), self._limits
        conversation = day.conversations.get(turn.conversation.id, _Spent())
        customer = day.customers.get(turn.customer.id, _Spent())
        for name, spent, most_tokens, most_usd in (
            ("the day", day.total, limits.day_tokens, limits.day_usd),
            ("the conversation", conversation, limits.conversation_tokens, limits.conversation_usd),
            ("the customer", customer, limits.customer_tokens, limits.customer_usd),
        ):
            if most_tokens is not None and spent.tokens + tokens > most_tokens:
                said = f"{spent.tokens:.0f} of {most_tokens} tokens of {name} are spent"
                return Reason("llm_budget", f"{said}, and this answer takes about {tokens:.0f}")
            if most_usd is not None and spent.usd >= most_usd:
                said = f"${spent.usd:.4f} of ${most_usd:.2f} of {name} are spent"
                return Reason("llm_budget", said)
        return None

    def spend(
        self, conversation_id: str, customer_id: str | None, tokens: float, usd: float | None
    ) -> None:
        """Count what was spent, or is about to be; less than 0 takes it back."""
        day = self._now()
        _add(day.own, conversation_id, tokens, usd or 0.0)
        _count(day, conversation_id, customer_id, _Spent(tokens, usd or 0.0))

    def journaled(
        self, conversation_id: str, customer_id: str | None, tokens: float, usd: float | None
    ) -> None:
        """Count what the journal says of a turn, each turn once; one's own was counted before.

        Of one conversation only one replica spends at a time: what it has spent itself there, and
        has not found in the journal yet, is what the next entry tells of.
        """
        day = self._now()
        own = day.own.get(conversation_id, _Spent())
        known = _Spent(min(max(own.tokens, 0.0), tokens), min(max(own.usd, 0.0), usd or 0.0))
        own.add(-known.tokens, -known.usd)
        if own.tokens <= 0:
            day.own.pop(conversation_id, None)
        new = _Spent(tokens - known.tokens, (usd or 0.0) - known.usd)
        _count(day, conversation_id, customer_id, new)

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()

    def _now(self) -> _Day:
        today = self._today()
        if today != self._day.date:
            self._day = _Day(today)
        return self._day


def _count(day: _Day, conversation_id: str, customer_id: str | None, spent: _Spent) -> None:
    day.total.add(spent.tokens, spent.usd)
    _add(day.conversations, conversation_id, spent.tokens, spent.usd)
    if customer_id is not None:
        _add(day.customers, customer_id, spent.tokens, spent.usd)


def _add(spent: dict[str, _Spent], key: str, tokens: float, usd: float) -> None:
    spent.setdefault(key, _Spent()).add(tokens, usd)
    if len(spent) > _MOST_KEPT:
        for least in sorted(spent, key=lambda one: spent[one].tokens)[: _MOST_KEPT // 10]:
            del spent[least]
