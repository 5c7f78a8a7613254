"""The rows of the table: which FAQs are cut out of which set, and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch

from tests.bench.sets import JOINED, JOINED_OF, TRIAGE, CutOut, FaqSet, cut_out, large_faq
from tests.bench.writing import WAYS, written

SHARES = (0.0, 0.2, 0.5)
"""The shares of unanswerable questions."""
AS_IT_IS = None
"""The share that the set has itself."""
CUT_OUT = "cut out"
"""How the names of the rows begin that stand for many FAQs."""
WRITTEN = "written"
"""How the names of the rows begin that ask in other ways of writing."""
LARGE = "large"
"""The set of `LARGE_ROWS`, whose entries are made of any texts: for costs alone."""
_SEEDS = 3
"""FAQs that are pooled in a row of few phrasings: which ones they are decides much."""
_MOST = 500
"""Questions of each kind that are asked in a row: a share of them is sure to 4 points of 100, and
most errors are those of all rows alike."""
_MOST_OF_SEED = 200
"""The same for one of three FAQs that are pooled."""
_MOST_OF_CUT_OUT = 120
"""The same where there are many such rows."""
_MOST_IN_QUICK = 120
"""The same in the quick form."""
_GRID = (
    *((5, 1), (5, 10), (10, 3), (10, 40), (20, 1), (20, 5), (20, 20)),
    *((40, 2), (40, 10), (80, 1), (80, 10), (120, 5), (200, 5)),
)
"""Entries and phrasings of the FAQs cut out, where a set has them; the largest are the joined
set's."""
_SMALL = 60
"""Entries up to which a FAQ is cut out of each set; larger ones of the joined set alone."""
_HAVING_AS_MANY = 0.5
"""The share of a set's entries that must have so many phrasings for a FAQ of that many."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: FAQs of one shape, one a seed, cut out of the set ``set_name``.

    None for ``entries`` and ``phrasings``: all, see `cut_out`. ``way`` is how the questions are
    written, one of `WAYS`, or None as they are.
    """

    name: str
    set_name: str
    entries: int | None = None
    phrasings: int | None = None
    seeds: int = 1
    most_asked: int | None = _MOST
    shares: tuple[float | None, ...] = SHARES
    way: str | None = None
    is_quick: bool = False

    @property
    def has_costs(self) -> bool:
        """Whether its costs are measured: those of small FAQs say nothing new."""
        return self.seeds == 1 and self.way is None

    def faqs(self, sets: Mapping[str, FaqSet], *, has_own_ids: bool = True) -> Iterator[CutOut]:
        """Yield its FAQs with their questions; without ids of their own entries are numbered."""
        if self.set_name == LARGE and self.entries and self.phrasings:
            yield large_faq(sets, self.entries, self.phrasings)
            return
        for seed in range(self.seeds):
            cut = cut_out(
                sets[self.set_name],
                entries=self.entries,
                phrasings=self.phrasings,
                seed=seed,
                most_asked=self.most_asked,
            )
            if self.way is not None:
                cut = replace(cut, asked=written(cut.asked, self.way, seed=seed))
            yield cut if has_own_ids else cut.numbered()


LARGE_ROWS = (
    Row("large 1000 x3", LARGE, 1000, 3),
    Row("large 5000 x1", LARGE, 5000, 1),
    Row("large 5000 x3", LARGE, 5000, 3),
)
"""Rows for costs at scale."""


def all_rows(sets: Mapping[str, FaqSet]) -> list[Row]:
    """Return the rows for the sets there are."""
    rows = [
        Row(TRIAGE, TRIAGE, most_asked=None, shares=(AS_IT_IS, *SHARES), is_quick=True),
    ]
    if JOINED in sets:
        rows += [
            Row(f"{JOINED} x10", JOINED, phrasings=10, is_quick=True),
            Row(
                f"{JOINED} 50 x3",
                JOINED,
                50,
                3,
                seeds=_SEEDS,
                most_asked=_MOST_OF_SEED,
                is_quick=True,
            ),
        ]
    for name, faq_set in sets.items():
        if name not in (TRIAGE, JOINED):
            rows += _rows_of(faq_set)
    for way in WAYS:
        for name in (TRIAGE, "sofmattress"):
            if name in sets:
                rows.append(Row(f"{WRITTEN} {name} {way}", name, way=way))
    return [*rows, *_cut_out_rows(sets)]


def _rows_of(faq_set: FaqSet) -> Iterator[Row]:
    """Yield the rows of a set alone: few phrasings, more of them, and all."""
    name = faq_set.name
    most = max(len(texts) for texts in faq_set.phrasings.values())
    for phrasings in (1, 2, 3):
        if phrasings < most:
            yield Row(
                f"{name} x{phrasings}",
                name,
                phrasings=phrasings,
                seeds=_SEEDS,
                most_asked=_MOST_OF_SEED,
                is_quick=phrasings != 2 and name in JOINED_OF,
            )
    for phrasings in (10, 20):
        if phrasings < most:
            yield Row(f"{name} x{phrasings}", name, phrasings=phrasings)
    yield Row(f"{name} all", name, is_quick=name in JOINED_OF)


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
            if enough < len(faq_set.phrasings) * _HAVING_AS_MANY:
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
