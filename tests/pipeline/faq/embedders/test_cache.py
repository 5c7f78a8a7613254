"""Vectors are kept by text: what is known is not embedded again, what is broken is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.faq.embedders import Floats, PooledEmbedder, cache
from agentbot.pipeline.faq.embedders.cache import VectorCache
from tests.support.faq import WordEmbedder


def test_only_new_texts_are_embedded(tmp_path: Path) -> None:
    """In the same run and in the next one, and the vectors are the same in both."""
    first, second = WordEmbedder(), WordEmbedder()
    made = VectorCache(first, tmp_path).embed(["one", "two", "one"])
    kept = VectorCache(second, tmp_path).embed(["two", "three", "one", "\ud800"])
    assert first.texts == ["one", "two"]
    assert second.texts == ["three", "\ud800"]
    np.testing.assert_array_equal(made[[1, 0]], kept[[0, 2]])
    assert made == pytest.approx(WordEmbedder().embed(["one", "two", "one"]), abs=1e-3)


def test_another_model_has_another_file(tmp_path: Path) -> None:
    """By its name."""
    other = WordEmbedder()
    other.name = "another"
    for embedder in (WordEmbedder(), other):
        VectorCache(embedder, tmp_path).embed(["one"])
    assert other.texts == ["one"]
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"no vectors at all", b"agentbot" + bytes(100)])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    """One that is empty, or that holds something else."""
    VectorCache(WordEmbedder(), tmp_path).embed(["one"])
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(content)
    for texts in (["one"], []):
        embedder = WordEmbedder()
        VectorCache(embedder, tmp_path).embed(["one"])
        assert embedder.texts == texts


def test_of_a_file_that_was_cut_short_the_rest_is_kept(tmp_path: Path) -> None:
    """A disk may fill up in the middle of a record."""
    VectorCache(WordEmbedder(), tmp_path).embed(["one", "two"])
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-5])
    embedder = WordEmbedder()
    whole = VectorCache(embedder, tmp_path).embed(["one", "two", "three"])
    assert embedder.texts == ["two", "three"]
    embedder.texts.clear()
    again = VectorCache(embedder, tmp_path).embed(["two", "three"])
    assert embedder.texts == []
    np.testing.assert_array_equal(again, whole[1:])


def test_a_model_whose_vectors_have_become_longer_has_its_file_made_anew(tmp_path: Path) -> None:
    """A provider may change what stands behind a name."""
    VectorCache(PooledEmbedder("model", lambda texts: [[1.0]] * len(texts)), tmp_path).embed(
        ["one"]
    )
    longer = PooledEmbedder("model", lambda texts: [[0.0, 1.0]] * len(texts))
    found = VectorCache(longer, tmp_path).embed(["two", "one"])
    assert found.tolist() == [[0, 1], [0, 1]]
    longer = PooledEmbedder("model", lambda _: pytest.fail("both are kept"))
    np.testing.assert_array_equal(found, VectorCache(longer, tmp_path).embed(["two", "one"]))


def test_a_new_text_is_put_at_the_end(tmp_path: Path) -> None:
    """With thousands of them it would take longer to write all than to learn an edit."""
    VectorCache(WordEmbedder(), tmp_path).embed(["one", "two"])
    (kept,) = tmp_path.iterdir()
    before, file = kept.read_bytes(), kept.stat().st_ino
    VectorCache(WordEmbedder(), tmp_path).embed(["three", "one"])
    after = kept.read_bytes()
    assert kept.stat().st_ino == file
    assert after.startswith(before)
    assert len(after) - len(before) < len(before)


def test_what_is_known_needs_no_file(tmp_path: Path) -> None:
    """Nor the embedder; it counts as in use all the same."""
    embedder = WordEmbedder()
    cache = VectorCache(embedder, None)
    known = dict(zip(["one", "two"], cache.embed(["one", "two"]), strict=True))
    embedder.texts.clear()
    found = cache.embed(["two", "three"], known)
    assert embedder.texts == ["three"]
    np.testing.assert_array_equal(found[0], known["two"])


def test_what_was_embedded_before_a_stop_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of texts take a minute: who is stopped goes on from there."""
    monkeypatch.setattr(cache, "_PORTION", 2)

    class Stopped(WordEmbedder):
        def embed(self, texts: Sequence[str]) -> Floats:
            if "five" in texts:
                raise KeyboardInterrupt
            return super().embed(texts)

    texts = ["one", "two", "three", "four", "five"]
    with pytest.raises(KeyboardInterrupt):
        VectorCache(Stopped(), tmp_path).embed(texts)
    embedder = WordEmbedder()
    VectorCache(embedder, tmp_path).embed(texts)
    assert embedder.texts == ["five"]


def test_a_folder_that_cannot_be_had_is_passed_over(tmp_path: Path) -> None:
    """The vectors are there, and nothing is kept."""
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file" / "below", None):
        assert VectorCache(WordEmbedder(), folder).embed(["one"]).shape[0] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the FAQ in use, when there are too many."""
    monkeypatch.setattr(cache, "_MOST", 2)
    VectorCache(WordEmbedder(), tmp_path).embed(["one", "two"])
    VectorCache(WordEmbedder(), tmp_path).embed(["one", "three"])
    embedder = WordEmbedder()
    VectorCache(embedder, tmp_path).embed(["one", "three"])
    assert embedder.texts == []
