"""Questions in another language than the FAQ's: meaning speaks for their words."""

from __future__ import annotations

import numpy as np
import pytest

from agentbot.pipeline.faq.judging.crossing import Crossing, by_meaning_alone
from agentbot.pipeline.faq.judging.features import Background, Feature, Observation

ENGLISH = ["Where is my order?", "Can I send it back?", "what does the shipping cost"]
GERMAN = ["Wo ist meine Bestellung?", "Kann ich das zurückschicken?", "was kostet der Versand"]
NEAR = list(Feature).index(Feature.MEANING)
UNKNOWN = list(Background).index(Background.UNKNOWN)


def observed(*unknown: float) -> Observation:
    """Return what was seen of questions whose words the FAQ lacks by these shares."""
    count = len(unknown)
    features = np.full((count, 2, len(Feature)), 0.5)
    features[:, 1, NEAR] = -1.0
    background = np.full((count, len(Background)), 0.5)
    background[:, UNKNOWN] = unknown
    entries = np.tile(np.arange(2), (count, 1))
    return Observation(entries, np.zeros((count, 2), dtype=bool), features, background)


@pytest.mark.parametrize(
    ("phrasings", "text", "crosses"),
    [
        (ENGLISH, "wo bleibt mein Paket", True),
        (ENGLISH, "wher is my parcle", False),
        (GERMAN, "wo bleibt mein Paket", False),
        (GERMAN, "where is my parcel", True),
        (GERMAN, "où est mon colis, je ne le trouve pas", True),
        ([*GERMAN, *ENGLISH, *ENGLISH], "wo bleibt mein Paket", True),
    ],
)
def test_which_questions_cross(phrasings: list[str], text: str, *, crosses: bool) -> None:
    """Those of another language than most phrasings, as far as languages can be told."""
    seen = observed(0.9)
    heard = Crossing(phrasings).heard([text], seen)
    assert (heard.background[0, UNKNOWN] != 0.9) == crosses
    assert (heard is seen) != crosses


def test_known_words_are_heard() -> None:
    """Where the FAQ has most words of a foreign question, it has phrasings in that language."""
    seen = observed(0.9, 0.5)
    heard = Crossing(ENGLISH).heard(["wo ist mein Paket", "wo ist mein Paket"], seen)
    np.testing.assert_array_equal(heard.features[1], seen.features[1])
    assert (heard.features[0] != seen.features[0]).any()


def test_meaning_speaks_for_words() -> None:
    """Nearer in meaning is likelier by words too; what has no part of words stays."""
    seen = observed(1.0, 1.0)
    heard = by_meaning_alone(seen, np.array([True, False]))
    for feature in (Feature.WORDS, Feature.LIKELIER, Feature.COVERED):
        first, second = heard.features[0, :, list(Feature).index(feature)]
        assert first > second
    np.testing.assert_array_equal(heard.features[0, :, NEAR], seen.features[0, :, NEAR])
    assert heard.background[0, UNKNOWN] < 0.5
    np.testing.assert_array_equal(heard.features[1], seen.features[1])
    np.testing.assert_array_equal(heard.background[1], seen.background[1])


def test_scores_are_raised_by_what_words_would_have_added() -> None:
    """The square by the square of it."""
    heard = by_meaning_alone(observed(1.0), np.array([True]))
    score, square = (
        heard.features[0, 0, list(Feature).index(feature)]
        for feature in (Feature.SCORE, Feature.SCORE_SQUARED)
    )
    assert (score / 0.5) ** 2 == pytest.approx(square / 0.5)
    assert score > 0.5
