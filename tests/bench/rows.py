"""The rows of the table: which FAQs are cut out of which set, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch

from tests.bench.sets import JOINED, JOINED_OF, TRIAGE, CutOut, FaqSet, cut_out

SHARES = (0.0, 0.2, 0.5)
"""The shares of unanswerable questions."""
AS_IT_IS = None
"""The share that the set has itself."""
CUT_OUT = "cut out"
"""How the names of the rows begin that stand for many FAQs."""
_SEEDS = 3
"""FAQs that are pooled in a row of few phrasings: which ones they are decides much."""
_MOST = 1000
"""Questions of each kind that are asked of a FAQ: a share of them is sure to 3 points of 100."""
_MOST_OF_CUT_OUT = 250
"""The same for FAQs of which three are pooled in a row."""
_MOST_IN_QUICK = 150
"""The same in the quick form."""
_GRID = (
    *((5, 1), (5, 10), (10, 3), (10, 40), (20, 1), (20, 5), (20, 20)),
    *((40, 2), (40, 10), (80, 1), (80, 10), (120, 5), (200, 5)),
)
"""Entries and phrasings of the FAQs cut out, where a set has them; the largest are the joined
set's."""
_SMALL = 60
"""Entries up to which a FAQ is cut out of each set; larger ones of the joined set alone."""
_PHRASINGS_OF_JOINED = 20
"""Phrasings above which too few entries of the joined set have as many."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: FAQs of one shape, one a seed, cut out of the set ``set_name``.

    None for ``entries`` and ``phrasings``: all, see `cut_out`.
    """

    name: str
    set_name: str
    entries: int | None = None
    phrasings: int | None = None
    seeds: int = 1
    most_asked: int | None = _MOST
    shares: tuple[float | None, ...] = SHARES
    is_quick: bool = False

    @property
    def is_cut_out(self) -> bool:
        """Whether it is one of many rows of FAQs of every size."""
        return self.name.startswith(CUT_OUT)

    def faqs(self, sets: Mapping[str, FaqSet], *, has_own_ids: bool = True) -> Iterator[CutOut]:
        """Yield its FAQs with their questions; without ids of their own entries are numbered."""
        for seed in range(self.seeds):
            cut = cut_out(
                sets[self.set_name],
                entries=self.entries,
                phrasings=self.phrasings,
                seed=seed,
                most_asked=self.most_asked,
            )
            yield cut if has_own_ids else cut.numbered()


def all_rows(sets: Mapping[str, FaqSet]) -> list[Row]:
    """Return the rows for the sets there are."""
    rows = [
        Row(TRIAGE, TRIAGE, most_asked=None, shares=(AS_IT_IS, *SHARES), is_quick=True),
    ]
    if JOINED in sets:
        rows += [
            Row(f"{JOINED} x10", JOINED, phrasings=10, is_quick=True),
            Row(f"{JOINED} 50 x3", JOINED, 50, 3, seeds=_SEEDS, is_quick=True),
        ]
    for name in sets:
        if name in (TRIAGE, JOINED):
            continue
        most = max(len(texts) for texts in sets[name].phrasings.values())
        for phrasings in (1, 2, 3, 10, 20):
            if phrasings < most or phrasings == 1:
                few = phrasings <= 3
                seeds = _SEEDS if few and most > 1 else 1
                rows.append(
                    Row(
                        f"{name} x{phrasings}",
                        name,
                        phrasings=phrasings,
                        seeds=seeds,
                        is_quick=phrasings in (1, 3) and name in JOINED_OF,
                    )
                )
        if most > 1:
            rows.append(Row(f"{name} all", name, is_quick=name in JOINED_OF))
    return [*rows, *_cut_out_rows(sets)]


def quick(rows: Sequence[Row]) -> list[Row]:
    """Return some of the rows with one FAQ each and few questions."""
    return [replace(row, seeds=1, most_asked=_MOST_IN_QUICK) for row in rows if row.is_quick]


def chosen(rows: Sequence[Row], patterns: Sequence[str]) -> list[Row]:
    """Return the rows whose name one of the ``patterns`` (as of file names) fits.

    Raises ``ValueError`` for a pattern that fits none.
    """
    for pattern in patterns:
        if not any(fnmatch(row.name, pattern) for row in rows):
            names = ", ".join(row.name for row in rows)
            raise ValueError(f"no row is named {pattern!r}; there are: {names}")
    return [row for row in rows if any(fnmatch(row.name, pattern) for pattern in patterns)]


def _cut_out_rows(sets: Mapping[str, FaqSet]) -> Iterator[Row]:
    for entries, phrasings in _GRID:
        for name, faq_set in sets.items():
            enough = sum(len(texts) >= phrasings for texts in faq_set.phrasings.values())
            left_over = len(faq_set.phrasings) - entries
            if (name == JOINED) != (entries > _SMALL) or left_over < 1:
                continue
            if enough < len(faq_set.phrasings) / 2:
                continue
            yield Row(
                f"{CUT_OUT} {name} {entries} x{phrasings}",
                name,
                entries,
                phrasings,
                seeds=_SEEDS,
                most_asked=_MOST_OF_CUT_OUT,
                is_quick=(entries, phrasings) in ((5, 10), (20, 5)),
            )
