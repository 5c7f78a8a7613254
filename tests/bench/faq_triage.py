"""Measure FAQ triage on public data: ``python -m tests.bench.faq_triage``.

Prints a table of what is found and answered, a table of costs, and what falls short of the bars.
``--quick`` takes a part of the rows and of their questions; ``--rows 'hwu*' 'joined*'`` chooses
rows by name; ``--scale`` adds the costs of 5,000 entries; ``--json FILE`` writes all figures;
``--prior left-out`` reports each set with a judge that was learnt on all others. Vectors of meaning
are kept in a temporary folder: the first run embeds everything, which takes a minute or two.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from math import isfinite
from pathlib import Path
from typing import Any

from tests.bench.asking import PRECISIONS
from tests.bench.bars import BARS, excesses, shortfalls
from tests.bench.costs import Costs
from tests.bench.folder import VARIABLE, DataAbsent, existing_folder
from tests.bench.lines import Line
from tests.bench.priors import LEFT_OUT, MODES, SHIPPED
from tests.bench.rows import LARGE_ROWS, all_rows, chosen, quick
from tests.bench.sets import load_sets
from tests.bench.work import Job, begin, costs_of, lines_of

USAGE = 2
"""The exit code for a wrong call, and for data that is absent."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""The environment in which numpy takes one thread: times are those of one processor."""
HEADER = (
    "row",
    "search",
    "prior",
    "entries",
    "phrasings",
    "unanswerable",
    "right",
    "AUROC",
    *(
        column
        for asked in PRECISIONS
        for column in (f"at {asked}: rightly", "possible", "precision", "answers")
    ),
    "falls short",
)
"""The columns of the table of figures."""
COSTS_HEADER = (
    "row",
    "search",
    "entries",
    "phrasings",
    "fit, s",
    "of that vectors",
    "cached fit, s",
    "after an edit, s",
    "ms/question, median",
    "p95",
    "peak, MB",
    "after an edit, MB",
    "kept, MB",
    "too much",
)
"""The columns of the table of costs."""


def table_row(cells: Sequence[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def header(cells: Sequence[str]) -> str:
    """Return the head of a table."""
    return f"{table_row(cells)}\n|{'---|' * len(cells)}"


def share_of(line: Line) -> str:
    """Say what share of a line's questions is unanswerable."""
    return "as it is" if line.share is None else f"{line.share:.0%}"


def cells_of(line: Line) -> list[str]:
    """Return a line's cells, as `HEADER` names them."""
    figures = [f"{line.right:.3f}", _share(line.auroc)]
    for seen in line.at.values():
        figures += [f"{seen.coverage:.3f}", f"{seen.possible:.3f}", _share(seen.precision)]
        figures.append(f"{seen.answers:.0f}")
    size = [str(line.entries), str(line.phrasings)]
    short = "; ".join(shortfalls(line)) or "ok"
    return [line.row, line.mode, line.prior, *size, share_of(line), *figures, short]


def cells_of_costs(job: Job, costs: Costs) -> list[str]:
    """Return the cells of a row's costs, as `COSTS_HEADER` names them."""
    return [
        job.row.name,
        job.mode,
        str(costs.entries),
        str(costs.phrasings),
        f"{costs.fit_s:.1f}",
        f"{costs.embedding_s:.1f}",
        f"{costs.cached_fit_s:.2f}",
        f"{costs.edit_s:.2f}",
        f"{costs.median_ms:.1f}",
        f"{costs.p95_ms:.1f}",
        f"{costs.peak_mb:.0f}",
        f"{costs.edit_peak_mb:.0f}",
        f"{costs.growth_mb:.0f}",
        "; ".join(excesses(costs)) or "ok",
    ]


def summary(lines: Sequence[Line]) -> str:
    """Say of each bar in each mode how many lines reach it, and name those that do not."""
    said = []
    for mode in MODES:
        mine = [line for line in lines if line.mode == mode]
        for bar, find in BARS.items():
            missed = [(line, problem) for line in mine for problem in find(line)]
            short = len({id(line) for line, _ in missed})
            if mine:
                said.append(f"{mode}, {bar}: {len(mine) - short} of {len(mine)} lines reach it")
            said += [f"  {line.row}, {share_of(line)}: {problem}" for line, problem in missed]
    return "\n".join(said)


def record_of(line: Line) -> dict[str, Any]:
    """Return a line as JSON holds it: no number that is none, and what it falls short of."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {str(key): plain(inner) for key, inner in value.items()}
        return None if isinstance(value, float) and not isfinite(value) else value

    return {key: plain(value) for key, value in asdict(line).items()} | {
        "falls_short": shortfalls(line)
    }


def main() -> int:
    """Measure every row in every mode and print the tables."""
    options = _options()
    try:
        folder = existing_folder(options.data)
        rows = all_rows(load_sets(folder))
        rows = quick(rows) if options.quick else rows
        rows = chosen(rows, options.rows) if options.rows else rows
    except (DataAbsent, ValueError) as problem:
        print(problem, file=sys.stderr)
        return USAGE
    os.environ.update(ONE_THREAD)
    modes = [mode for mode in MODES if options.mode in (mode, None)]
    jobs = [
        Job(row, mode, folder, options.prior, not options.opaque_ids)
        for row in rows
        for mode in modes
    ]
    start = time.monotonic()
    print(header(HEADER), flush=True)
    lines = []
    for found in _in_processes(jobs, options.jobs):
        for line in found:
            print(table_row(cells_of(line)), flush=True)
        lines += found
    costs = []
    costly = [] if options.quick or options.no_costs else [job for job in jobs if job.row.has_costs]
    if options.scale:
        costly += [Job(row, mode, folder) for row in LARGE_ROWS for mode in modes]
    if costly:
        print(f"\n{header(COSTS_HEADER)}", flush=True)
        for job, seen in _costs(costly, options.jobs):
            print(table_row(cells_of_costs(job, seen)), flush=True)
            costs.append({"row": job.row.name, "mode": job.mode, **asdict(seen)})
    print(f"\n{summary(lines)}\n{time.monotonic() - start:.0f} s")
    if options.json:
        figures = {"lines": [record_of(line) for line in lines], "costs": costs}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


def _in_processes(jobs: Sequence[Job], processes: int) -> Iterator[list[Line]]:
    """Yield the lines of each job, in order, as they come."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, initializer=begin) as pool:
        yield from pool.map(lines_of, jobs)


def _costs(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, Costs]]:
    """Yield each job with its costs, measured in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        processes, mp_context=spawn, initializer=begin, max_tasks_per_child=1
    ) as pool:
        yield from zip(jobs, pool.map(costs_of, jobs), strict=True)


def _share(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else "-"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help=f"the data's folder (default: {VARIABLE})")
    parser.add_argument("--rows", nargs="+", metavar="NAME", help="rows by name, or by pattern")
    parser.add_argument("--mode", choices=MODES)
    parser.add_argument("--quick", action="store_true", help="fewer rows and questions, no costs")
    parser.add_argument("--no-costs", action="store_true")
    parser.add_argument("--scale", action="store_true", help="costs of 5,000 entries too: minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default: 2)")
    parser.add_argument(
        "--prior", default=SHIPPED, help=f"{SHIPPED}, {LEFT_OUT}, or MODULE:FUNCTION"
    )
    parser.add_argument(
        "--opaque-ids", action="store_true", help="entries have numbers for ids, not words"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
