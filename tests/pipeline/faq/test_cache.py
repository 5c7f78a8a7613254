"""Vectors are kept by text: what is known is not embedded again, what is broken is made anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.faq import cache
from agentbot.pipeline.faq.cache import VectorCache
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


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    """One that was cut short, or that holds something else."""
    VectorCache(WordEmbedder(), tmp_path).embed(["one"])
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    for content in (whole[:100], b"", b"no archive"):
        kept.write_bytes(content)
        embedder = WordEmbedder()
        VectorCache(embedder, tmp_path).embed(["one"])
        assert embedder.texts == ["one"]
    np.savez(kept, digests=np.zeros(3, dtype=np.uint8), vectors=np.zeros((1, 2)))
    assert len(VectorCache(WordEmbedder(), tmp_path).embed(["one"])) == 1


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
