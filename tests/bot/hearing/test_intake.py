"""The first look at a message: whose it is, and whether it is new."""

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


KNOWN = Identity(frozenset({9}))
"""User 9 is a bot."""


class Classifier:
    """An intake that was just started."""

    def __init__(self, **options: Any) -> None:
        self.intake = Intake(started_at=NOW, **options)

    def __call__(self, *args: str, **fields: Any) -> Kind:
        """Classify a message with these fields."""
        return self.intake.classify(message(*args, **fields), KNOWN)


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
def test_a_message_is_classified_by_who_wrote_it(fields: dict[str, Any], kind: Kind) -> None:
    """Only a customer's new public message begins a turn."""
    assert Classifier()(**fields) is kind


def test_the_second_hearing_is_a_duplicate() -> None:
    """A shout comes on two topics; it is taken once."""
    classify = Classifier()
    assert classify(customer_id="v") is Kind.CUSTOMER
    assert classify(customer_id="v") is Kind.DUPLICATE


@pytest.mark.parametrize(("seconds", "kind"), [(300, Kind.CUSTOMER), (301, Kind.OLD)])
def test_a_clock_that_differs_a_little_makes_no_message_old(seconds: int, kind: Kind) -> None:
    """Server and bot may differ by five minutes."""
    behind = NOW - timedelta(seconds=seconds)
    assert Classifier()(customer_id="v", created_at=behind) is kind


def test_the_kinds_have_the_names_that_the_metrics_count_by() -> None:
    """Operators' charts go by them."""
    names = ["customer", "person", "own", "other_bot", "private", "duplicate", "old"]
    assert [kind.value for kind in Kind] == names


def test_what_is_remembered_is_bounded() -> None:
    """However many messages come, so many ids are kept, the newest."""
    classify = Classifier(remembered=3)
    for index in range(10):
        classify(str(index), customer_id="v")
    kinds = [classify(str(index), customer_id="v") for index in (9, 8, 7, 6)]
    assert kinds == [Kind.DUPLICATE, Kind.DUPLICATE, Kind.DUPLICATE, Kind.CUSTOMER]


def test_ten_thousand_ids_are_remembered_unless_told_otherwise() -> None:
    """More than come in the time in which a server may repeat one."""
    classify = Classifier()
    for index in range(10_001):
        classify(str(index), customer_id="v")
    assert classify("1", customer_id="v") is Kind.DUPLICATE
    assert classify("0", customer_id="v") is Kind.CUSTOMER
