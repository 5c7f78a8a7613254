"""Arrays of a packed file are unpacked once, and their rows read where they lie."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.faq.embedders.unpacked import rows_of, unpacked

TABLE = np.arange(24, dtype=np.uint8).reshape(6, 4)
OTHER = np.array([0.5, 1.5])


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A packed file, among whose first two arrays a table's rows are dealt out."""
    path = tmp_path / "weights.npz"
    np.savez_compressed(path, q1=TABLE[0::2], q2=TABLE[1::2], other=OTHER)
    return path


def kept(packed: Path) -> Path:
    """Return the unpacked file, in a folder that may not be there yet."""
    made = unpacked(packed, packed.parent / "cache" / "agentbot")
    assert made is not None
    return made


def test_it_holds_the_same_arrays(packed: Path) -> None:
    """None of them packed; and nothing else is left in the folder."""
    made = kept(packed)
    with zipfile.ZipFile(made) as file:
        assert {one.compress_type for one in file.infolist()} == {zipfile.ZIP_STORED}
    with np.load(made) as arrays:
        np.testing.assert_array_equal(arrays["q2"], TABLE[1::2])
        np.testing.assert_array_equal(arrays["other"], OTHER)
    assert list(made.parent.iterdir()) == [made]


def test_rows_are_read_where_they_lie(packed: Path) -> None:
    """In the order of the table that was dealt out."""
    rows = rows_of(kept(packed), ["q1", "q2"])
    np.testing.assert_array_equal(rows[np.arange(6)], TABLE)
    with pytest.raises(IndexError):
        rows[np.array([6])]


def test_one_that_is_there_is_used_again(packed: Path) -> None:
    """It is not written anew at each start."""
    before = kept(packed).stat()
    assert kept(packed).stat().st_ino == before.st_ino


@pytest.mark.parametrize("left", [0, 100])
def test_one_that_is_broken_off_is_made_anew(packed: Path, left: int) -> None:
    """As the one of another model is."""
    made = kept(packed)
    made.write_bytes(made.read_bytes()[:left])
    assert rows_of(kept(packed), ["q1", "q2"])[np.array([5])].tolist() == [TABLE[5].tolist()]


def test_that_of_another_model_is_made_anew(packed: Path) -> None:
    """By the arrays' checksums: the name is the same."""
    kept(packed)
    np.savez_compressed(packed, q1=TABLE[0::2] + 1, q2=TABLE[1::2], other=OTHER)
    assert rows_of(kept(packed), ["q1", "q2"])[np.array([0])].tolist() == [[1, 2, 3, 4]]


def test_where_nothing_can_be_written_there_is_none(packed: Path) -> None:
    """The folder's place is taken by a file."""
    assert unpacked(packed, packed) is None


def test_where_it_cannot_be_written_whole_nothing_is_left(
    packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as on a full disk."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    folder = packed.parent / "cache"
    assert unpacked(packed, folder) is None
    assert list(folder.iterdir()) == []
