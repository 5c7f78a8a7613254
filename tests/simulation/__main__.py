"""``python -m tests.simulation --seeds 2000``: many worlds, and figures of what became of them."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.crowd import crowd, too_fast
from tests.simulation.run import Result, simulate
from tests.simulation.world import settings

_SHOWN = 5


def main() -> int:
    """Run what the command line asks for; 1 where an invariant was broken."""
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
    return 1 if figures.failed else 0


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


class Figures:
    """The sum of many runs."""

    def __init__(self) -> None:
        self.seeds = 0
        self.failed = 0
        self.seconds = 0.0
        self.counts: Counter[str] = Counter()
        self.failures: list[int] = []
        self.most: dict[str, int] = {}

    def add(self, result: Result) -> None:
        """Add one run."""
        self.seeds += 1
        self.seconds += result.seconds
        self.counts.update(result.counts)
        for what, most in result.most.items():
            self.most[what] = max(self.most.get(what, 0), most)
        if result.violations:
            self.failed += 1
            self.failures.append(result.seed)

    def text(self, seconds: float) -> str:
        """Return the figures as lines."""
        counts = self.counts
        rows = [
            ("seeds", f"{self.seeds}, {self.failed} of them failed {self.failures[:20] or ''}"),
            ("customers' messages", counts["messages"]),
            ("answered once", counts["answered"]),
            ("lost", counts["lost"]),
            ("doubled", counts["doubled"]),
            ("kills", counts["kills"]),
            *self._counted("left:"),
            *self._counted("person:"),
            *self._counted("fault "),
            *self._counted("shed:"),
            *((f"most {what} a minute", most) for what, most in sorted(self.most.items())),
            ("state lost", counts["state lost"]),
            ("virtual hours", f"{self.seconds / 3600:.1f}"),
            ("seconds", f"{seconds:.1f} ({1000 * seconds / max(1, self.seeds):.0f} ms a seed)"),
        ]
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:{width}}  {value}" for name, value in rows)

    def _counted(self, kind: str) -> list[tuple[str, int]]:
        return [(name, self.counts[name]) for name in sorted(self.counts) if name.startswith(kind)]


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
