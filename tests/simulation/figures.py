"""The sum of many worlds: what became of the messages, what was reached, and what is missing."""

from __future__ import annotations

from collections import Counter

from tests.simulation import rare, table
from tests.simulation.faults import KINDS
from tests.simulation.run import Result

LEAST_ANSWERED = 0.75
"""The share of customers' messages that must get a reply. Measured: 0.88 over 2,000 seeds; the
others are left for reasons that hold. A mute bot has none."""
_FEW = 100
"""Seeds below which a share means little."""


class Figures:
    """What many runs have in common. Add each; then read :meth:`text` and :meth:`problems`."""

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

    @property
    def answered(self) -> float:
        """The share of customers' messages that got a reply."""
        return self.counts["answered"] / max(1, self.counts["messages"])

    def problems(self) -> list[str]:
        """Return what makes the run red though no invariant was broken: what it did not show."""
        found = rare.missed(self.counts, self.seeds)
        found += table.empty(KINDS, self.counts, self.seeds)
        if self.seeds >= _FEW and self.answered < LEAST_ANSWERED:
            found.append(f"{self.answered:.1%} answered, and {LEAST_ANSWERED:.0%} are the least")
        return found

    def text(self, seconds: float) -> str:
        """Return the figures as lines."""
        counts = self.counts
        share = f"{counts['answered']}, {self.answered:.1%} (least: {LEAST_ANSWERED:.0%})"
        rows = [
            ("seeds", f"{self.seeds}, {self.failed} of them failed {self.failures[:20] or ''}"),
            ("customers' messages", counts["messages"]),
            ("answered once", share),
            ("lost", counts["lost"]),
            ("doubled", counts["doubled"]),
            ("unfounded", counts["unfounded"]),
            *self._counted("answered again"),
            ("kills", counts["kills"]),
            *self._counted("left:"),
            *self._counted("person:"),
            *self._counted("fault "),
            *self._counted("shed:"),
            *((f"most {what} a minute", most) for what, most in sorted(self.most.items())),
            ("state lost", counts["state lost"]),
            ("virtual hours", f"{self.seconds / 3600:.1f}"),
        ]
        width = max(len(name) for name, _ in rows)
        took = f"{seconds:.1f} ({1000 * seconds / max(1, self.seeds):.0f} ms a seed)"
        return "\n".join(
            (
                *(f"{name:{width}}  {value}" for name, value in rows),
                "",
                *table.lines(KINDS, counts),
                "",
                *rare.lines(counts),
                "",
                f"{'seconds':{width}}  {took}",
            )
        )

    def _counted(self, kind: str) -> list[tuple[str, int]]:
        return [(name, self.counts[name]) for name in sorted(self.counts) if name.startswith(kind)]
