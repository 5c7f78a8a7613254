"""Proves ``agentbot/cli/state.py``: pruning, exporting and erasing, beside a running bot or not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from agentbot.cli import state
from agentbot.cli.compose import utc_now
from agentbot.state.opening import open_store
from tests.support.states import claimed, record_of

LEASE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a journal of three turns of Ann's, settled 10, 100 and 1,000 days ago."""
    url = f"sqlite:///{tmp_path}/state.db"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENTBOT_STATE_URL", url)
    store = open_store(url, holder="bot", lease=LEASE, clock=utc_now)
    await store.open()
    for days in (10, 100, 1000):
        claim = await claimed(store, f"c{days}", f"m{days}")
        settled_at = utc_now() - timedelta(days=days)
        record = record_of(claim, customer_id="ann", settled_at=settled_at)
        assert await store.settle(claim, record, None)
    await claimed(store, "c-open", "m-open")
    await store.close()


async def _exported(capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert await state.main("export") == 0
    return [json.loads(line)["conversation_id"] for line in capsys.readouterr().out.splitlines()]


async def test_an_export_is_the_journal_oldest_first(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of JSON a turn; what is still open is no turn yet."""
    assert await _exported(capsys) == ["c1000", "c100", "c10"]


async def test_pruning_goes_by_the_days_given(capsys: pytest.CaptureFixture[str]) -> None:
    """And tells how many records went."""
    assert await state.main("prune", days=500) == 0
    assert capsys.readouterr().out == "1 records deleted\n"
    assert await _exported(capsys) == ["c100", "c10"]


async def test_what_was_deleted_is_told_as_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """For whoever runs it at night."""
    assert await state.main("prune", days=500, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {"records_deleted": 1}
    assert await state.main("forget", customer_id="ann", as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["rows_erased"] > 0


async def test_pruning_to_nothing_is_possible(capsys: pytest.CaptureFixture[str]) -> None:
    """No days at all is an age too, and not the same as none given."""
    assert await state.main("prune", days=0) == 0
    assert capsys.readouterr().out == "3 records deleted\n"


async def test_pruning_goes_by_the_setting_otherwise(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """90 days, or what the operator has set."""
    assert await state.main("prune") == 0
    assert capsys.readouterr().out == "2 records deleted\n"
    monkeypatch.setenv("AGENTBOT_STATE__RETENTION_DAYS", "1")
    assert await state.main("prune") == 0
    assert capsys.readouterr().out == "1 records deleted\n"


async def test_a_customer_is_erased_without_papercups(capsys: pytest.CaptureFixture[str]) -> None:
    """All conversations in which they have a record go; nothing is asked where no URL is set."""
    assert await state.main("forget", customer_id="ann") == 0
    captured = capsys.readouterr()
    assert captured.out == "9 rows erased\n"
    assert captured.err == ""
    assert await _exported(capsys) == []


async def test_a_customer_is_erased_though_papercups_is_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store knows of them goes all the same, and the operator is told of the gap."""
    monkeypatch.setenv("PAPERCUPS_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("PAPERCUPS_EMAIL", "bot@example.com")
    monkeypatch.setenv("PAPERCUPS_PASSWORD", "hush-hush")
    assert await state.main("forget", customer_id="ann") == 0
    captured = capsys.readouterr()
    assert captured.out == "9 rows erased\n"
    assert captured.err.startswith("Papercups could not be asked for conversations (")
    assert "hush-hush" not in captured.err
    assert await _exported(capsys) == []


async def test_a_command_works_beside_the_bot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bot's file is the bot's alone, and stays so: its leases are not given back."""
    bot = open_store(f"sqlite:///{tmp_path}/state.db", holder="bot", lease=LEASE, clock=utc_now)
    await bot.open()
    held = await claimed(bot, "c-open", "m-open")
    assert len(await _exported(capsys)) == 3
    assert await bot.renew([held]) == set()
    await bot.close()
