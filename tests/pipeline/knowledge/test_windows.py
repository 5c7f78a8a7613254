"""Windows: each few sentences of a piece have a meaning of their own."""

from __future__ import annotations

import pytest

from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.knowledge.windows import windows_of


def windows(text: str, title: str = "Care") -> list[str]:
    """Return the windows of a piece."""
    return windows_of(Passage("page/care", title, text))


def test_a_short_piece_is_one_window_below_its_title() -> None:
    """Whatever its lines."""
    assert windows("By hand.\n\n- Softly.\n- Slowly.") == ["Care. By hand. - Softly. - Slowly."]
    assert windows("By hand.", title="") == ["By hand."]


def test_a_long_piece_has_several_none_of_which_tears_a_sentence() -> None:
    """And nothing of it is lost."""
    sentences = [f"Sentence number {number} of the text." for number in range(40)]
    found = windows(" ".join(sentences))
    assert len(found) > 3
    assert all(one.startswith("Care. Sentence") and one.endswith(".") for one in found)
    assert " ".join(one.removeprefix("Care. ") for one in found) == " ".join(sentences)
    assert max(map(len, found)) < 420


@pytest.mark.parametrize("text", ["x" * 1_000, "word " * 200, "| a | b |\n" * 100])
def test_what_has_no_sentences_is_cut_too(text: str) -> None:
    """Between words and lines, where there are any."""
    found = windows(text, title="")
    assert 2 < len(found) < 5
    assert max(map(len, found)) <= 420


def test_a_piece_has_twenty_at_most() -> None:
    """The rest of a large table is found by its words."""
    assert len(windows("word " * 10_000)) == 20
    assert windows("") == ["Care. "]
