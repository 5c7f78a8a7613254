"""The table of words' vectors taken out of a model in ONNX: its rows stay in the file.

Half of MiniLM's file are the vectors of 30,522 pieces of words, in bytes. Of these onnxruntime
makes 47 MB of floats, of which a text needs some twenty rows. What the format's fields are
numbered is known from https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Floats
from agentbot.pipeline.faq.embedders.protobuf import Data, Field, fields, message
from agentbot.pipeline.faq.embedders.rows import RowsInFile

_GRAPH = 7
"""A model's field with its graph."""
_NODE, _TENSOR, _INPUT, _VALUE = 1, 5, 11, 13
"""A graph's fields: what is done, the weights, what comes in, and what is known of all other."""
_TAKES, _GIVES, _KIND = 1, 2, 4
"""A node's fields: the names of what it takes and of what it gives, and what it does."""
_VALUE_NAME = 1
"""The field with the name of what comes in, or is known."""
_SIZES, _TYPE, _TENSOR_NAME, _RAW = 1, 2, 8, 9
"""A tensor's fields: its shape, what its numbers are, its name, and the numbers."""
_TYPES: Mapping[int, np.dtype[Any]] = {1: np.dtype("<f4"), 3: np.dtype("i1")}
"""The numbers of tensors that are understood here."""


@dataclass(frozen=True, slots=True)
class WordTable:
    """What was taken out: the words' vectors.

    ``name`` is that of the model's new input, which takes the vectors of a text's words.
    """

    name: str
    rows: RowsInFile

    def vectors(self, numbers: npt.NDArray[np.int64]) -> Floats:
        """Return the vectors of these words, shape (texts, words, d), as the model made them."""
        return self.rows[numbers.reshape(-1)].reshape(*numbers.shape, -1)


def take_out(path: Path, *, words: str) -> tuple[bytes, WordTable] | None:
    """Return the model in this file without the table in which its input ``words`` is looked up.

    None where that is done in another way, or the table is used for more.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _Graph(data).without_table(path, words)
        except LookupError:
            return None


@dataclass(frozen=True, slots=True)
class _Node:
    """What is done: its kind, the names of what it takes, that of what it gives."""

    kind: str
    takes: tuple[str, ...]
    gives: str
    place: Field


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Weights in rows and columns, and where in the data their numbers lie."""

    shape: tuple[int, int]
    dtype: np.dtype[Any]
    numbers: Field
    place: Field


class _Graph:
    """A model's graph, whose parts know each other by names."""

    def __init__(self, data: Data) -> None:
        self._data = data
        graphs = [one for one in fields(data) if one.number == _GRAPH]
        self._whole = graphs[0]
        self._parts = tuple(fields(data, self._whole.inner, self._whole.end))
        nodes = [self._node(one) for one in self._parts if one.number == _NODE]
        self._makers = {one.gives: one for one in nodes}
        self._uses = Counter(name for one in nodes for name in one.takes)

    def without_table(self, path: Path, words: str) -> tuple[bytes, WordTable]:
        """Do as `take_out` does. Raises ``LookupError`` in place of returning None."""
        gathering = self._gathering(words)
        multiplying = self._maker(gathering.takes[0], "Mul")
        casting = self._maker(multiplying.takes[0], "Cast")
        table, factors = self._matrix(casting.takes[0]), self._matrix(multiplying.takes[1])
        if table.dtype.kind != "i" or factors.dtype.kind != "f" or factors.shape[1] != 1:
            raise LookupError(words)
        known = self._named(_VALUE, _VALUE_NAME, gathering.gives)
        rows = RowsInFile(
            path,
            [table.numbers.inner],
            shape=table.shape,
            dtype=table.dtype,
            factors=np.frombuffer(self._bytes(factors.numbers), factors.dtype),
        )
        taken = WordTable(name=gathering.gives, rows=rows)
        gone = {one.place for one in (gathering, multiplying, casting, table, factors)} | {known}
        kept = [self._data[one.begin : one.end] for one in self._parts if one not in gone]
        graph = b"".join((*kept, message(_INPUT, self._bytes(known))))
        before, behind = self._data[: self._whole.begin], self._data[self._whole.end :]
        return before + message(_GRAPH, graph) + behind, taken

    def _gathering(self, words: str) -> _Node:
        """Return the node that looks words up."""
        for one in self._makers.values():
            if one.kind == "Gather" and one.takes[1:] == (words,):
                return one
        raise LookupError(words)

    def _maker(self, name: str, kind: str) -> _Node:
        """Return the node of this kind that makes what is used once."""
        found = self._makers[name]
        if found.kind != kind or self._uses[name] != 1:
            raise LookupError(name)
        return found

    def _matrix(self, name: str) -> _Matrix:
        """Return the weights of this name, which are used once."""
        place = self._named(_TENSOR, _TENSOR_NAME, name)
        inner = list(fields(self._data, place.inner, place.end))
        sizes = tuple(one.value for one in inner if one.number == _SIZES)
        kinds = [_TYPES[one.value] for one in inner if one.number == _TYPE]
        numbers = [one for one in inner if one.number == _RAW]
        if len(sizes) != 2 or not kinds or not numbers or self._uses[name] != 1:
            raise LookupError(name)
        return _Matrix((sizes[0], sizes[1]), kinds[0], numbers[0], place)

    def _node(self, place: Field) -> _Node:
        kinds, takes, gives = (self._texts(place, one) for one in (_KIND, _TAKES, _GIVES))
        return _Node("".join(kinds), takes, "".join(gives[:1]), place)

    def _named(self, kind: int, name_field: int, name: str) -> Field:
        """Return the part of this kind that has the name. Raises ``LookupError``."""
        for one in self._parts:
            if one.number == kind and self._texts(one, name_field) == (name,):
                return one
        raise LookupError(name)

    def _texts(self, place: Field, number: int) -> tuple[str, ...]:
        """Return the texts in a part's fields of this number."""
        inner = fields(self._data, place.inner, place.end)
        return tuple(self._bytes(one).decode() for one in inner if one.number == number)

    def _bytes(self, place: Field) -> bytes:
        return self._data[place.inner : place.end]
