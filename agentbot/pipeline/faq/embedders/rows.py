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

from agentbot.pipeline.faq.embedders import Floats

_MOST_KEPT = 1_000
"""Rows that are kept, one to two megabytes: of those that the 10,734 questions of the benchmark
need, in any order, they are 85 in 100."""


class RowsInFile:
    """The rows of a table that lies in a file, such as the vectors of a model's pieces of words.

    A text has a few of many thousands. They are read, not mapped: each page that was looked at once
    would count as the process's memory. The last ones are kept, since most texts are made of the
    same words. The file stays open: what takes its place changes nothing. One thread may read at a
    time.

    ``begins`` are the places of the parts among which the rows were dealt out like cards; mostly of
    the one part that there is. ``factors``, one a row, are what its numbers are multiplied by.
    """

    def __init__(
        self,
        path: Path,
        begins: Sequence[int],
        *,
        shape: tuple[int, int],
        dtype: npt.DTypeLike,
        factors: Floats | None = None,
    ) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        self._begins = tuple(begins)
        self._count, self._width = shape
        self._dtype = np.dtype(dtype)
        self._factors = factors
        self._given = self._dtype if factors is None else factors.dtype
        self._kept: dict[int, bytes] = {}

    def __getitem__(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Return the rows of these numbers, in their order, shape (numbers, width).

        Raises ``IndexError`` where there is no such row, ``OSError`` where it cannot be read.
        """
        rows = b"".join([self._kept.get(one) or self._read(one) for one in numbers.tolist()])
        return np.frombuffer(rows, self._given).reshape(-1, self._width)

    def _read(self, number: int) -> bytes:
        if not 0 <= number < self._count:
            raise IndexError(number)
        length = self._width * self._dtype.itemsize
        inner, part = divmod(number, len(self._begins))
        row = _read(self._file, length, self._begins[part] + inner * length)
        if len(row) < length:
            raise OSError(f"{self._path} is broken off")
        if self._factors is not None:
            row = (np.frombuffer(row, self._dtype) * self._factors[number]).tobytes()
        if len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[number] = row
        return row


if sys.platform == "win32":  # it has none

    def _read(file: int, length: int, place: int) -> bytes:
        os.lseek(file, place, os.SEEK_SET)
        return os.read(file, length)

else:
    _read = os.pread
