"""Proves both stores among real processes: kills in the middle of commits, races, second starts."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentbot.errors import StateInUse
from agentbot.state.sqlite.database import SQLiteDatabase
from agentbot.state.sqlite.store import SQLiteStore
from tests.support.postgres import PostgresServer
from tests.support.states import LEASE, Clock, PostgresHarness, claimed

_ROOT = Path(__file__).parents[2]


@contextmanager
def _process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``tests.state.processes``; killed at the end, if it still runs."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.state.processes", *arguments],
        cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _lines_until_killed(process: subprocess.Popen[str], count: int) -> list[str]:
    """Kill the process once it has said ``count`` lines; return all that it had said."""
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    said = [process.stdout.readline() for _ in range(count)]
    process.kill()
    rest, _ = process.communicate()
    return [line.strip() for line in [*said, *rest.splitlines(keepends=True)] if line[-1:] == "\n"]


async def test_no_acknowledged_write_is_lost_in_a_kill(tmp_path: Path, is_long: bool) -> None:  # noqa: FBT001 - a fixture
    """kill -9 at any moment: what a writer was told is durable is there, and is whole."""
    kills = 100 if is_long else 5
    path = tmp_path / "state.db"
    chance = random.Random(kills)  # noqa: S311 - which moment does not matter
    acknowledged: list[str] = []
    for number in range(kills):
        with _process("settle", f"sqlite:///{path}", f"run{number}") as process:
            acknowledged += _lines_until_killed(process, chance.randrange(1, 200))
    store = SQLiteStore(SQLiteDatabase(str(path)), holder="after", lease=LEASE, clock=Clock())
    await store.open()
    assert await store.settled(acknowledged) == set(acknowledged)
    recorded = [record.message_ids[0] async for record in store.records()]
    assert set(acknowledged) <= set(recorded)
    assert len(recorded) == len(set(recorded))
    assert await store.settled(recorded) == set(recorded)
    await store.close()


async def test_a_second_process_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    """It is told the holder and the process; kill -9 frees file and lease at once."""
    path = tmp_path / "state.db"
    database = SQLiteDatabase(str(path))
    store = SQLiteStore(database, holder="two", lease=LEASE, clock=Clock())
    with _process("hold", f"sqlite:///{path}", "one") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StateInUse, match=rf"one \(process {process.pid} on .+\)"):
            await store.open()
    await store.open()
    assert (await claimed(store, "c", "m")).attempt == 2
    await store.close()


def test_replicas_race_and_answer_each_turn_once(postgres_server: PostgresServer) -> None:
    """Three processes ask for the same turns at the same time: each is granted exactly once."""
    turns = 400
    schema = f"agentbot_race_{os.getpid()}"
    with (
        _process("race", postgres_server.url, schema, "one", str(turns)) as one,
        _process("race", postgres_server.url, schema, "two", str(turns)) as two,
        _process("race", postgres_server.url, schema, "three", str(turns)) as three,
    ):
        racers = (one, two, three)
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "open\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
        won = [line for racer in racers for line in racer.communicate()[0].splitlines()]
    assert sorted(won) == sorted(f"m{number} 1" for number in range(turns))


async def test_a_killed_replicas_turn_passes_on(postgres_server: PostgresServer) -> None:
    """With PostgreSQL a lease outlives its process, and ends with its time."""
    harness = PostgresHarness(postgres_server.url)
    harness.schema = "agentbot"
    survivor = await harness.store("survivor")
    with _process("hold", postgres_server.url, "victim") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
    assert await survivor.orphans() == []
    await harness.advance(LEASE.total_seconds())
    (orphan,) = await survivor.orphans()
    assert orphan.holder == "victim"
    assert (await claimed(survivor, "c", "m")).attempt == 2
    await harness.close()
