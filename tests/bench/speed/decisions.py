"""Bar 13: what a decision by rules costs, as there are more of them.

Measured within this process: every question is new to the rules, all rules are asked for evenly,
and their kinds take turns (words, all words, patterns, conditions).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from agentbot.pipeline.decision import Reply
from agentbot.pipeline.faq.matcher import FaqMatcher
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Turn
from tests.bench.speed import shop
from tests.bench.speed.options import Options, options
from tests.bench.speed.processes import cores
from tests.bench.speed.table import Bar, Figure, Row, Table
from tests.support.turns import turn

BARS = {20: Bar(60, is_most=True), 500: Bar(150, is_most=True), 2_000: Bar(400, is_most=True)}
"""The most µs of CPU that a decision may take, by the number of rules."""
_LEAST, _MOST = 200, 4_000
"""Decisions of one round at least, and at most."""


def run(chosen: argparse.Namespace) -> None:
    """Measure, and print the table."""
    os.sched_setaffinity(0, {cores()[1]})
    wanted = options(chosen)
    wanted.show(table(wanted))


def table(wanted: Options, counts: Sequence[int] = tuple(BARS)) -> Table:
    """Return the table for these numbers of rules."""
    decisions: dict[int, list[float]] = defaultdict(list)
    wholes: dict[int, list[float]] = defaultdict(list)
    loads: dict[int, float] = {}
    pipelines: dict[int, Pipeline] = {}
    for count in counts:
        began = time.process_time()
        pipelines[count] = pipeline_of(count)
        loads[count] = time.process_time() - began
    for number in range(wanted.rounds):
        for count, pipeline in pipelines.items():
            turns = turns_of(count, number)
            rules = pipeline.responders[0]
            decisions[count].append(timed(rules.respond, turns, wanted.seconds))
            turns = turns_of(count, -1 - number)
            wholes[count].append(timed(pipeline.respond, turns, wanted.seconds))
    rows = []
    for count in counts:
        figure = Figure(tuple(decisions[count]), "µs")
        rows.append(Row("13", f"a decision by {count:,} rules", figure, bar=BARS.get(count)))
    for count in counts:
        figure = Figure(tuple(wholes[count]), "µs")
        rows.append(Row("", f"all of a decision, {count:,} rules", figure))
    rows += [Row("", f"loading {one:,} rules", Figure((loads[one],), "s")) for one in counts]
    return Table(f"CPU of decisions, {wanted.rounds} rounds", rows)


def pipeline_of(count: int, *, entries: int = 0) -> Pipeline:
    """Return a pipeline of so many rules, and so many FAQ entries behind them, by words."""
    with tempfile.TemporaryDirectory() as folder:
        prompts = load_prompts(shop.write(Path(folder), rule_count=count, entry_count=entries))
    return build_pipeline(prompts, matcher=FaqMatcher.fit(prompts.faq) if entries else None)


def turns_of(count: int, number: int) -> list[Turn]:
    """Return turns of customers who ask for each rule; in each round they have other words."""
    return _turns([one for _, one in shop.rules(count)], number)


def turns_of_faq(count: int, number: int) -> list[Turn]:
    """Return turns of customers who ask for each entry of the FAQ."""
    return _turns([one for _, one in shop.entries(count)], number)


def _turns(asked: Sequence[shop.Asked], number: int) -> list[Turn]:
    repeats = -(-_LEAST // len(asked))
    return [
        turn(_varied(one.text, f"{number}{repeat}")) for repeat in range(repeats) for one in asked
    ][:_MOST]


def _varied(text: str, number: str) -> str:
    """Return the question so that it is none that was asked before."""
    end = text[-1] if text[-1] in "?." else ""
    return f"{text.removesuffix(end)} for order {number}{end}"


def timed(
    decide: Callable[[Turn], object],
    turns: Sequence[Turn],
    seconds: float,
    *,
    wanted: tuple[type, ...] = (Reply,),
) -> float:
    """Return the µs of CPU for one decision. Raises ``RuntimeError`` where one is not as wanted."""
    end = time.monotonic() + seconds
    done = 0
    began = time.process_time()
    # Whole passes only would take too long where there are many rules: the order is shuffled.
    for one in _spread(turns):
        if not isinstance(decide(one), wanted):
            raise RuntimeError(f"no reply to {one.messages[-1].text!r}")
        done += 1
        if time.monotonic() > end:
            break
    return (time.process_time() - began) / done * 1e6


def _spread(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns so that any beginning of them asks for all rules about evenly."""
    step = 7919  # a prime: it divides none of the lengths here
    return [turns[place * step % len(turns)] for place in range(len(turns))]
