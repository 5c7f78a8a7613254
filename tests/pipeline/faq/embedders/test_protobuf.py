"""Protocol Buffers' encoding: the examples of its own page, and what is no message."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.embedders.protobuf import Field, fields, message


def test_a_number_of_two_bytes() -> None:
    """The page's first example: field 1 is 150."""
    assert list(fields(b"\x08\x96\x01")) == [Field(1, 150, 0, 1, 3)]


def test_a_text() -> None:
    """The page's second one: field 2 is "testing"."""
    data = b"\x12\x07testing"
    (field,) = fields(data)
    assert (field.number, data[field.inner : field.end]) == (2, b"testing")


def test_numbers_of_a_fixed_length_are_passed_over() -> None:
    """Of eight and of four bytes; the field behind them is found."""
    data = b"\x09" + bytes(8) + b"\x15" + bytes(4) + b"\x18\x05"
    assert [(one.number, one.value) for one in fields(data)] == [(1, 0), (2, 0), (3, 5)]


def test_a_part_of_the_data_is_looked_at_alone() -> None:
    """As is done for a message in a message."""
    data = b"\x08\x01\x1a\x02\x08\x07\x08\x02"
    inner = next(one for one in fields(data) if one.number == 3)
    assert [one.value for one in fields(data, inner.inner, inner.end)] == [7]


@pytest.mark.parametrize("length", [0, 127, 128, 40_000])
def test_what_is_written_is_read_back(length: int) -> None:
    """Whatever the length: it takes one byte, two or three."""
    data = message(100, b"x" * length)
    (field,) = fields(data)
    assert (field.number, data[field.inner : field.end]) == (100, b"x" * length)


@pytest.mark.parametrize(("data", "error"), [(b"\x0b", ValueError), (b"\x08\x96", IndexError)])
def test_what_is_no_message(data: bytes, error: type[Exception]) -> None:
    """A kind that there is no more, and a number that is broken off."""
    with pytest.raises(error):
        list(fields(data))
