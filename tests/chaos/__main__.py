"""``python -m tests.chaos --kills 200 --turns 2000 --store sqlite``: the long run, with figures."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos import report, scenario
from tests.support.postgres import PostgresServer, binaries


def main() -> int:
    """Run, print, and return 1 where a promise was broken."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="agentbot-chaos-"))
    server: PostgresServer | None = None
    if options.store == "postgres":
        programs = binaries()
        if programs is None:
            sys.stderr.write("PostgreSQL is not installed (Debian: apt-get install postgresql)\n")
            return 1
        server = PostgresServer(programs)
        server.start()
    try:
        plan = scenario.ChaosPlan(
            folder=folder,
            kills=options.kills,
            turns=options.turns,
            seed=options.seed,
            replicas=options.replicas,
            database=server,
            with_faults=not options.fair,
            tell_slowest=options.slowest,
        )
        return asyncio.run(_run(plan))
    finally:
        if server is not None:
            server.remove()


async def _run(plan: scenario.ChaosPlan) -> int:
    result = await scenario.run(plan)
    sys.stdout.write(report.figures(result) + "\n")
    if plan.tell_slowest:
        sys.stdout.write(report.slowest(result) + "\n")
    failures = await report.failures(result)
    sys.stdout.write(failures + "\n" if failures else "")
    if not failures:
        shutil.rmtree(plan.folder)
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--replicas", type=int, default=1, help="more than one needs postgres")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--fair", action="store_true", help="kills alone: no faults but those")
    parser.add_argument("--slowest", action="store_true", help="tell the slowest answer's story")
    options = parser.parse_args()
    if options.store == "sqlite" and options.replicas > 1:
        parser.error("replicas share a PostgreSQL: --store postgres")
    return options


if __name__ == "__main__":
    sys.exit(main())
