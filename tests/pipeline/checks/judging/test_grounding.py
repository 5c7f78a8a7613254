"""Proves `agentbot.pipeline.checks.judging.grounding`: claims are judged by their best source."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.checks.judging.evidence import Floats
from agentbot.pipeline.checks.judging.grounding import Ground, Grounding
from agentbot.pipeline.files.texts import Language
from tests.bench.bound import OPEN, pairs

SOURCE = "You can send anything back within 30 days, unused and in its box."
OTHER = "Tea is kept dry and dark."
WORDS = Grounding()


def test_a_claim_is_judged_by_the_source_that_supports_it() -> None:
    """Wherever it stands among others."""
    grounds = [WORDS.ground(OTHER, "en"), WORDS.ground(SOURCE, "en")]
    bar = WORDS.bar("en", 0.9)
    assert WORDS.judge("You can send it back within 30 days.", grounds, "en").probability > bar
    assert WORDS.judge("Tea is kept dry.", grounds, "en").probability > bar
    assert WORDS.judge("Coffee comes from Kenya.", grounds, "en").probability < bar / 4


def test_a_contradicted_claim_has_hardly_a_chance() -> None:
    """And it is said how it is contradicted."""
    found = WORDS.judge(
        "You can send anything back within 13 days.", [WORDS.ground(SOURCE, "en")], "en"
    )
    assert found.contradiction
    assert found.probability < 0.2


def test_without_a_source_nothing_is_grounded() -> None:
    """There is none to rest on."""
    assert WORDS.judge("Tea is dry.", [], "en").probability == 0


def test_sources_are_read_once() -> None:
    """As long as they are kept."""
    assert WORDS.ground(SOURCE, "en") is WORDS.ground(SOURCE, "en")
    assert WORDS.ground(SOURCE, "en") is not WORDS.ground(SOURCE, "de")


def test_vectors_are_asked_for_once_a_text_and_in_english_only() -> None:
    """They are kept for the next claim."""
    asked = []

    def states(text: str) -> tuple[tuple[str, ...], Floats]:
        asked.append(text)
        words = tuple(text.lower().split())
        return words, np.full((len(words), 4), 0.5, dtype=np.float32)

    vectors = Grounding(states)
    ground = vectors.ground("Tea is dry", "en")
    first = vectors.judge("Tea is dry", [ground], "en").probability
    assert vectors.judge("Tea is dry", [ground], "en").probability == pytest.approx(first)
    assert asked == ["Tea is dry"]
    vectors.judge("Tee ist trocken", [vectors.ground("Tee ist trocken", "de")], "de")
    assert len(asked) == 1


def test_the_sources_that_were_asked_for_last_are_kept() -> None:
    """The one that was asked for longest ago is read anew."""
    grounding = Grounding()
    first = grounding.ground("first", "en")
    others = [grounding.ground(f"text {number}", "en") for number in range(510)]
    last = grounding.ground("last", "en")
    assert grounding.ground("first", "en") is first  # 512 are kept, and now it is the newest
    grounding.ground("one more", "en")
    assert grounding.ground("first", "en") is first
    assert grounding.ground("last", "en") is last
    assert grounding.ground("text 1", "en") is others[1]
    assert grounding.ground("text 0", "en") is not others[0]


def test_the_vectors_that_were_asked_for_last_are_kept() -> None:
    """Those of 64 texts."""
    asked = []

    def states(text: str) -> tuple[tuple[str, ...], Floats]:
        asked.append(text)
        return (text,), np.ones((1, 4), dtype=np.float32)

    def claim(number: int) -> str:
        return "Tea" + " " * number + "."  # another text of the same words

    vectors = Grounding(states)
    ground = vectors.ground("Tea", "en")
    for number in range(63):
        vectors.judge(claim(number), [ground], "en")
    vectors.judge(claim(0), [ground], "en")
    assert len(asked) == 64
    vectors.judge(claim(63), [ground], "en")
    vectors.judge(claim(1), [ground], "en")
    assert asked[64:] == [claim(63)]
    vectors.judge(claim(0), [ground], "en")
    assert asked[65:66] == [claim(0)]


def test_no_vectors_are_asked_for_where_words_rule_a_claim_out() -> None:
    """Nor do they change what is said of it."""

    def states(text: str) -> tuple[tuple[str, ...], Floats]:
        raise AssertionError(text)

    vectors = Grounding(states)
    claim = "I think you like coffee from Kenya, do you?"
    found = vectors.judge(claim, [vectors.ground(OTHER, "en")], "en")
    assert found == WORDS.judge(claim, [WORDS.ground(OTHER, "en")], "en")
    with pytest.raises(AssertionError):
        vectors.judge("Tea is dry.", [vectors.ground(OTHER, "en")], "en")


def test_a_title_belongs_to_its_text() -> None:
    """It supports too."""
    titled = WORDS.ground("It is €9.", "en", "How much is shipping to Norway?")
    bare = WORDS.ground("It is €9.", "en")
    claim = "Shipping to Norway is €9."
    found = WORDS.judge(claim, [titled], "en").probability
    assert found > WORDS.judge(claim, [bare], "en").probability


EVERY, FOUND = 2, 400
"""Each second open pair is judged; and of their wrong claims so many are found, by words alone."""


def test_the_open_pairs_are_told_apart_by_words_alone() -> None:
    """No right claim is contradicted, and no fewer wrong ones are found than were."""
    grounds: dict[tuple[str, Language, str], Ground] = {}
    found = 0
    for pair in list(pairs(OPEN))[::EVERY]:
        key = pair.source, pair.language, pair.title
        if key not in grounds:
            grounds[key] = Ground(*key)
        why = grounds[key].contradiction(pair.claim, ("", pair.asked))
        assert not (pair.right and why), (pair.claim, why)
        found += bool(why)
    assert found >= FOUND


def test_a_contradiction_counts_most_in_the_sources_own_words() -> None:
    """Put otherwise, it may be one with another clause."""
    ground = WORDS.ground(SOURCE, "en")
    same = "You cannot send anything back within 30 days, unused and in its box."
    found = WORDS.judge(same, [ground], "en")
    assert found.probability == pytest.approx(0.2 * found.likeness)
    found = WORDS.judge("You can send anything back within 13 days.", [ground], "en")
    assert found.probability == pytest.approx(0.3 * found.likeness)
