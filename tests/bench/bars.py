"""What FAQ triage must reach, and where a line of the table falls short of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.bench.costs import Costs
from tests.bench.lines import Line
from tests.bench.priors import Mode
from tests.bench.sets import TRIAGE

TOLERANCE = 0.03
"""By how much a precision may be under what was asked, where enough was answered."""
ENOUGH = 100
"""Answers from which on their precision says something: it is sure to 3 points of 100."""
OF_POSSIBLE: Mapping[Mode, Mapping[float, float]] = {
    "meanings": {0.9: 0.75, 0.95: 0.6},
    "words": {0.9: 0.6, 0.95: 0.6},
}
"""The least coverage, as a share of the possible, by mode and precision asked for."""
TRIAGE_RIGHT = 0.83
"""The least share of right entries on `faq-triage` as it is, by meanings."""
TRIAGE_COVERAGE = 0.6
"""The least coverage there, asked for 0.9."""
TRIAGE_PRECISION = 0.89
"""The least precision with which that is reached."""
LARGE_ENTRIES = 5000
"""Entries for which the bars of costs are meant."""
FIT_SECONDS = 60
"""The most that the first fit of so many takes of a processor."""
PEAK_MB = 600
"""The most memory of the process meanwhile."""
EDITED_ENTRIES = 1000
"""Entries up to which the bar of an edit is meant."""
EDIT_SECONDS = 1
"""The most that learning after an edit of one entry takes of a processor."""
QUESTION_MS = 15
"""The most that a question takes, by the median."""


def excesses(costs: Costs) -> list[str]:
    """Return what costs too much, in words."""
    is_large = costs.entries >= LARGE_ENTRIES
    found = (
        (costs.edit_s, EDIT_SECONDS, "s after an edit", costs.entries <= EDITED_ENTRIES),
        (costs.fit_s, FIT_SECONDS, "s of fit", is_large),
        (max(costs.peak_mb, costs.edit_peak_mb), PEAK_MB, "MB", is_large),
        (costs.median_ms, QUESTION_MS, "ms a question", is_large),
    )
    return [
        f"{seen:.3g} {unit}, not {most}"
        for seen, most, unit, is_meant in found
        if is_meant and seen > most
    ]


def _precisions(line: Line) -> Iterator[str]:
    for asked, seen in line.at.items():
        # Rounded: 0.87 is not under 0.9 by more than 0.03, whatever their binary fractions say.
        if seen.answers >= ENOUGH and round(asked - seen.precision, 6) > TOLERANCE:
            yield f"precision {seen.precision:.3f} at {asked}"


def _coverages(line: Line) -> Iterator[str]:
    for asked, least in OF_POSSIBLE[line.mode].items():
        seen = line.at[asked]
        if seen.coverage < least * seen.possible:
            yield f"{seen.coverage / seen.possible:.2f} of the possible at {asked}"


def _triage(line: Line) -> Iterator[str]:
    if line.row != TRIAGE or line.mode != "meanings" or line.share is not None:
        return
    seen = line.at[0.9]
    if line.right < TRIAGE_RIGHT:
        yield f"right entry {line.right:.3f}, not {TRIAGE_RIGHT}"
    if seen.coverage < TRIAGE_COVERAGE:
        yield f"answered rightly {seen.coverage:.3f}, not {TRIAGE_COVERAGE}"
    if not seen.precision >= TRIAGE_PRECISION:
        yield f"precision {seen.precision:.3f}, not {TRIAGE_PRECISION}"


BARS: Mapping[str, Callable[[Line], Iterator[str]]] = {
    "precision": _precisions,
    "coverage of the possible": _coverages,
    TRIAGE: _triage,
}
"""By name, what yields how far a line is from a bar; nothing where it reaches it."""


def shortfalls(line: Line) -> list[str]:
    """Return what a line fails to reach, in words; empty where it reaches everything."""
    return [problem for find in BARS.values() for problem in find(line)]
