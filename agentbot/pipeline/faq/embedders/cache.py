"""Vectors of a FAQ's phrasings, kept in a file, so that only new ones are embedded.

The file is a head and a record for each text: its checksum and its vector. New ones are put at the
end; whole it is written only where it is broken or has grown too large. Two processes may use it:
at worst one embeds again what the other one's rewriting has lost.
"""

from __future__ import annotations

import contextlib
import os
import struct
import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder, Floats

_MOST = 100_000
"""Vectors that a file keeps, the newest: those of a large FAQ and of 5,000 help pages; 180 MB."""
_DIGEST = 16
"""Bytes of a text's checksum: no two texts will ever share them."""
_PORTION = 1000
"""Texts that are embedded, and kept, in one go: who is stopped meanwhile goes on from there."""
_HEAD = struct.Struct("<8sII")
"""A file's head: what it is, its version, and how many numbers a vector has."""
_WHAT, _VERSION = b"agentbot", 1

Records = npt.NDArray[np.void]
Halves = npt.NDArray[np.float16]


class VectorCache:
    """What embeds each phrasing once. An unusable file is as good as none.

    ``folder`` holds a file for each model; None: nothing is kept. Vectors are kept in half the
    precision, and used so from the start, so that the first run decides as the next ones do.
    """

    def __init__(self, embedder: Embedder, folder: Path | None) -> None:
        self._embedder = embedder
        name = sha256(embedder.name.encode()).hexdigest()[:_DIGEST]
        self._path = None if folder is None else folder / f"vectors-{name}.bin"

    def embed(self, texts: Sequence[str], known: Mapping[str, Floats] | None = None) -> Floats:
        """Return the texts' vectors, shape (texts, d); raises what the embedder raises.

        ``known`` are vectors that were returned before: for these alone nothing is read.
        """
        found: dict[str, Floats | Halves] = {} if known is None else dict(known)
        wanted = [text for text in dict.fromkeys(texts) if text not in found]
        file = _read(self._path) if wanted else None
        if file is not None:
            places = {_digest(text): text for text in wanted}
            for row, digest in enumerate(file.digests()):
                if (text := places.get(digest)) is not None:
                    found[text] = np.array(file.records["vector"][row])
        used = [_digest(text) for text in texts]
        found |= self._embedded([text for text in wanted if text not in found], used)
        if len({len(vector) for vector in found.values()}) > 1:  # the model has become another one
            found = dict(self._embedded(list(dict.fromkeys(texts)), used))
        return np.stack([found[text] for text in texts]).astype(np.float32, copy=False)

    def missing(self, texts: Sequence[str], known: Mapping[str, Floats]) -> list[str]:
        """Return the texts that have no vector yet, neither ``known`` nor kept in the file."""
        wanted = {_digest(text): text for text in texts if text not in known}
        file = _read(self._path) if wanted else None
        for digest in () if file is None else file.digests():
            wanted.pop(digest, None)
        return list(wanted.values())

    def _embedded(self, texts: Sequence[str], used: Sequence[bytes]) -> dict[str, Halves]:
        """Embed texts and keep their vectors; ``used`` are the checksums of all in use."""
        found: dict[str, Halves] = {}
        for start in range(0, len(texts), _PORTION):
            part = texts[start : start + _PORTION]
            vectors = self._embedder.embed(part).astype(np.float16)
            found.update(zip(part, vectors, strict=True))
            self._keep(part, vectors, used)
        return found

    def _keep(self, texts: Sequence[str], vectors: Halves, used: Sequence[bytes]) -> None:
        """Put vectors at the file's end, or write it anew, those in use last."""
        if self._path is None:
            return
        records = _records([_digest(text) for text in texts], vectors)
        file = _read(self._path)
        with contextlib.suppress(OSError):
            if file is not None and file.is_whole and file.records.dtype == records.dtype:
                if len(file.records) + len(records) <= _MOST:
                    _append(self._path, records)
                    return
                in_use = frozenset(used)
                order = np.argsort([one in in_use for one in file.digests()], kind="stable")
                records = np.concatenate([file.records[order], records])[-_MOST:]
            _write(self._path, records)


class _File:
    """A file's records; ``is_whole``: nothing is broken off at its end."""

    def __init__(self, records: Records, *, is_whole: bool) -> None:
        self.records = records
        self.is_whole = is_whole

    def digests(self) -> list[bytes]:
        """Return the checksums of all records."""
        return [digest.tobytes() for digest in self.records["digest"]]


def _layout(numbers: int) -> np.dtype[Any]:
    return np.dtype([("digest", np.void, _DIGEST), ("vector", np.float16, (numbers,))])


def _records(digests: Sequence[bytes], vectors: Halves) -> Records:
    made = np.empty(len(digests), dtype=_layout(vectors.shape[1]))
    made["digest"] = np.frombuffer(b"".join(digests), dtype=f"V{_DIGEST}")
    made["vector"] = vectors
    return made


def _read(path: Path | None) -> _File | None:
    """Return what a file holds, looked at where it lies; None where it is of no use."""
    if path is None:
        return None
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            what, version, numbers = _HEAD.unpack(file.read(_HEAD.size))
        if (what, version) != (_WHAT, _VERSION):
            return None
        layout = _layout(numbers)
        count, rest = divmod(size - _HEAD.size, layout.itemsize)
        if not count:
            return None
        records = np.memmap(path, layout, mode="r", offset=_HEAD.size, shape=(count,))
    except (OSError, ValueError, struct.error):
        return None
    return _File(records, is_whole=not rest)


def _append(path: Path, records: Records) -> None:
    with path.open("ab", buffering=0) as file:
        file.write(records.tobytes())  # in one go, so that two processes' do not mix


def _write(path: Path, records: Records) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_HEAD.pack(_WHAT, _VERSION, records["vector"].shape[1]))
            file.write(records.tobytes())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()[:_DIGEST]
