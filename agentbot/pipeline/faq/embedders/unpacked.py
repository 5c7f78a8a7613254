"""A packed file of arrays, such as a model's weights, unpacked once, so that rows can be read."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from agentbot.pipeline.faq.embedders.rows import RowsInFile

_HEAD = 30
"""Bytes of what stands before a member's name in a ZIP file (PKWARE's APPNOTE, 4.3.7)."""
_LENGTHS = struct.Struct("<HH")
"""Their end: how long the name is, and what stands between it and the member."""


def unpacked(path: Path, folder: Path) -> Path | None:
    """Return a file in the folder that holds the arrays of this ``.npz`` file, and is not packed.

    The one that is there already is used, if it holds the same by their checksums. None where none
    can be written.
    """
    made = folder / f"unpacked-{path.name}"
    try:
        with zipfile.ZipFile(path) as packed:
            if not _holds(made, packed):
                folder.mkdir(parents=True, exist_ok=True)
                _unpack(packed, made)
    except OSError:
        return None
    return made


def rows_of(path: Path, names: Sequence[str]) -> RowsInFile:
    """Return the rows of a table that was dealt out among these arrays, in a file not packed."""
    with zipfile.ZipFile(path) as file, path.open("rb") as raw:
        parts = [_matrix(file, raw, f"{name}.npy") for name in names]
    _, (count, width), dtype = parts[0]
    begins = [begin for begin, _, _ in parts]
    return RowsInFile(path, begins, shape=(count * len(parts), width), dtype=dtype)


def _matrix(
    file: zipfile.ZipFile, raw: BinaryIO, name: str
) -> tuple[int, tuple[int, int], np.dtype[Any]]:
    """Return where in the file an array's numbers begin, its shape, and what they are."""
    place = file.getinfo(name)
    with file.open(place) as member:
        np.lib.format.read_magic(member)
        (rows, columns), _, dtype = np.lib.format.read_array_header_1_0(member)
        inner = member.tell()
    raw.seek(place.header_offset + _HEAD - _LENGTHS.size)
    lengths = _LENGTHS.unpack(raw.read(_LENGTHS.size))
    return place.header_offset + _HEAD + sum(lengths) + inner, (rows, columns), dtype


def _holds(path: Path, packed: zipfile.ZipFile) -> bool:
    """Say whether a file holds what the packed one does."""
    try:
        with zipfile.ZipFile(path) as file:
            found = [(one.filename, one.CRC, one.compress_type) for one in file.infolist()]
    except (FileNotFoundError, zipfile.BadZipFile):
        return False
    return found == [(one.filename, one.CRC, zipfile.ZIP_STORED) for one in packed.infolist()]


def _unpack(packed: zipfile.ZipFile, made: Path) -> None:
    handle, name = tempfile.mkstemp(dir=made.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as target:
            for one in packed.namelist():
                with packed.open(one) as source, target.open(one, "w") as copy:
                    shutil.copyfileobj(source, copy)
        Path(name).replace(made)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
