"""Vectors of a FAQ's phrasings, kept in a file, so that only new ones are embedded."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder, Floats

_MOST = 50_000
"""Vectors that a file keeps, the newest: three FAQs of the largest size that is sensible."""
_DIGEST = 16
"""Bytes of a text's checksum: no two texts will ever share them."""


class VectorCache:
    """What embeds each phrasing once. An unusable file is as good as none.

    ``folder`` holds a file for each model; None: nothing is kept. Vectors are kept in half the
    precision, and used so from the start, so that the first run decides as the next ones do.
    """

    def __init__(self, embedder: Embedder, folder: Path | None) -> None:
        self._embedder = embedder
        name = sha256(embedder.name.encode()).hexdigest()[:_DIGEST]
        self._path = None if folder is None else folder / f"vectors-{name}.npz"
        self._known = _read(self._path)

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the texts' vectors, shape (texts, d); raises what the embedder raises."""
        digests = [_digest(text) for text in texts]
        new = {
            digest: text
            for digest, text in zip(digests, texts, strict=True)
            if digest not in self._known
        }
        if new:
            vectors = self._embedder.embed(list(new.values())).astype(np.float16)
            self._known.update(zip(new, vectors, strict=True))
            # Those in use move to the end, for the oldest are left out first.
            self._known.update(
                {digest: self._known.pop(digest) for digest in dict.fromkeys(digests)}
            )
            self._save()
        return np.stack([self._known[digest] for digest in digests]).astype(np.float32)

    def _save(self) -> None:
        if self._path is None:
            return
        kept = dict(list(self._known.items())[-_MOST:])
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.savez(
                        file,
                        digests=np.frombuffer(b"".join(kept), dtype=np.uint8),
                        vectors=np.stack(list(kept.values())),
                    )
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise


def _read(path: Path | None) -> dict[bytes, npt.NDArray[np.float16]]:
    if path is None:
        return {}
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            digests = file["digests"].tobytes()
            vectors = file["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
    if vectors.ndim != 2 or len(digests) != _DIGEST * len(vectors):
        return {}
    starts = range(0, len(digests), _DIGEST)
    return dict(zip((digests[start : start + _DIGEST] for start in starts), vectors, strict=True))


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()[:_DIGEST]
