"""A parameter: which values it takes, and where they are found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.tools.file import ParameterModel
from agentbot.pipeline.tools.parameter import Parameter, Value
from agentbot.pipeline.turn import Author, Customer
from tests.support.tools import facts
from tests.support.turns import MONDAY_NOON, message, turn
from tests.support.words import WORDS


def _parameter(**model: object) -> Parameter:
    return Parameter.of("order", ParameterModel.model_validate(model))


@pytest.mark.parametrize(
    ("model", "given", "value"),
    [
        ({"pattern": r"[A-Z]{2}\d{6}"}, " FF123456 ", "FF123456"),
        ({}, 4711, "4711"),
        ({"type": "integer", "minimum": 1, "maximum": 99}, "12", 12),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "boolean"}, "true", True),
        ({"type": "date"}, "2026-11-26", "2026-11-26"),
        ({"one_of": ["red", "blue"]}, "red", "red"),
    ],
)
def test_values_of_its_type_are_taken(
    model: dict[str, object], given: object, value: Value
) -> None:
    """Written as texts, too: a rule's are."""
    assert _parameter(**model).value(given) == value


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ({"pattern": r"[A-Z]{2}\d{6}"}, "FF123456x"),
        ({"pattern": r"[A-Z]{2}\d{6}"}, "xFF123456"),
        ({"pattern": r"a|b"}, "ac"),
        ({"pattern": r"\d+"}, "1\n2"),
        ({}, ""),
        ({}, "   "),
        ({}, "x" * 101),
        ({}, "a\r\nHost: evil.example"),
        ({}, "a\x00b"),
        ({}, "\ud800"),
        ({}, None),
        ({}, ["a"]),
        ({}, {"a": 1}),
        ({"type": "integer", "minimum": 1, "maximum": 99}, "100"),
        ({"type": "integer"}, "1.5"),
        ({"type": "number"}, "nan"),
        ({"type": "number"}, "inf"),
        ({"type": "boolean"}, "perhaps"),
        ({"type": "date"}, "2026-02-30"),
        ({"type": "date"}, "26.11.2026"),
        ({"one_of": ["red", "blue"]}, "green"),
    ],
)
def test_any_other_value_is_refused(model: dict[str, object], given: object) -> None:
    """Without being repeated: it may be anything."""
    with pytest.raises(ValueError, match=r"order (?:does not fit|is too long)|day|month") as caught:
        _parameter(**model).value(given)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Where is FF123456?", "FF123456"),
        ("where is my order (#FF123456), please", "FF123456"),
        ("order\nFF123456", "FF123456"),
        ("It is FF 123456!", "FF123456"),
        ("FF123456 or FF654321", "FF123456"),
        ("XFF123456 FF12345", None),
        ("hello", None),
        ("", None),
    ],
)
def test_a_message_is_searched_for_what_fits(said: str, found: str | None) -> None:
    """Word by word, without the signs around it; the first that fits counts."""
    parameter = _parameter(**{"pattern": r"[A-Z]{2}\d{6}", "from": "message"})
    assert parameter.found_in(facts(said)) == found


@given(st.text(max_size=400))
def test_whatever_is_found_fits(text: str) -> None:
    """In any message."""
    parameter = _parameter(**{"pattern": r"\d{1,3}", "from": "message"})
    found = parameter.found_in(facts(text))
    assert found is None or parameter.value(found) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("customer.email", "vera@example.com"),
        ("customer.name", "Vera"),
        ("customer.id", "c1"),
        ("customer.page", None),
        ("customer.metadata.account", "A7"),
        ("customer.metadata.nothing", None),
        ("customer.metadata.deep", None),
    ],
)
def test_what_is_known_of_the_customer_is_found(source: str, found: str | None) -> None:
    """As far as it is a plain value; and nobody else may say it."""
    customer = Customer(
        id="c1",
        name="Vera",
        email="vera@example.com",
        metadata={"account": "A7", "deep": {"a": 1}},
    )
    parameter = _parameter(**{"from": source})
    assert parameter.found_in(facts("?", customer)) == found
    assert not parameter.is_callers


def test_a_model_is_told_its_type() -> None:
    """As JSON Schema."""
    text = _parameter(about="The number.", pattern="[A-Z]+")
    assert text.schema == {
        "type": "string",
        "description": "The number.",
        "pattern": "^(?:[A-Z]+)$",
    }
    number = _parameter(type="integer", minimum=1)
    assert number.schema == {"type": "integer", "minimum": 1.0}
    assert _parameter(type="date").schema == {"type": "string", "format": "date"}
    assert _parameter(one_of=["a"]).schema == {"type": "string", "enum": ["a"]}


def test_what_was_said_before_counts_where_this_message_holds_nothing() -> None:
    """The customer's own words alone, the newest first; and not where only this message may."""
    before = [
        message("FF000001", at=MONDAY_NOON - timedelta(minutes=9)),
        message("It is FF000002.", at=MONDAY_NOON - timedelta(minutes=8)),
        message("FF000003?", author=Author.BOT, at=MONDAY_NOON - timedelta(minutes=7)),
    ]
    parameter = _parameter(**{"pattern": r"[A-Z]{2}\d{6}", "from": "message"})

    def found(text: str, *, earlier: bool = True) -> object:
        asked = Facts(turn(text, history=before), FactSources(words=WORDS))
        return parameter.found_in(asked, earlier=earlier)

    assert found("Where is my order?") == "FF000002"
    assert found("Where is FF000004?") == "FF000004"
    assert found("Where is my order?", earlier=False) is None


def test_bounds_are_included() -> None:
    """A text as long as it may be, and as short."""
    assert _parameter(max_length=3).value("abc") == "abc"
    assert _parameter(max_length=3).value("a") == "a"
    assert _parameter(type="integer", minimum=1, maximum=3).schema["maximum"] == 3.0
    parameter = _parameter(type="integer", minimum=1, maximum=3)
    assert [parameter.value(1), parameter.value(3)] == [1, 3]
    with pytest.raises(ValueError, match="does not fit"):
        parameter.value(0)
