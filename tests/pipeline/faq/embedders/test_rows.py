"""A table in a file: its rows are read when they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.faq.embedders import rows as module
from agentbot.pipeline.faq.embedders.rows import RowsInFile

TABLE = np.arange(12, dtype=np.int16).reshape(4, 3)
HEAD = b"before"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that holds the table behind something else."""
    path = tmp_path / "table"
    path.write_bytes(HEAD + TABLE.tobytes() + b"behind")
    return path


@pytest.fixture
def rows(path: Path) -> RowsInFile:
    """The table in the file."""
    return RowsInFile(path, [len(HEAD)], shape=(4, 3), dtype=np.int16)


@pytest.mark.parametrize("numbers", [[0], [3, 1, 3], []])
def test_rows_come_in_the_order_of_their_numbers(rows: RowsInFile, numbers: list[int]) -> None:
    """As they do from a table in memory, each as often as it is asked for."""
    asked = np.array(numbers, dtype=np.int64)
    np.testing.assert_array_equal(rows[asked], TABLE[asked])


def test_the_last_rows_are_not_read_again(
    path: Path, rows: RowsInFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many, and no more."""
    monkeypatch.setattr(module, "_MOST_KEPT", 2)
    rows[np.array([0, 1, 2])]
    path.write_bytes(HEAD + bytes(TABLE.nbytes))
    np.testing.assert_array_equal(rows[np.array([1, 2])], TABLE[1:3])
    np.testing.assert_array_equal(rows[np.array([0])], [[0, 0, 0]])


@pytest.mark.parametrize("number", [-1, 4])
def test_there_are_no_other_rows(rows: RowsInFile, number: int) -> None:
    """What lies before and behind the table in the file is none of it."""
    with pytest.raises(IndexError):
        rows[np.array([0, number])]


def test_a_file_that_is_broken_off_says_so(path: Path, rows: RowsInFile) -> None:
    """A vector of what happens to be left would be none."""
    path.write_bytes(HEAD + TABLE.tobytes()[:-1])
    with pytest.raises(OSError, match="broken off"):
        rows[np.array([3])]


def test_a_file_that_takes_its_place_changes_nothing(path: Path, rows: RowsInFile) -> None:
    """Such as that of a newer package, put there while the bot runs."""
    other = path.with_name("other")
    other.write_bytes(b"")
    other.replace(path)
    np.testing.assert_array_equal(rows[np.array([2])], TABLE[2:3])


def test_rows_that_were_dealt_out_among_parts(tmp_path: Path) -> None:
    """Of two parts, the first holds the first row, the third and so on."""
    path = tmp_path / "parts"
    path.write_bytes(TABLE[0::2].tobytes() + HEAD + TABLE[1::2].tobytes())
    begins = [0, TABLE[0::2].nbytes + len(HEAD)]
    rows = RowsInFile(path, begins, shape=(4, 3), dtype=np.int16)
    np.testing.assert_array_equal(rows[np.arange(4)], TABLE)


def test_rows_are_multiplied_by_their_factors(path: Path) -> None:
    """Each by its own, whether it is read or kept."""
    factors = np.array([1, 0.5, 0.25, 2], dtype=np.float32)
    rows = RowsInFile(path, [len(HEAD)], shape=(4, 3), dtype=np.int16, factors=factors)
    asked = np.array([3, 1, 3])
    for _ in range(2):
        found = rows[asked]
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, TABLE[asked] * factors[asked, None])
