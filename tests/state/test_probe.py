"""``probe.py``: a store is looked at beside a running bot, and nothing is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.state.probe import holder_at, is_missing_file
from agentbot.state.sqlite.database import SQLiteDatabase


def test_a_file_is_missing_until_a_bot_has_made_it(tmp_path: Path) -> None:
    """Looking makes none."""
    url = f"sqlite:///{tmp_path}/a.db"
    assert is_missing_file(url)
    assert holder_at(url) is None
    assert not list(tmp_path.iterdir())


def test_the_holder_is_named_while_it_has_the_file(tmp_path: Path) -> None:
    """And the file goes on being its own: the look takes nothing."""
    url = f"sqlite:///{tmp_path}/a.db"
    database = SQLiteDatabase(str(tmp_path / "a.db"), owner="bot seven")
    database.open()
    for _ in range(2):
        assert not is_missing_file(url)
        assert (holder_at(url) or "").startswith("bot seven (process ")
    database.close()
    assert holder_at(url) is None
    database = SQLiteDatabase(str(tmp_path / "a.db"), owner="bot eight")
    database.open()
    database.close()


def test_a_place_where_no_bot_could_start_is_named(tmp_path: Path) -> None:
    """Before one is started there."""
    with pytest.raises(ConfigurationError, match=r"AGENTBOT_STATE_URL.*there is no folder"):
        is_missing_file(f"sqlite:///{tmp_path}/a/b.db")
    with pytest.raises(ConfigurationError, match="cannot be looked at: File name too long"):
        is_missing_file(f"sqlite:///{tmp_path}/{'x' * 300}.db")


@pytest.mark.parametrize("url", ["postgresql://u:p@host/db", "sqlite:///:memory:"])
def test_what_is_no_file_is_nobodys(url: str) -> None:
    """A database server is shared, and memory its process's own."""
    assert not is_missing_file(url)
    assert holder_at(url) is None
