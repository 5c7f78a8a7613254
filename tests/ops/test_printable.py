"""Proves ``agentbot/ops/printable.py``: nothing that is printed moves the terminal."""

from __future__ import annotations

import pytest

from agentbot.ops.printable import printable, printable_or_coloured


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with ümläuts, 👍 and\ttabs\nand lines", None),
        ("مرحبا\u200f\u200b", None),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x1b[2J\x1b[H", "\\u001b[2J\\u001b[H"),
        ("hidden\rshown", "hidden\\u000dshown"),
        ("of Windows\r\n", "of Windows\n"),
        ("\x9b2J\x7f\x00", "\\u009b2J\\u007f\\u0000"),
    ],
)
def test_what_a_terminal_obeys_is_written_out(text: str, shown: str | None) -> None:
    """All else stays as it is."""
    assert printable(text) == printable_or_coloured(text) == (text if shown is None else shown)


def test_colours_are_written_out_or_kept() -> None:
    """Commands colour what they print; nobody else is to."""
    assert printable("\x1b[1;31mred\x1b[0m") == "\\u001b[1;31mred\\u001b[0m"
    assert printable_or_coloured("\x1b[1;31mred\x1b[0m\x1b[2K") == "\x1b[1;31mred\x1b[0m\\u001b[2K"
