"""A tenth of the long run, for CI; all of it with ``--long``."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import pytest

from tests.chaos import report, scenario
from tests.support.postgres import PostgresServer


def _seed() -> int:
    """Return the seed: ``CHAOS_SEED``, else a new one, which a failure prints."""
    return int(os.environ.get("CHAOS_SEED") or secrets.randbelow(1_000_000))


async def _keep_promises(plan: scenario.Plan, capsys: pytest.CaptureFixture[str]) -> None:
    account = await scenario.run(plan)
    with capsys.disabled():
        sys.stdout.write(f"\n{report.figures(account)}\n")
    failures = await report.failures(account)
    assert not failures, f"\n{report.figures(account)}\n{failures}"
    assert sum(account.lives.kills.values()) >= plan.kills
    assert sum(account.customers.kinds.values()) == plan.turns


async def test_one_bot_on_sqlite_loses_and_doubles_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, is_long: bool
) -> None:
    """Killed at random, behind a faulty network, on a faulty server: each question one answer."""
    times = 10 if is_long else 1
    plan = scenario.Plan(folder=tmp_path, kills=10 * times, turns=100 * times, seed=_seed())
    await _keep_promises(plan, capsys)


async def test_two_replicas_on_postgresql_lose_and_double_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    postgres_server: PostgresServer,
    *,
    is_long: bool,
) -> None:
    """Killed independently of each other, the database going away too: each question one answer."""
    times = 10 if is_long else 1
    plan = scenario.Plan(
        folder=tmp_path,
        kills=10 * times,
        turns=100 * times,
        seed=_seed(),
        replicas=2,
        database=postgres_server,
    )
    await _keep_promises(plan, capsys)
