"""MiniLM in this process: meanings of English texts are told apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.faq.embedders import minilm as module
from agentbot.pipeline.faq.embedders.minilm import MiniLmEmbedder
from agentbot.pipeline.faq.packages import Lazily
from tests.support.optional import requires_meanings

pytestmark = requires_meanings


@pytest.fixture(scope="module")
def minilm() -> MiniLmEmbedder:
    """The real model."""
    return MiniLmEmbedder()


def test_meaning_goes_by_sense_not_by_words(minilm: MiniLmEmbedder) -> None:
    """A paraphrase without a shared word is nearer than a sentence that shares most words."""
    texts = ["how do i get my money back", "what is your refund policy", "how do i get my hair cut"]
    same, other = minilm.compare(minilm.embed(texts[:1]), minilm.embed(texts[1:]))[0]
    assert same > other + 0.1


def test_a_text_is_embedded_alike_in_any_company(minilm: MiniLmEmbedder) -> None:
    """One vector of length 1 a text, which depends on no other text."""
    alone, company = minilm.embed(["Hello, world"]), minilm.embed(["x", "Hello, world"])
    np.testing.assert_array_equal(alone[0], company[1])
    assert np.linalg.norm(alone, axis=1) == pytest.approx(1.0)
    assert minilm.embed([]).shape == (0, 384)


def test_many_texts_are_embedded_as_each_alone(minilm: MiniLmEmbedder) -> None:
    """To the last digit, in their order: what is kept in a file is what a question is told."""
    texts = [f"{word} {'again ' * (number % 3)}" for number, word in enumerate("abcdefgh" * 9)]
    together = minilm.embed([*texts, ""])
    for place in (0, 1, 2, 40, 71):
        np.testing.assert_array_equal(together[place], minilm.embed([texts[place]])[0])


def test_odd_texts(minilm: MiniLmEmbedder) -> None:
    """Nothing gives a vector too, and what is far too long is looked at in part."""
    empty, long, longer = minilm.embed(["", "word " * 10_000, "word " * 10_000 + "other"])
    assert np.linalg.norm(empty) == pytest.approx(1.0)
    np.testing.assert_array_equal(long, longer)


def test_a_model_whose_table_stays_in_its_file_gives_the_same_vectors(
    minilm: MiniLmEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last digit, as one of another make does, which is used whole."""
    texts = ["How much is shipping?", "", "Straße, naïve 東京 x#9", "word " * 200]
    found = minilm.embed(texts)
    monkeypatch.setattr(module, "take_out", lambda _path, **_words: None)
    monkeypatch.setattr(module, "_MODEL", Lazily(module._model))
    np.testing.assert_array_equal(MiniLmEmbedder().embed(texts), found)


def test_the_engine_reports_to_nobody(tmp_path: Path) -> None:
    """Nor keeps an identifier: it writes one, and what it will send, wherever it reports.

    In a process with no variable that says CI, for there it keeps quiet by itself.
    """
    embed = f"from {MiniLmEmbedder.__module__} import MiniLmEmbedder as M; M().embed(['x'])"
    subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", embed],
        env={"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[4])},
        check=True,
    )
    assert not list(tmp_path.rglob("*"))
