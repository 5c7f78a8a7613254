"""A text cut into a model's pieces of words, as sentencepiece's unigram model does.

USE's package brings a tokenizer that keeps its 128,000 pieces, and all their beginnings, in a
dictionary: 37 MB. In an automaton they take 16, and what is found is the same. How the likeliest
are found is known from Kudo (2018), and how the replacements are laid out from
https://github.com/s-yata/darts-clone.
"""

from __future__ import annotations

import math
import re
import struct
from array import array

from ahocorasick_rs import AhoCorasick, Implementation

from agentbot.pipeline.faq.embedders.protobuf import Field, fields

_UNKNOWN, _BEGIN, _END = 0, 1, 2
"""The numbers of what no piece is, and of the model's own marks at both ends."""
_LESS_THAN_ANY = 10.0
"""How much less likely what is unknown is than the least likely piece, in logarithms."""
_SPACE = "▁"
"""What stands for a space, and before the first word."""
_SPACES = re.compile(" +")

_PIECE, _TRAINED = 1, 3
"""Fields of the model's file: a piece, and how it was trained."""
_TEXT, _SCORE, _REPLACEMENTS = 1, 2, 2
"""Fields of a piece, and of how it was trained."""


class Pieces:
    """The pieces of a model, by the content of its file. Threads may share them.

    Raises ``LookupError`` or ``ValueError`` where that is no such model.
    """

    def __init__(self, model: bytes) -> None:
        texts: list[str] = []
        self._scores = array("f")  # a seventh of what a list of numbers takes
        for one in fields(model):
            if one.number == _PIECE:
                text, score = _piece(model, one)
                texts.append(text)
                self._scores.append(score)
        self._unknown = min(self._scores) - _LESS_THAN_ANY
        self._replacements = _Replacements(_table(model))
        self._found_in = AhoCorasick(
            texts, implementation=Implementation.ContiguousNFA, store_patterns=False
        ).find_matches_as_indexes

    def encode(self, text: str, **_form: object) -> list[int]:
        """Return the numbers of the likeliest pieces, and of the marks at both ends.

        ``_form`` is how USE asks for just that.
        """
        return [_BEGIN, *self._likeliest(self.normal(text)), _END]

    def normal(self, text: str) -> str:
        """Return a text with other forms of its characters replaced, and its spaces marked."""
        plain = _SPACES.sub(" ", self._replacements.made_in(text)).strip(" ")
        return (_SPACE + plain.replace(" ", _SPACE)).rstrip(_SPACE)

    def _likeliest(self, text: str) -> list[int]:
        """Return the numbers of the pieces that make up the text, with the greatest sum of scores.

        Of two ways into a place that are as good, the one with the longer last piece.
        """
        ways: list[list[tuple[int, int, float]]] = [[] for _ in range(len(text) + 1)]
        for number, begin, end in self._found_in(text, overlapping=True):  # longer ones first
            ways[end].append((begin, number, self._scores[number]))
        best = [(0.0, 0, _UNKNOWN)]  # into each place: the score, and the last piece
        for end in range(1, len(text) + 1):
            if not ways[end] or ways[end][-1][0] < end - 1:  # the last character alone is no piece
                ways[end].append((end - 1, _UNKNOWN, self._unknown))
            chosen = (-math.inf, 0, _UNKNOWN)
            for begin, number, score in ways[end]:
                whole = best[begin][0] + score
                if whole > chosen[0]:
                    chosen = (whole, begin, number)
            best.append(chosen)
        found, place = [], len(text)
        while place:
            _, place, number = best[place]
            found.append(number)
        return found[::-1] or [_UNKNOWN]


def _table(model: bytes) -> bytes:
    """Return the table of replacements. Raises ``LookupError`` where there is none."""
    for one in fields(model):
        if one.number == _TRAINED:
            for inner in fields(model, one.inner, one.end):
                if inner.number == _REPLACEMENTS:
                    return model[inner.inner : inner.end]
    raise LookupError("a model without replacements")


def _piece(model: bytes, place: Field) -> tuple[str, float]:
    """Return a piece and its score, the logarithm of how likely it is."""
    text, score = "", 0.0
    for one in fields(model, place.inner, place.end):
        if one.number == _TEXT:
            text = model[one.inner : one.end].decode()
        elif one.number == _SCORE:
            (score,) = struct.unpack_from("<f", model, one.inner)
    return text, score


_HAS_END, _WIDE = 1 << 8, 1 << 9
"""Bits of a unit: whether a text ends here, and whether the step to what follows is a wide one."""
_LABEL = 1 << 31 | 0xFF
"""The bits of a unit that tell by which byte it is reached; in one that is an end the first is."""
_STEP, _WIDER = 10, 8
"""The bits that the step to what follows is shifted by: in the unit, and if it is a wide one."""
_SIZE = 4
"""The bytes at the table's beginning that tell how many the double array has."""
_VALUE = (1 << 31) - 1
"""The bits of an end that hold its value."""


class _Replacements:
    """What characters are replaced by: the longest first, as a table in two parts has it.

    The first is a double array: a trie in one array, in which the unit that a byte leads to stands
    at the node's place, its step and the byte, one xor the other. The second part holds the
    replacements, which the trie's ends point at, a zero behind each.
    """

    def __init__(self, table: bytes) -> None:
        size = int.from_bytes(table[:_SIZE], "little")
        self._units = array("I", table[_SIZE : _SIZE + size])
        self._texts = table[_SIZE + size :]
        self._root = _step(self._units[0])

    def made_in(self, text: str) -> str:
        """Return the text with all of them made."""
        data = text.encode()
        done: list[bytes] = []
        place = 0
        while place < len(data):
            end, value = self._longest(data, place)
            if end:
                done.append(self._texts[value : self._texts.index(0, value)])
            else:
                end = place + _width(data[place])
                done.append(data[place:end])
            place = end
        return b"".join(done).decode()

    def _longest(self, data: bytes, place: int) -> tuple[int, int]:
        """Return the end of the longest text from a place on that is replaced, and its value.

        The end is 0 where none is.
        """
        units, node, end, value = self._units, self._root, 0, 0
        while place < len(data):
            byte = data[place]
            node ^= byte
            unit = units[node]
            if unit & _LABEL != byte:
                break
            node ^= _step(unit)
            place += 1
            if unit & _HAS_END:
                end, value = place, units[node] & _VALUE
        return end, value


def _step(unit: int) -> int:
    """Return the way from a node to the array's part for what follows it."""
    return unit >> _STEP << (_WIDER if unit & _WIDE else 0)


def _width(first: int) -> int:
    """Return how many bytes a character has, by its first one (RFC 3629)."""
    return 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
