"""`agentbot state backup` and `restore` (`cli/state_copy.py`), beside a running bot or not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Literal

import pytest

from agentbot.cli import state_copy
from agentbot.errors import ConfigurationError
from tests.state.test_copy import conversations, opened, settle
from tests.support.postgres import PostgresServer, postgres_server

__all__ = ["postgres_server"]


async def main(
    what: Literal["backup", "restore"], *, overwrite: bool = False, as_json: bool = False
) -> int:
    """Run the command, as it runs: without an event loop."""
    return await asyncio.to_thread(
        state_copy.main, what, Path("copy.db"), overwrite=overwrite, as_json=as_json
    )


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a state of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENTBOT_STATE_URL", "sqlite:///agentbot.db")
    return tmp_path


async def test_a_backup_is_made_and_put_back(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each says what the copy holds, in words or as JSON."""
    store = await opened(place / "agentbot.db")
    await settle(store, "a")
    assert await main("backup") == 0
    said = capsys.readouterr().out
    assert said.startswith("copy.db: schema version 1, 1 records, ")
    assert said.endswith(" kB, verified\n")
    await settle(store, "b")
    await store.close()
    assert await main("restore", as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["records"], found["schema_version"], found["verified"]) == (1, 1, True)
    assert found["kept"].endswith("agentbot.db.before-restore")
    assert await conversations(place / "agentbot.db") == ["c-a"]


async def test_a_backup_writes_over_nothing_unless_told(place: Path) -> None:
    """A name that is taken is most often a slip."""
    store = await opened(place / "agentbot.db")
    await store.close()
    (place / "copy.db").write_text("mine")
    with pytest.raises(ConfigurationError, match="is there already"):
        await main("backup")
    assert (place / "copy.db").read_text() == "mine"
    assert await main("backup", overwrite=True) == 0


async def test_a_state_moves_to_postgresql_and_back(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    postgres_server: PostgresServer,
) -> None:
    """By the same two commands, which say the same."""
    store = await opened(place / "agentbot.db")
    await settle(store, "a")
    await store.close()
    assert await main("backup") == 0
    monkeypatch.setenv("AGENTBOT_STATE_URL", postgres_server.url)
    assert await main("restore") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == said[1]
    (place / "agentbot.db").unlink()
    assert await main("backup", overwrite=True, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["records"], found["schema_version"], found["verified"]) == (1, 1, True)
    monkeypatch.setenv("AGENTBOT_STATE_URL", "sqlite:///agentbot.db")
    assert await main("restore") == 0
    assert await conversations(place / "agentbot.db") == ["c-a"]


def test_what_is_in_memory_alone_has_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is gone with the process."""
    monkeypatch.setenv("AGENTBOT_STATE_URL", "sqlite:///:memory:")
    with pytest.raises(ConfigurationError) as error:
        state_copy.main("backup", Path("copy.db"), as_json=False)
    assert error.value.remedy == "name a file"
