"""Bar 9: waits of those who need no model, while eight decisions by the FAQ's meanings are made."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor

from tests.bench.speed.bot import IN_MEMORY, bot
from tests.bench.speed.joining import ask
from tests.bench.speed.options import Options, options
from tests.bench.speed.processes import folder, settled_memory
from tests.bench.speed.sides import Scale, Side, side
from tests.bench.speed.table import Bar, Figure, Row, Table

_FAQ_IN_FLIGHT = 8
"""Decisions by meanings at a time, the bar's own number."""
_WARM_UP = 50
"""Turns before anything counts, of both kinds."""
_SCALE = Scale(conversations=100, beside=16)
_MEANINGS = {"AGENTBOT_FAQ__EMBEDDINGS": "local"}


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    wanted = options(chosen)
    alone: dict[str, list[float]] = {"p50": [], "p99": []}
    beside: dict[str, list[float]] = {"p50": [], "p99": []}
    decided = []
    with folder() as place, side(bot(IN_MEMORY, others=_MEANINGS), place, _SCALE) as one:
        settled_memory(one.client)  # the models are loaded
        one.run(in_flight=1, turns=_WARM_UP)
        _ask_faq(one, turns=_WARM_UP)
        for _ in range(wanted.rounds):
            figures = one.run(in_flight=1, seconds=wanted.seconds)
            with ThreadPoolExecutor() as pool:
                asking = pool.submit(_ask_faq, one, seconds=wanted.seconds)
                loaded = one.run(in_flight=1, seconds=wanted.seconds)
                decided.append(asking.result())
            for what in ("p50", "p99"):
                alone[what].append(getattr(figures, what) * 1e3)
                beside[what].append(getattr(loaded, what) * 1e3)
    wanted.show(_table(wanted, alone, beside, decided))


def _table(
    wanted: Options,
    alone: dict[str, list[float]],
    beside: dict[str, list[float]],
    decided: list[float],
) -> Table:
    rows = []
    for what in ("p50", "p99"):
        before, loaded = Figure(tuple(alone[what]), "ms"), Figure(tuple(beside[what]), "ms")
        bar = Bar(2, is_most=True) if what == "p99" else None
        rows.append(Row("", f"a rule's answer, {what}, alone", before))
        name = f"a rule's answer, {what}, {_FAQ_IN_FLIGHT} beside"
        rows.append(Row("9", name, loaded, loaded.median / before.median, bar))
    rows.append(Row("", "decisions by meanings", Figure(tuple(decided), "a second")))
    return Table(f"one turn at a time, {wanted.rounds} rounds of {wanted.seconds:g} s", rows)


def _ask_faq(one: Side, *, seconds: float = 0.0, turns: int = 0) -> float:
    """Let the others ask the FAQ; return how many were answered a second."""
    load = {"in_flight": _FAQ_IN_FLIGHT, "seconds": seconds, "turns": turns}
    seen = ask(one.url, "POST", "/bench/beside", load)
    answered: float = len(seen["waits"]) / seen["seconds"]
    return answered
