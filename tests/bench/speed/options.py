"""What all subcommands understand: ``--quick``, ``--rounds``, ``--json``."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.speed.table import Table

ROUNDS, QUICK_ROUNDS = 5, 2
"""Rounds whose median counts, and in the short form."""
SECONDS, QUICK_SECONDS = 4.0, 1.5
"""Seconds of one load: several hundred turns of the slowest, and in the short form a hundred."""
_OWN = 1
"""By how much the load may exceed the cores before it is worth a word."""


@dataclass(frozen=True, slots=True)
class Options:
    """How long to measure, and where to write it."""

    rounds: int = ROUNDS
    seconds: float = SECONDS
    json: Path | None = None
    quick: bool = False

    def show(self, table: Table) -> None:
        """Print a table, and write it where asked; say so where the machine was busy."""
        load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
        if load > cores + _OWN:
            note = (
                f"{load:.0f} processes shared {cores} cores: waits and rates say little, CPU more"
            )
            table = replace(table, notes=[*table.notes, note])
        print(table, flush=True)
        if self.json is not None:
            table.save(self.json)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add them to a subcommand."""
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--rounds", type=int, help=f"{ROUNDS}; with --quick {QUICK_ROUNDS}")
    parser.add_argument("--seconds", type=float, help="of one load; 4, with --quick 1.5")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table there too")


def options(chosen: argparse.Namespace) -> Options:
    """Return what was chosen."""
    return Options(
        rounds=chosen.rounds or (QUICK_ROUNDS if chosen.quick else ROUNDS),
        seconds=chosen.seconds or (QUICK_SECONDS if chosen.quick else SECONDS),
        json=chosen.json,
        quick=chosen.quick,
    )
