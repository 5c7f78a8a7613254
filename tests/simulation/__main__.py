"""``python -m tests.simulation --seeds 2000``: many worlds, and figures of what became of them."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.crowd import crowd, too_fast
from tests.simulation.figures import Figures
from tests.simulation.run import Result, simulate
from tests.simulation.world import settings

_SHOWN = 5


def main() -> int:
    """Run what the command line asks for; 1 where an invariant was broken, or too little seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many worlds")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="processes at work")
    parser.add_argument("--seed", type=int, help="one world alone")
    parser.add_argument("--trace", action="store_true", help="show what happens in it")
    parser.add_argument("--crowd", type=int, help="one world with so many open conversations")
    options = parser.parse_args()
    if options.crowd is not None:
        return _crowd(options.crowd)
    if options.seed is not None:
        return _one(options.seed, trace=options.trace)
    began = time.perf_counter()
    figures = Figures()
    for result in results(range(options.first, options.first + options.seeds), options.jobs):
        figures.add(result)
        if result.violations and figures.failed <= _SHOWN:
            say(_report(result))
    say(figures.text(time.perf_counter() - began))
    for problem in (problems := figures.problems()):
        say(f"RED: {problem}")
    return 1 if figures.failed or problems else 0


def say(text: str) -> None:
    """Write for who watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def results(seeds: Iterable[int], jobs: int) -> Iterator[Result]:
    """Yield the results of all seeds, in order."""
    if jobs <= 1:
        yield from map(simulate, seeds)
        return
    with ProcessPoolExecutor(jobs, initializer=gc.freeze) as pool:
        yield from pool.map(simulate, seeds, chunksize=8)


def _one(seed: int, *, trace: bool) -> int:
    result = simulate(seed, trace=trace)
    for line in result.trace:
        say(line)
    say(_report(result) if result.violations else f"seed {seed}: all well")
    return 1 if result.violations else 0


def _crowd(conversations: int) -> int:
    figures = crowd(conversations, settings())
    problems = too_fast(figures, settings())
    say("\n".join((figures.text(), *problems)))
    return 1 if problems or figures.violations or figures.lost or figures.doubled else 0


def _report(result: Result) -> str:
    problems = "".join(f"\n  {violation}" for violation in result.violations[:10])
    again = f"python -m tests.simulation --seed {result.seed} --trace"
    return f"seed {result.seed} failed; see it again with: {again}{problems}"


if __name__ == "__main__":
    sys.exit(main())
