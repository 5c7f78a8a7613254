"""A tenth of the long run, for CI; all of it with ``--long``."""

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


def _broken(account: scenario.Account) -> bool:
    plan = account.plan
    enough = sum(account.lives.kills.values()) >= plan.kills
    return not (account.is_good and enough and account.customers.kinds.total() == plan.turns)


async def test_kills_and_faults_lose_nothing_and_double_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, is_long: bool
) -> None:
    """One bot on SQLite, two replicas on PostgreSQL, killed at random: each question one answer.

    Both at once, behind faulty networks, on faulty servers, the database going away too.
    """
    times = 10 if is_long else 1
    folders = [tmp_path / "sqlite", tmp_path / "postgres"]
    for folder in folders:
        folder.mkdir()
    plans = [scenario.Plan(folder=folders[0], kills=6 * times, turns=60 * times, seed=_seed())]
    with ExitStack() as stack:
        if binaries() is not None:
            database = PostgresServer(require_binaries())
            stack.callback(database.remove)
            database.start()
            plans.append(
                scenario.Plan(
                    folder=folders[1],
                    kills=14 * times,
                    turns=140 * times,
                    seed=_seed(),
                    replicas=2,
                    database=database,
                )
            )
        accounts = await asyncio.gather(*(scenario.run(plan) for plan in plans))
        told = [
            f"{report.figures(account)}\n{await report.failures(account)}" for account in accounts
        ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(told))
    assert not [text for account, text in zip(accounts, told, strict=True) if _broken(account)]
    require_binaries()
