"""What was learnt from a FAQ, kept in an ``.npz`` file named by the content it was learnt from."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentbot.pipeline.faq.classifier import KernelClassifier
from agentbot.pipeline.faq.embedders import TokenVectors
from agentbot.pipeline.faq.views import Scale


@dataclass(frozen=True, slots=True)
class Kept:
    """All that need not be made again: ``vectors`` are the phrasings' own, if there are any."""

    classifier: KernelClassifier
    vectors: list[TokenVectors] | None
    scale: Scale


def load(folder: Path | None, key: str, *, size: int) -> Kept | None:
    """Return what ``folder`` keeps for ``key``, trained on ``size`` phrasings; None if unusable."""
    if folder is None:
        return None
    try:
        with (
            _path(folder, key).open("rb") as opened,
            np.load(opened, allow_pickle=False) as file,
        ):
            data = {name: file[name] for name in file.files}
        vectors = None
        if "tokens" in data:
            ends = np.cumsum(data["sizes"])[:-1]
            vectors = [
                TokenVectors(ids, part.astype(np.float32))
                for ids, part in zip(
                    np.split(data["ids"], ends), np.split(data["tokens"], ends), strict=True
                )
            ]
        classifier = KernelClassifier(data["weights"], data["bias"])
        ground, reach = data["scale"].tolist()
        scale = Scale(tuple(ground), tuple(reach))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if len(classifier.weights) != size:
        return None
    return Kept(classifier, vectors, scale)


def save(folder: Path | None, key: str, kept: Kept) -> None:
    """Keep it, all or nothing. A folder that cannot be written to is passed over."""
    if folder is None:
        return
    data = {
        "weights": kept.classifier.weights,
        "bias": kept.classifier.bias,
        "scale": np.array([kept.scale.ground, kept.scale.reach]),
    }
    if kept.vectors is not None:
        data["ids"] = np.concatenate([seen.ids for seen in kept.vectors])
        data["sizes"] = np.array([len(seen.ids) for seen in kept.vectors])
        data["tokens"] = np.concatenate([seen.vectors for seen in kept.vectors]).astype(np.float16)
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, allow_pickle=False, **data)
            Path(name).replace(_path(folder, key))
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _path(folder: Path, key: str) -> Path:
    # Half of the digest's 64 digits: no two FAQs will ever share them.
    return folder / f"faq-{key[:32]}.npz"
