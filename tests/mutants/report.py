"""The figures of a run: by module and by floor, as a table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tests.mutants.floors import Floor
from tests.mutants.trial import Trial


@dataclass(frozen=True, slots=True)
class Count:
    """Mutants made; those noticed; those that survived, and of them those known to."""

    made: int
    noticed: int
    known: int

    @property
    def survived(self) -> int:
        """Those that no test has noticed, the known ones left out."""
        return self.made - self.noticed - self.known

    @property
    def share(self) -> float:
        """The share of those that can be noticed which was; 1.0 where there are none."""
        meaningful = self.made - self.known
        return self.noticed / meaningful if meaningful else 1.0


def count(trials: Iterable[Trial], known: Collection[str]) -> Count:
    """Count the trials; ``known`` holds the keys of those that need not be noticed."""
    tried = list(trials)
    noticed = sum(trial.noticed for trial in tried)
    unnoticed = [trial for trial in tried if not trial.noticed]
    return Count(len(tried), noticed, sum(trial.mutant.key in known for trial in unnoticed))


def table(floors: Sequence[tuple[Floor, Sequence[Trial]]], known: Collection[str]) -> str:
    """Return a line for each module and each floor."""
    rows: list[tuple[str, Count]] = []
    for floor, trials in floors:
        paths = sorted({trial.mutant.path for trial in trials})
        for path in paths:
            of_module = [trial for trial in trials if trial.mutant.path == path]
            rows.append((path, count(of_module, known)))
        rows.append((f"= {floor.name} (at least {floor.minimum:.2f})", count(trials, known)))
    width = max(len(name) for name, _ in rows)
    lines = [f"{'module':{width}}  made  noticed  survived  known  share"]
    lines += [
        f"{name:{width}}  {one.made:4}  {one.noticed:7}  {one.survived:8}  {one.known:5}"
        f"  {one.share:5.2f}"
        for name, one in rows
    ]
    return "\n".join(lines)


def unexplained(
    floors: Iterable[tuple[Floor, Sequence[Trial]]], known: Collection[str]
) -> list[str]:
    """Return the survivors that known.yaml gives no reason for, a line each."""
    return [
        f"without a reason: {trial.mutant.key}"
        for _, trials in floors
        for trial in trials
        if not trial.noticed and trial.mutant.key not in known
    ]


def too_few(
    floors: Iterable[tuple[Floor, Sequence[Trial]]], known: Collection[str], *, lenience: float = 0
) -> list[str]:
    """Return the floors whose tests notice less than they must, a line each.

    ``lenience`` is taken from each floor's minimum: a small sample has its luck.
    """
    problems = []
    for floor, trials in floors:
        share, minimum = count(trials, known).share, floor.minimum - lenience
        if share < minimum:
            problems.append(f"{floor.tests} notices {share:.2f}: at least {minimum:.2f}")
    return problems
