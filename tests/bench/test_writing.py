"""``writing.py``: a question is written otherwise, and is still in there."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.sets import Question
from tests.bench.writing import WAYS, written

ASKED = "where is my new card? it was to come on monday"


@pytest.mark.parametrize(
    ("way", "longer_by"),
    [("greeted", (40, 70)), ("chatted", (350, 500)), ("at the end", (1000, 1500))],
)
def test_what_surrounds_a_question_leaves_it_whole(way: str, longer_by: tuple[int, int]) -> None:
    """So many characters come to it."""
    text = WAYS[way](ASKED, np.random.default_rng(0))
    assert ASKED in text
    least, most = longer_by
    assert least <= len(text) - len(ASKED) <= most


def test_capitals_are_the_same_letters() -> None:
    """With two marks behind."""
    assert WAYS["shouted"](ASKED, np.random.default_rng(0)).lower() == f"{ASKED}!!"


def test_one_character_in_twelve_is_a_slip() -> None:
    """On average; each of the four kinds happens, and the seed decides where."""
    questions = [Question(ASKED, "card")] * 200
    first = written(questions, "mistyped", seed=1)
    assert first == written(questions, "mistyped", seed=1) != written(questions, "mistyped", seed=2)
    assert {one.entry for one in first} == {"card"}
    lengths = {len(one.text) - len(ASKED) for one in first}
    assert {-1, 0, 1} <= lengths
    same = sum(
        one == other
        for question in first
        if len(question.text) == len(ASKED)
        for one, other in zip(question.text, ASKED, strict=True)
    )
    kept_length = sum(len(question.text) == len(ASKED) for question in first)
    assert 0.7 < same / (kept_length * len(ASKED)) < 0.96
    assert sum(question.text == ASKED for question in first) < 20
