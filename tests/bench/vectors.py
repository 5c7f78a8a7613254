"""Vectors of meaning that are kept on disk, so that a second run of a benchmark embeds nothing."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agentbot.pipeline.faq.embedders import Embedder, Floats
from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from agentbot.pipeline.faq.embedders.minilm import MiniLmEmbedder
from agentbot.pipeline.faq.embedders.use import UseEmbedder

FOLDER = Path(tempfile.gettempdir()) / "agentbot-bench"
"""Where they are kept."""
_PROBE = "Where is my parcel, and when will it arrive?"
"""A text whose vectors tell an embedder from another of the same name."""
_BATCH = 256
"""Texts that are embedded between two writes: a run that is broken off loses a second's work."""
_WAIT_SECONDS = 60
"""How long one run waits for another that writes: both write for milliseconds."""


class RememberedEmbedder:
    """An embedder whose vectors are looked up in a file first, by text; several runs share it.

    The file is named by the embedder's name and by what it makes of a probe: another model, or
    another way to take its vectors, has another file. ``embedded`` counts the texts that were
    new.
    """

    def __init__(self, inner: Embedder, folder: Path = FOLDER) -> None:
        self.name = inner.name
        self.embedded = 0
        self._inner = inner
        probe = inner.embed([_PROBE])
        digest = hashlib.sha256(inner.name.encode() + probe.tobytes())
        folder.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(
            folder / f"vectors-{digest.hexdigest()[:16]}.sqlite",
            timeout=_WAIT_SECONDS,
            isolation_level=None,
        )
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB)"
        )

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the inner one's vectors."""
        if not texts:
            return self._inner.embed(texts)
        found = {text: self._kept(text) for text in texts}
        missing = [text for text, seen in found.items() if seen is None]
        for start in range(0, len(missing), _BATCH):
            part = missing[start : start + _BATCH]
            new = self._inner.embed(part)
            self._keep(part, new)
            found.update(zip(part, new, strict=True))
        self.embedded += len(missing)
        return np.stack([seen for text in texts if (seen := found[text]) is not None])

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return what the inner one finds."""
        return self._inner.compare(vectors, others)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _kept(self, text: str) -> Floats | None:
        row = self._file.execute(
            "SELECT vector FROM vectors WHERE text = ?", (_bytes(text),)
        ).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype=np.float32)

    def _keep(self, texts: Sequence[str], new: Floats) -> None:
        rows = [(_bytes(text), vector.tobytes()) for text, vector in zip(texts, new, strict=True)]
        self._file.execute("BEGIN IMMEDIATE")
        self._file.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        self._file.execute("COMMIT")


def remembered(folder: Path = FOLDER) -> JoinedEmbedder:
    """Return the embedder that ships; both of its models look their vectors up first."""
    return JoinedEmbedder(
        RememberedEmbedder(MiniLmEmbedder(), folder), RememberedEmbedder(UseEmbedder(), folder)
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
