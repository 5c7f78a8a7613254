"""The bars: ``python -m tests.bench`` lists what can be measured; each prints one table.

Server and client have a processor each, the rounds of all sides are interleaved, and what counts is
the median. A raw client in the same run shows that the load server is not the bottleneck.

    python -m tests.bench turns --quick                  turns/s, CPU, waits; half a minute
    python -m tests.bench turns --quick --profile FILE   and where the bot's CPU goes, by room
    python -m tests.bench turns --json FILE              the table as JSON too
"""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.speed import (
    beside,
    curves,
    decisions,
    disk,
    footprint,
    joins,
    memory,
    models,
    peers,
    replicas,
    scale,
    turns,
)
from tests.bench.speed.options import add_options


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: what it measures, its own options, and what runs it."""

    about: str
    run: Callable[[argparse.Namespace], None]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda _parser: None


COMMANDS = {
    "turns": Command(
        "bars 1, 2, 4, 5: turns a second, CPU a turn, waits", turns.run, turns.add_arguments
    ),
    "peers": Command("bar 3: other clients of Phoenix Channels", peers.run),
    "scale": Command("bar 6: 10,000 conversations against 100", scale.run, scale.add_arguments),
    "memory": Command("bar 7: bytes a followed conversation", memory.run),
    "joins": Command("bar 8: 10,000 joins, and customers' waits meanwhile", joins.run),
    "beside": Command("bar 9: waits while decisions by meanings are made", beside.run),
    "footprint": Command("bar 10: start, --help, memory", footprint.run),
    "models": Command("bar 11: turns that ask a language model", models.run),
    "replicas": Command("bar 12: two replicas that share a PostgreSQL", replicas.run),
    "decisions": Command("bar 13: a decision by 20, 500, 2,000 rules", decisions.run),
    "disk": Command("bar 14: bytes of database and log a turn", disk.run),
    "curves": Command("curves as work grows", curves.run, curves.add_arguments),
}
"""By name, in the order of the bars."""

OTHERS = (
    *("attacks", "dialogues", "faq_prior", "faq_triage", "grounding", "journal_size"),
    *("languages", "more_phrasings", "retrieval", "rules_speed", "state", "unrelated"),
)
"""Benches of other things, each a module with options of its own (``--data``, ``--quick`` …)."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was asked for."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in OTHERS:
        sys.argv = [f"python -m tests.bench {arguments[0]}", *arguments[1:]]
        runpy.run_module(f"tests.bench.{arguments[0]}", run_name="__main__")
        return
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        epilog=f"others, with options of their own (--help): {', '.join(OTHERS)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.about, description=command.about)
        add_options(one)
        command.add_arguments(one)
        one.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    chosen.run(chosen)


if __name__ == "__main__":
    main()
