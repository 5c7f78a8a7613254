"""A file is written whole or not at all, and who may not write is told what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.files.keeping import replace_file


def test_what_is_there_is_replaced(tmp_path: Path) -> None:
    """Readable by the bot's user, and nothing else is left behind."""
    path = tmp_path / "some.yaml"
    path.write_text("old")
    replace_file(path, "new\n")
    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """With the reason, and what to do where it is mounted so."""
    with pytest.raises(ConfigurationError, match="cannot be written: No such") as caught:
        replace_file(tmp_path / "none" / "some.yaml", "new")
    assert caught.value.place == str(tmp_path / "none" / "some.yaml")
    assert "read-only" in caught.value.remedy


def test_what_cannot_be_replaced_stays(tmp_path: Path) -> None:
    """And what was begun is taken away."""
    path = tmp_path / "some.yaml"
    path.mkdir()
    with pytest.raises(ConfigurationError):
        replace_file(path, "new")
    assert list(tmp_path.iterdir()) == [path]
