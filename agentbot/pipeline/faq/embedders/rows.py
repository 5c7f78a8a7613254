"""A table's rows, read from a file when they are asked for: most of a model's never are."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


class RowsInFile:
    """The rows of a table that lies in a file, such as the vectors of a model's pieces of words.

    A text has a few of many thousands. They are read, not mapped: each page that was looked at once
    would count as the process's memory. What is read often, the system keeps while it has room. The
    file stays open: what takes its place changes nothing. One thread may read at a time.

    ``begins`` are the places of the parts among which the rows were dealt out like cards; mostly of
    the one part that there is.
    """

    def __init__(
        self, path: Path, begins: Sequence[int], *, shape: tuple[int, int], dtype: npt.DTypeLike
    ) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        self._begins = np.array(begins, dtype=np.int64)
        self._count, self._width = shape
        self._dtype = np.dtype(dtype)

    def __getitem__(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Return the rows of these numbers, in their order, shape (numbers, width).

        Raises ``IndexError`` where there is no such row, ``OSError`` where it cannot be read.
        """
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < self._count:
            raise IndexError(numbers)
        length = self._width * self._dtype.itemsize
        inner, part = np.divmod(numbers, len(self._begins))
        places = (self._begins[part] + inner * length).tolist()
        read = b"".join([_read(self._file, length, place) for place in places])
        if len(read) < length * numbers.size:
            raise OSError(f"{self._path} is broken off")
        return np.frombuffer(read, self._dtype).reshape(-1, self._width)


if sys.platform == "win32":  # it has none

    def _read(file: int, length: int, place: int) -> bytes:
        os.lseek(file, place, os.SEEK_SET)
        return os.read(file, length)

else:
    _read = os.pread
