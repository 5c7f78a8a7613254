"""JSON that a customer had a hand in."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.papercups.tolerant import loads

LONG = b"9" * 5000
DEEP = b"[" * 3000 + b'"]"' + b"]" * 3000


def test_a_number_without_end_is_none() -> None:
    """The rest is as it was; digits in a text are no number."""
    text = b'{"a": -%b, "b": [1.5, %b], "c": "%b \\"", "d": 1e300}' % (LONG, LONG, LONG)
    read = loads(text)
    assert read == {"a": None, "b": [1.5, None], "c": LONG.decode() + ' "', "d": 1e300}


def test_what_lies_too_deep_is_none() -> None:
    """Whatever stands beside it is kept, brackets within texts included."""
    read = loads(b'{"data": [%b, {"x": "]}"}, %b], "next": "n"}' % (DEEP, DEEP))
    first, second, third = read["data"]
    assert (second, read["next"]) == ({"x": "]}"}, "n")
    assert first == third
    depth = 0
    while isinstance(first, list):
        [first] = first
        depth += 1
    assert (first, depth) == (None, 98)


@pytest.mark.parametrize("text", [b"", b"<html>[1, {2}]</html>", b"{", b"[1", b'"', DEEP[:-1]])
def test_what_is_no_json_is_none_of_it(text: bytes) -> None:
    """It is told as always."""
    with pytest.raises(ValueError):  # noqa: PT011 - what the parsers' errors have in common
        loads(text)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(anything)
@pytest.mark.parametrize("bad", [LONG, DEEP])
def test_the_rest_of_a_page_is_never_touched(bad: bytes, value: Any) -> None:  # noqa: ANN401 - JSON
    """Beside what no parser takes stands what it was."""
    good = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    read = loads(b'{"bad": [%b], "good": %b}' % (bad, good))
    assert read["good"] == value
    assert read["bad"] != []


def test_a_page_of_many_brackets_takes_no_time_to_speak_of() -> None:
    """Nothing is looked at twice: the work grows with the text, and no faster."""
    page = b'{"bad": %b, "good": [%b0]}' % (DEEP, b'"[\\"", {"a": []}, ' * 20_000)
    assert len(loads(page)["good"]) == 40_001


@pytest.mark.parametrize(("digits", "is_kept"), [(300, True), (301, False)])
def test_a_whole_number_is_kept_as_long_as_a_double_has_room_for_it(
    digits: int,
    is_kept: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """In what the quick reader cannot read for its depth."""
    deep = b"[" * 1100 + b"]" * 1100
    number, _ = loads(b"[" + b"9" * digits + b"," + deep + b"]")
    assert number == (int("9" * digits) if is_kept else None)
