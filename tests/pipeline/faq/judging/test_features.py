"""What is observed of a question, and of a phrasing as if it, or its entry, were not in the FAQ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from agentbot.pipeline.faq.judging import features
from agentbot.pipeline.faq.judging.features import Background, Feature, Observatory, Sample, Usual
from agentbot.pipeline.faq.similarity.phrasings import Phrasings
from agentbot.pipeline.faq.similarity.ridge import fit
from tests.support.faq import WordEmbedder, small_faq

TEXTS = [text for entry in small_faq() for text in entry.wordings]
OWNERS = np.repeat(np.arange(8), 6)


@dataclass
class View:
    """A FAQ's phrasings, and the place from which they are seen."""

    phrasings: Phrasings
    sample: Sample
    observatory: Observatory


def view(texts: list[str], owners: np.ndarray) -> View:
    """Return a FAQ with vectors, seen by all of its phrasings."""
    some = Phrasings(texts, owners, WordEmbedder().embed(texts))
    sample = Sample(some, np.arange(len(texts)))
    return View(some, sample, Observatory(some, sample))


def test_what_is_asked_in_the_words_of_an_entry_is_near_it() -> None:
    """The entry comes first, and every feature of it is above the others'."""
    faq = view(TEXTS, OWNERS)
    asked = ["parcel and delivery and courier"]
    ridge, _ = fit(faq.phrasings)
    texts, similar = faq.phrasings.look(asked, WordEmbedder().embed(asked))
    seen = faq.observatory.observe(asked, similar, ridge.scores(texts))
    assert seen.entries[0, 0] == 0
    assert sorted(seen.entries[0]) == list(range(8))
    assert not seen.missing.any()
    for column in (Feature.SCORE, Feature.WORDS, Feature.MEANING, Feature.LIKELIER):
        place = list(Feature).index(column)
        assert seen.features[0, 0, place] > seen.features[0, 1:, place].max()
    background = dict(zip(Background, seen.background[0], strict=True))
    assert background[Background.ENTRIES] == pytest.approx(np.log(8))
    assert background[Background.LENGTH] == pytest.approx(np.log(6))
    assert background[Background.UNKNOWN] == 0
    assert background[Background.BEST_SCORE] == seen.features[0, 0, 0]


def test_a_phrasing_held_back_is_seen_as_by_a_faq_without_it() -> None:
    """Its entry is there by its other phrasings, and no phrasing is its own neighbour."""
    faq = view(TEXTS, OWNERS)
    held = fit(faq.phrasings)[1]
    seen, right = faq.observatory.hold_back(faq.sample, held, whole=False)
    assert right.tolist() == OWNERS.tolist()
    assert (seen.entries == right[:, None]).any(axis=1).all()
    assert not seen.missing.any()
    own = faq.phrasings.look(TEXTS, WordEmbedder().embed(TEXTS))[1].words
    np.fill_diagonal(own, -1)
    best = seen.background[:, list(Background).index(Background.BEST_WORDS)]
    assert np.corrcoef(best, own.max(axis=1))[0, 1] == pytest.approx(1.0)


def test_an_entry_held_back_is_missing() -> None:
    """It has no answer, and is the last that is looked at."""
    faq = view(TEXTS, OWNERS)
    seen, right = faq.observatory.hold_back(faq.sample, fit(faq.phrasings)[1], whole=True)
    assert set(right.tolist()) == {-1}
    assert seen.entries[:, -1].tolist() == OWNERS.tolist()
    assert seen.missing[:, -1].all()
    assert not seen.missing[:, :-1].any()
    assert seen.background[0, 0] == pytest.approx(np.log(7))


def test_the_only_phrasing_of_an_entry_is_not_held_back() -> None:
    """Without it the entry would be left out."""
    faq = view(TEXTS[:7], OWNERS[:7])
    held = fit(faq.phrasings)[1]
    assert faq.observatory.hold_back(faq.sample, held, whole=False)[1].tolist() == [0] * 6
    assert len(faq.observatory.hold_back(faq.sample, held, whole=True)[1]) == 7


def test_of_a_large_faq_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the same is seen."""
    kept = view(TEXTS, OWNERS)
    monkeypatch.setattr(features, "_MOST_KEPT", 0)
    found = view(TEXTS, OWNERS)
    held = fit(kept.phrasings)[1]
    for whole in (False, True):
        one, _ = kept.observatory.hold_back(kept.sample, held, whole=whole)
        other, _ = found.observatory.hold_back(found.sample, held, whole=whole)
        assert one.features == pytest.approx(other.features, abs=1e-5)
        assert one.background == pytest.approx(other.background, abs=1e-5)


def test_one_entry_is_enough_to_observe() -> None:
    """There is no other to compare with, and nothing is left when it is held back."""
    faq = view(TEXTS[:1], OWNERS[:1])
    ridge, held = fit(faq.phrasings)
    texts, similar = faq.phrasings.look(["parcel"], WordEmbedder().embed(["parcel"]))
    asked = faq.observatory.observe(["parcel"], similar, ridge.scores(texts))
    assert np.isfinite(asked.features).all()
    seen, _ = faq.observatory.hold_back(faq.sample, held, whole=True)
    assert np.isfinite(seen.features).all()
    assert seen.missing.all()


def test_the_unit_is_drawn_towards_a_guess() -> None:
    """Where phrasings are few; without any it is the guess."""
    guess = Usual(0.4, 0.1)
    assert Usual.of(np.zeros(0), guess) is guess
    many = Usual.of(np.tile([0.1, 0.3], 500), guess)
    assert (many.mean, many.spread) == pytest.approx((0.2, 0.1), abs=0.01)
    assert 0.2 < Usual.of(np.array([0.2, 0.2]), guess).mean < 0.4
