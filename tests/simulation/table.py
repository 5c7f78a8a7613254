"""The table of faults by phases: how often each kind struck while a turn was in each phase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.simulation.rare import ENOUGH
from tests.simulation.turns import Phase

_CELL = "cell: "


_LATE = {
    "cut at reply": "comes when a reply has just left; other turns may be elsewhere, by chance",
    "stall at reply": "comes when a reply has just left; other turns may be elsewhere, by chance",
    "freeze at reply": "comes some callbacks after a reply has left; the turn is past the others",
}

MAY_BE_EMPTY = {
    (kind, phase): why
    for kind, why in _LATE.items()
    for phase in Phase
    if phase not in {Phase.SENDING, Phase.AWAITING}
}
"""Cells that cannot be aimed at, and why. All others must be filled."""


def cell(kind: str, phase: Phase) -> str:
    """Return the name of a cell among a run's counts."""
    return f"{_CELL}{kind} / {phase}"


def empty(kinds: Iterable[str], counts: Mapping[str, int], seeds: int) -> list[str]:
    """Return the cells that are empty and should not be; of few seeds nothing is asked."""
    if seeds < ENOUGH:
        return []
    return [
        f"no {kind} while a turn was {phase}"
        for kind in kinds
        for phase in Phase
        if (kind, phase) not in MAY_BE_EMPTY and not counts.get(cell(kind, phase))
    ]


def lines(kinds: Iterable[str], counts: Mapping[str, int]) -> list[str]:
    """Return the table as lines, and below it why some cells may be empty."""
    rows = list(kinds)
    width = max(map(len, rows))
    heads = [phase.split()[0][:10] for phase in Phase]
    text = [" ".join((" " * width, *(f"{head:>10}" for head in heads)))]
    for kind in rows:
        cells = (_shown(kind, phase, counts.get(cell(kind, phase), 0)) for phase in Phase)
        text.append(" ".join((f"{kind:{width}}", *(f"{shown:>10}" for shown in cells))))
    return [*text, *(f"*  {kind}: {why}" for kind, why in _LATE.items())]


def _shown(kind: str, phase: Phase, count: int) -> str:
    return f"{count}*" if (kind, phase) in MAY_BE_EMPTY else f"{count}"
