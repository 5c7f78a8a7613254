"""Kills and faults at random lose no answer and double none. A thirtieth in CI; all: ``--long``."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos import report, scenario
from tests.support.postgres import PostgresServer, binaries, require_binaries


def _seed() -> int:
    """Return the seed: ``CHAOS_SEED``, else a new one, which a failure prints."""
    return int(os.environ.get("CHAOS_SEED") or secrets.randbelow(1_000_000))


def _broken(result: scenario.ChaosResult) -> bool:
    plan = result.plan
    enough = sum(result.lives.kills.values()) >= plan.kills
    return not (result.is_good and enough and result.customers.kinds.total() == plan.turns)


async def test_kills_and_faults_lose_nothing_and_double_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, is_long: bool
) -> None:
    """One bot on SQLite, two replicas on PostgreSQL, killed at random: each question one answer.

    Both at once, behind faulty networks, on faulty servers, the database going away too.
    """
    times = 30 if is_long else 1
    folders = [tmp_path / "sqlite", tmp_path / "postgres"]
    for folder in folders:
        folder.mkdir()
    plans = [scenario.ChaosPlan(folder=folders[0], kills=2 * times, turns=20 * times, seed=_seed())]
    with ExitStack() as stack:
        if binaries() is not None:
            database = PostgresServer(require_binaries())
            stack.callback(database.remove)
            database.start()
            plans.append(
                scenario.ChaosPlan(
                    folder=folders[1],
                    kills=5 * times,
                    turns=45 * times,
                    seed=_seed(),
                    replicas=2,
                    database=database,
                )
            )
        results = await asyncio.gather(*(scenario.run(plan) for plan in plans))
        told = [f"{report.figures(result)}\n{await report.failures(result)}" for result in results]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(told))
    assert not [text for result, text in zip(results, told, strict=True) if _broken(result)]
    require_binaries()
