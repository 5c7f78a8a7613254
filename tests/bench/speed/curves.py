"""Curves as work grows: conversations, rules, FAQ entries, messages of a conversation, turns."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agentbot.pipeline.decision import Handoff, Reply
from tests.bench.speed.bot import IN_MEMORY, SQLITE, bot
from tests.bench.speed.chart import Curve, draw
from tests.bench.speed.decisions import pipeline_of, timed, turns_of, turns_of_faq
from tests.bench.speed.options import Options, options
from tests.bench.speed.processes import folder
from tests.bench.speed.sides import Scale, side
from tests.bench.speed.turns import IN_FLIGHT

CONVERSATIONS, QUICK_CONVERSATIONS = (1, 10, 100, 1_000, 10_000, 50_000), (1, 100, 1_000)
RULES, QUICK_RULES = (1, 20, 100, 500, 2_000), (1, 20, 500)
ENTRIES, QUICK_ENTRIES = (1, 20, 100, 1_000, 5_000), (1, 100)
MESSAGES, QUICK_MESSAGES = (2, 20, 50, 100, 200), (2, 100)
TURNS, QUICK_TURNS = 100_000, 1_000
"""How far each curve goes, and in the short form."""
_STEPS = 10
"""Points of the curves by turns."""
_WARM_UP = 100
"""Turns before anything counts."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("--data", type=Path, help="folder for the charts (PNG) and the numbers")
    parser.add_argument("--only", nargs="+", choices=CURVES, default=list(CURVES))


def run(chosen: argparse.Namespace) -> None:
    """Measure, print the numbers, and draw them where asked."""
    wanted = options(chosen)
    drawn: list[Curve] = []
    for name in chosen.only:
        for curve in CURVES[name](wanted):
            print("\n".join(curve.lines()), flush=True)
            drawn.append(curve)
    if chosen.data is not None:
        save(drawn, chosen.data)


def save(curves: Sequence[Curve], place: Path) -> None:
    """Write a chart a curve into the folder, and the numbers of all."""
    place.mkdir(parents=True, exist_ok=True)
    for curve in curves:
        draw(curve, place / f"{curve.name.replace(' ', '-')}.png")
    numbers = {curve.name: {"x": curve.x, "y": curve.y, "points": curve.points} for curve in curves}
    (place / "curves.json").write_text(json.dumps(numbers, indent=1) + "\n")


def _by_conversations(wanted: Options) -> list[Curve]:
    rates, sizes = [], []
    for count in QUICK_CONVERSATIONS if wanted.quick else CONVERSATIONS:
        scale = Scale(conversations=count, history=2)
        with folder() as place, side(bot(IN_MEMORY), place, scale) as one:
            one.run(in_flight=IN_FLIGHT, turns=_WARM_UP)
            rates.append((count, one.run(in_flight=IN_FLIGHT, seconds=wanted.seconds).rate))
            sizes.append((count, one.client.memory() / 1e6))
    return [
        Curve("turns by conversations", "open conversations", "turns/s", rates, "one core"),
        Curve(
            "memory by conversations",
            "open conversations",
            "MB",
            sizes,
            "the channels that are followed, and 100,000 mirrored messages",
        ),
    ]


def _by_rules(wanted: Options) -> list[Curve]:
    points = []
    for count in QUICK_RULES if wanted.quick else RULES:
        rules = pipeline_of(count).responders[0]
        points.append((count, timed(rules.respond, turns_of(count, 0), wanted.seconds)))
    bound = "rules that hold what was written, one after the other"
    return [Curve("decision by rules", "rules", "µs of CPU a decision by rules", points, bound)]


def _by_entries(wanted: Options) -> list[Curve]:
    points = []
    for count in QUICK_ENTRIES if wanted.quick else ENTRIES:
        pipeline = pipeline_of(0, entries=count)
        spent = timed(
            pipeline.respond, turns_of_faq(count, 0), wanted.seconds, wanted=(Reply, Handoff)
        )
        points.append((count, spent / 1e3))
    bound = "entries that share a word with the question"
    what = "ms of CPU a decision, by words"
    return [Curve("decision by FAQ", "FAQ entries", what, points, bound)]


def _by_messages(wanted: Options) -> list[Curve]:
    points = []
    for count in QUICK_MESSAGES if wanted.quick else MESSAGES:
        scale = Scale(conversations=100, history=count, kept=count)
        with folder() as place, side(bot(IN_MEMORY), place, scale) as one:
            one.run(in_flight=IN_FLIGHT, turns=_WARM_UP)
            spent = one.run(in_flight=IN_FLIGHT, seconds=wanted.seconds).cpu
            points.append((count, spent * 1e3))
    what, bound = "ms of CPU a turn", "copies of what is known of each message"
    return [Curve("turn by messages", "messages in a conversation", what, points, bound)]


def _by_turns(wanted: Options) -> list[Curve]:
    step = (QUICK_TURNS if wanted.quick else TURNS) // _STEPS
    memory, disk = [], []
    wrong = 0
    with folder() as place, side(bot(SQLITE), place) as one:
        for number in range(1, _STEPS + 1):
            seen = one.run(in_flight=IN_FLIGHT, turns=step)
            wrong += seen.lost + seen.doubled
            memory.append((number * step, one.client.memory() / 1e6))
            size = sum(path.stat().st_size for path in place.glob("state.db*"))
            disk.append((number * step, size / 1e6))
    said = f"{wrong} lost or doubled"
    return [
        Curve(
            "memory by turns",
            "turns",
            f"MB of memory, {said}",
            memory,
            "the 100,000 messages that are mirrored",
        ),
        Curve("disk by turns", "turns", "MB of database", disk, "the journal's records"),
    ]


CURVES: Mapping[str, Callable[[Options], list[Curve]]] = {
    "conversations": _by_conversations,
    "rules": _by_rules,
    "entries": _by_entries,
    "messages": _by_messages,
    "turns": _by_turns,
}
"""By name, what measures them."""
