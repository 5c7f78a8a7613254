"""Records are packed and come back as they were (agentbot/state/packing.py)."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from agentbot.state.export import record_from_json, record_to_json
from agentbot.state.packing import pack, replies_of, unpack
from agentbot.state.store import Claim, TurnRecord
from tests.state.test_export import RECORDS
from tests.support.states import START, record_of

CLAIM = Claim(
    "29d0dee5-87f6-4a5d-9bcd-71fc8c680e01", ("m1", "m2"), "one", 1, START + timedelta(minutes=1)
)

WRITTEN = (
    "01c348d2b9864023728dc84bd5a012081c12c519c02a065887027355497206383f60f5174c1d6a0a"
    "77c907e75b9024a8a8f0cb2f2a4facb4474ef791a9c5c06c9caa9092af879a0510d185910f0c0c75"
    "0d0c43c0c90c8830f201346ba384260e87d4c6e24ba688e045aee18d4c6b6b01"
)
"""A record of this version, as a database keeps it."""


def unpacked(record: TurnRecord) -> TurnRecord:
    """Return what comes back of a record whose columns were kept beside it."""
    return unpack(
        pack(record),
        conversation_id=record.conversation_id,
        customer_id=record.customer_id,
        settled_at=record.settled_at,
        seen_at=record.seen_at,
    )


@given(RECORDS)
def test_a_record_survives_being_packed(record: TurnRecord) -> None:
    """Whatever a customer wrote, half a character and endless numbers included."""
    assert unpacked(record) == record


class _Score(float):
    """A number of a library's own type."""


@pytest.mark.parametrize(
    "value",
    [_Score(0.5), 2**70, {3: "three"}, {"one"}, START, b"ab", replace(CLAIM, plan=None), math.pi],
)
def test_what_is_packed_is_what_an_export_says(value: object) -> None:
    """What JSON has no word for is written as ``state export`` writes it."""
    record = replace(record_of(CLAIM), turn={"value": value})
    assert unpacked(record) == record_from_json(record_to_json(record))


def test_what_stands_twice_is_stored_once() -> None:
    """The answer is in the decision too: it costs a few bytes more, whatever its length."""
    said = " ".join(f"{number * 7919} words" for number in range(60))
    once = replace(record_of(CLAIM), answer=said)
    twice = replace(once, decision={"kind": "reply", "text": said})
    assert len(pack(twice)) - len(pack(once)) < 30
    assert len(pack(once)) < len(record_to_json(once)) / 2


def test_a_form_of_a_later_version_is_not_guessed_at() -> None:
    """It says what it cannot read."""
    body = b"\x02" + pack(record_of(CLAIM))[1:]
    with pytest.raises(ValueError, match=r"unknown form b'\\x02'"):
        replies_of([body])


def test_the_form_never_changes() -> None:
    """What this version has packed is read by all that follow: another dictionary, another byte."""
    packed: dict[str, Any] = {"reply": ("m1", "m2")}
    assert replies_of([bytes.fromhex(WRITTEN)]) == packed
