"""Bar 11: turns that ask a language model, many under way: see `tests.bench.model_turns`."""

from __future__ import annotations

import argparse
import asyncio

from tests.bench import model_turns
from tests.bench.model_turns import IN_FLIGHT, SECONDS, Figures, Layer
from tests.bench.speed.options import options
from tests.bench.speed.table import Bar, Figure, Row, Table

_BAR = Bar(0.9, 0.95)
_KINDS: tuple[tuple[Layer, bool], ...] = (
    ("call", True),
    ("call", False),
    ("pipeline", True),
    ("pipeline", False),
)
"""What is measured, and whether the answer is streamed."""
_ROUNDS, _QUICK_ROUNDS = 20, 5
"""Answers one after the other, of each that is under way."""


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    seen: dict[tuple[Layer, bool], list[Figures]] = {kind: [] for kind in _KINDS}
    for _ in range(wanted.rounds):
        for layer, streams in _KINDS:
            rounds = _QUICK_ROUNDS if wanted.quick else _ROUNDS
            measured = model_turns.measure(layer, streams=streams, rounds=rounds)
            seen[layer, streams].append(asyncio.run(measured))
    rows = []
    for (layer, streams), figures in seen.items():
        name = f"{layer}, {'streamed' if streams else 'whole'}"
        rate = Figure(tuple(one.per_second for one in figures), "turns/s")
        share = Figure(tuple(one.of_ideal for one in figures), "of the ideal")
        cpu = Figure(tuple(one.cpu_ms for one in figures), "ms")
        rows.append(Row("", f"turns a second, {name}", rate))
        rows.append(Row("11", name, share, bar=_BAR))
        rows.append(Row("", f"CPU a turn, {name}", cpu))
    wanted.show(Table(f"{IN_FLIGHT} in flight, {SECONDS * 1000:.0f} ms a call", rows))
