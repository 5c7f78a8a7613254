"""By words: how much of what is asked a text holds."""

from __future__ import annotations

from math import log

import pytest

from agentbot.pipeline.knowledge.by_words import WordIndex, telling_words

TEXTS = [
    "Cups may go into the dishwasher, plates may not.",
    "Parcels to Norway take four days. " * 5,
    "Caf\u00e9 in Bergen: teas and cakes. \u00d8l. \u0426\u0435\u043d\u0430.",
]


def test_the_text_with_the_words_is_nearest() -> None:
    """Whatever their endings, accents and case."""
    index = WordIndex(TEXTS)
    for number, asked in enumerate(["CUP in a dishwasher?", "parcel to norway", "cafe tea ol"]):
        scores = index.scores(asked)
        assert scores.argmax() == number
        assert 0.3 < scores[number] <= 1.0


def test_words_of_any_question_hardly_count() -> None:
    """Else whatever begins so would be near."""
    index = WordIndex(["Do you have cups?", "Dogs are welcome."])
    scores = index.scores("do you have dogs")
    assert scores[1] > scores[0] < 0.3


def test_what_no_text_has_counts_against_all() -> None:
    """And a question of nothing but such words is near to nothing."""
    index = WordIndex(TEXTS)
    assert index.scores("dishwasher").max() > 2 * index.scores("dishwasher xylophone").max() > 0
    assert not index.scores("xylophone").any()
    assert not index.scores("").any()


def test_an_index_made_of_another_is_the_same() -> None:
    """What both have is not counted again."""
    before = WordIndex(TEXTS[:2])
    mine, theirs = WordIndex(TEXTS, before), WordIndex(TEXTS)
    for asked in ("cup", "norway", "tea"):
        assert mine.scores(asked).tolist() == theirs.scores(asked).tolist()
    assert not len(WordIndex([]).scores("x"))


def test_a_text_beyond_ascii_has_the_same_words() -> None:
    """Though they are folded one by one."""
    assert sorted(telling_words("na\u00efve Stra\u00dfen, cups")) == ["cup", "naiv", "strassen"]


def test_a_script_without_spaces_is_compared_by_two_signs() -> None:
    """Its words stand side by side."""
    index = WordIndex(["\u514d\u8cbb\u9001\u8ca8\u3002", "\u9000\u8ca8\u6d41\u7a0b"])
    scores = index.scores("\u4f60\u5011\u9001\u8ca8\u55ce")
    assert scores[0] > 0 == scores[1]


def _rarity(holding: int, texts: int) -> float:
    return log(1 + (texts - holding + 0.5) / (holding + 0.5))


def test_a_score_is_bm25_brought_to_one() -> None:
    """Counted by hand: of two texts of four and two words, as if there were twenty."""
    index = WordIndex(["cup cup plate tray", "plate knife"])
    rare, seen, unknown = _rarity(1, 20), _rarity(2, 20), _rarity(0, 20)
    twice = 2 * 2.2 / (2 + 1.2)
    long, short = (1.2 * (0.25 + 0.75 * size / 3) for size in (4, 2))

    assert index.scores("cup").tolist() == pytest.approx([2 * 2.2 / (2 + long) / twice, 0])
    assert index.scores("plate").tolist() == pytest.approx(
        [2.2 / (1 + long) / twice, 2.2 / (1 + short) / twice]
    )
    of_both = (rare + seen) * twice
    assert index.scores("knife plate knife")[1] == pytest.approx(
        (rare + seen) * 2.2 / (1 + short) / of_both
    )
    with_unknown = (seen + unknown) * twice
    assert index.scores("plate xylophone")[0] == pytest.approx(
        seen * 2.2 / (1 + long) / with_unknown
    )
    with_common = (seen + 0.25 * unknown) * twice
    assert index.scores("have plate")[0] == pytest.approx(seen * 2.2 / (1 + long) / with_common)
    assert WordIndex([""]).scores("cup").tolist() == [0]


@pytest.mark.parametrize(
    ("word", "stem"),
    [("washing", "wash"), ("wing", "wing"), ("bees", "bee"), ("used", "used"), ("goes", "goe")],
)
def test_an_ending_leaves_three_letters(word: str, stem: str) -> None:
    """Else it is none."""
    assert telling_words(word) == [stem]


def test_one_sign_of_a_script_without_spaces_is_a_word() -> None:
    """Two of them are one too, and of three each two."""
    assert telling_words("貨") == ["貨"]
    assert telling_words("送貨") == ["送貨"]
    assert telling_words("免送貨") == ["免送", "送貨"]
