"""The regression finds the entry, and says at no cost what it would without a phrasing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from agentbot.pipeline.faq.similarity import ridge
from agentbot.pipeline.faq.similarity.phrasings import Phrasings
from agentbot.pipeline.faq.similarity.ridge import Ridge, fit
from tests.support.faq import WordEmbedder, small_faq

TEXTS = [text for entry in small_faq() for text in entry.wordings]
OWNERS = np.repeat(np.arange(8), 6)


def phrasings(places: Sequence[int], *, vectors: bool) -> Phrasings:
    """Return some of the phrasings, with their entries numbered anew."""
    texts = [TEXTS[place] for place in places]
    owners = np.unique(OWNERS[list(places)], return_inverse=True)[1]
    return Phrasings(texts, owners, WordEmbedder().embed(texts) if vectors else None)


def scores(ridge: Ridge, of: Phrasings, texts: list[str], *, vectors: bool) -> np.ndarray:
    """Return the classifier's scores of some texts."""
    return ridge.scores(of.look(texts, WordEmbedder().embed(texts) if vectors else None)[0])


@pytest.mark.parametrize("vectors", [False, True], ids=["words", "vectors"])
def test_the_right_entry_scores_about_one(vectors: bool) -> None:  # noqa: FBT001 - a parameter
    """Others about nothing, and so does everything for a foreign text."""
    some = phrasings(range(len(TEXTS)), vectors=vectors)
    ridge, _ = fit(some)
    found = scores(ridge, some, [*TEXTS, "zebra quantum violin"], vectors=vectors)
    assert (found[:-1].argmax(axis=1) == OWNERS).all()
    assert found[:-1].max(axis=1).mean() > 0.5
    assert found[-1].max() < 0.2


@pytest.mark.parametrize("vectors", [False, True], ids=["words", "vectors"])
def test_held_back_is_as_if_it_had_not_been_there(vectors: bool) -> None:  # noqa: FBT001 - as above
    """A phrasing or a whole entry: the same as learning anew without it, in the same kernel."""
    whole = phrasings(range(len(TEXTS)), vectors=vectors)
    ridge, held = fit(whole)
    place = 8
    for left_out, found in (
        (np.array([place]), held.without_phrasing(np.array([place]))[0]),
        (np.flatnonzero(OWNERS[place] == OWNERS), held.without_entry(np.array([place]))[0]),
    ):
        kept = np.setdiff1d(np.arange(len(TEXTS)), left_out)
        kernel = ridge.kernel(whole.own, whole.own).astype(np.float64)
        truth = np.eye(8)[OWNERS]
        weights = np.linalg.solve(kernel[np.ix_(kept, kept)] + 0.3 * np.eye(len(kept)), truth[kept])
        assert found == pytest.approx(kernel[place, kept] @ weights, abs=0.01)


def test_with_thousands_of_phrasings_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their kernel is not kept then, but made again for those that are held back."""
    some, places = phrasings(range(len(TEXTS)), vectors=True), np.arange(0, len(TEXTS), 5)
    kept = fit(some)[1]
    monkeypatch.setattr(ridge, "_KEPT", 0)
    made_again = fit(some)[1]
    assert kept.near is not None
    assert made_again.near is None
    for one, other in (
        (kept.without_phrasing(places), made_again.without_phrasing(places)),
        (kept.without_entry(places), made_again.without_entry(places)),
    ):
        assert one == pytest.approx(other, abs=1e-4)


def test_landmarks_stand_for_all() -> None:
    """With half of the phrasings in the kernel, those left out of it still lead to their entry."""
    some = phrasings(range(len(TEXTS)), vectors=True)
    ridge, held = fit(some, most=24)
    assert len(ridge.landmarks.sketches) == 24
    found = scores(ridge, some, TEXTS, vectors=True)
    assert (found.argmax(axis=1) == OWNERS).mean() > 0.7
    assert held.without_phrasing(np.arange(6)).shape == (6, 8)


def test_equal_phrasings_are_no_obstacle() -> None:
    """The kernel of equal texts has no inverse of its own."""
    some = Phrasings(["ship it", "ship it", "ship it"], np.array([0, 0, 1]), None)
    ridge, _ = fit(some)
    found = ridge.scores(some.own)
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(2 * found[0, 1], rel=0.01)
