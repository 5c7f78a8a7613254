"""Whose a message is, and whether it is new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentbot.bot.hearing.intake import Intake, Kind
from agentbot.bot.proof import Identity, mark
from agentbot.papercups.models import Message

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def message(id_: str = "m", **fields: Any) -> Message:
    """Return a message of just now."""
    return Message(**{"id": id_, "conversation_id": "c", "created_at": NOW, **fields})


def intake(**options: Any) -> Intake:
    """Return an intake that knows user 9 for a bot."""
    return Intake(Identity(frozenset({9})), started_at=NOW, **options)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"customer_id": "v"}, Kind.CUSTOMER),
        ({"user_id": 7}, Kind.PERSON),
        ({"user_id": 9}, Kind.OTHER_BOT),
        ({"type": "bot"}, Kind.OTHER_BOT),
        ({"type": "bot", "metadata": mark(["x"], by="rule", source="")}, Kind.OWN),
        (
            {"user_id": 1, "type": "bot", "metadata": mark(["x"], by="rule", source="")},
            Kind.OWN,
        ),
        ({"user_id": 7, "metadata": mark(["x"], by="rule", source="")}, Kind.PERSON),
        ({"user_id": 7, "private": True, "type": "note"}, Kind.PRIVATE),
        ({"customer_id": "v", "created_at": NOW - timedelta(hours=1)}, Kind.OLD),
    ],
)
def test_a_message_is_sorted_by_who_wrote_it(fields: dict[str, Any], kind: Kind) -> None:
    """Only a customer's new public message begins a turn."""
    assert intake().classify(message(**fields)) is kind


def test_the_second_hearing_is_a_duplicate() -> None:
    """A shout comes on two topics; it is taken once."""
    sorter = intake()
    assert sorter.classify(message(customer_id="v")) is Kind.CUSTOMER
    assert sorter.classify(message(customer_id="v")) is Kind.DUPLICATE


def test_a_clock_that_differs_a_little_makes_no_message_old() -> None:
    """Server and bot may differ by minutes."""
    behind = NOW - timedelta(minutes=4)
    assert intake().classify(message(customer_id="v", created_at=behind)) is Kind.CUSTOMER


def test_what_is_remembered_is_bounded() -> None:
    """However many messages come, so many ids are kept, the newest."""
    sorter = intake(remembered=3)
    for index in range(10):
        sorter.classify(message(str(index), customer_id="v"))
    assert len(sorter._seen) == 3
    assert sorter.classify(message("9", customer_id="v")) is Kind.DUPLICATE
