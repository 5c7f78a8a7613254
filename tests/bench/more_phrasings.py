"""Measure that more phrasings never make it worse: ``python -m tests.bench.more_phrasings``.

FAQs of the same entries get 1 to 100 phrasings each, as many as there are, and the same questions
are asked of all: the share whose right entry is nearest must not fall by more than chance. So that
there are many phrasings, questions to learn on are taken for phrasings too.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from agentbot.pipeline.faq.entries import normalized
from agentbot.pipeline.faq.matcher import FaqMatcher
from tests.bench.faq_triage import ONE_THREAD, USAGE, header, table_row
from tests.bench.folder import DataAbsent, existing_folder
from tests.bench.priors import MODES, Mode
from tests.bench.sets import FaqSet, Question, cut_out, load_sets
from tests.bench.vectors import RememberedEmbedder

STEPS = (1, 5, 10, 20, 40, 100)
"""Phrasings an entry."""
_MOST_ASKED = 600
"""Questions that are asked: their share is sure to 4 points of 100, and as the same are asked of
every FAQ, a difference is surer."""
_ASKED_OF = 3
"""Of so many questions of an entry one is asked, and the others become phrasings, where a set has
no questions to learn on apart."""


@dataclass(frozen=True, slots=True)
class Point:
    """What so many phrasings an entry give.

    ``found`` of them there are on average; of ``asked`` questions the share ``right`` (0 to 1) had
    the right entry nearest.
    """

    phrasings: int
    found: float
    asked: int
    right: float


def widened(faq_set: FaqSet) -> FaqSet:
    """Return the set with questions to learn on as phrasings, and the others to be asked.

    Only questions that an entry answers are kept.
    """
    asked = [one for one in faq_set.asked if one.entry is not None]
    taught: Sequence[Question] = faq_set.taught
    if faq_set.taught == faq_set.asked:
        taught = [one for place, one in enumerate(asked) if place % _ASKED_OF]
        asked = asked[::_ASKED_OF]
    known = {normalized(text) for texts in faq_set.phrasings.values() for text in texts}
    more: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for one in taught:
        key = normalized(one.text)
        if one.entry is not None and key not in known:
            known.add(key)
            more[one.entry][key] = one.text
    phrasings = {id_: (*own, *more[id_].values()) for id_, own in faq_set.phrasings.items()}
    kept = tuple(one for one in asked if normalized(one.text) not in known)
    return replace(faq_set, phrasings=phrasings, asked=kept, taught=())


def curve(faq_set: FaqSet, embedder: Embedder | None, steps: Sequence[int]) -> Iterator[Point]:
    """Yield what each number of phrasings an entry gives."""
    entries = len(faq_set.phrasings)
    asked = cut_out(faq_set, entries=entries, phrasings=1, most_asked=_MOST_ASKED).asked
    for phrasings in steps:
        faq = cut_out(faq_set, entries=entries, phrasings=phrasings, most_asked=0)
        nearest = FaqMatcher.fit(faq.entries, embedder=embedder).nearest([q.text for q in asked])
        right = [one.entry == near for one, near in zip(asked, nearest, strict=True)]
        found = float(np.mean([len(entry.wordings) for entry in faq.entries]))
        yield Point(phrasings, found, len(asked), float(np.mean(right)))


def falls(points: Sequence[Point]) -> list[str]:
    """Say where more phrasings made it worse, by more than a share's standard error."""
    said = []
    for place, point in enumerate(points[1:], 1):
        best = max(before.right for before in points[:place])
        if point.right < best - math.sqrt(best * (1 - best) / point.asked):
            said.append(f"{point.right:.3f} with {point.phrasings}, {best:.3f} with fewer")
    return said


def main() -> int:
    """Print a row for each set and mode; 1 where more phrasings made it worse."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--mode", choices=MODES)
    options = parser.parse_args()
    try:
        sets = load_sets(existing_folder(options.data))
    except DataAbsent as problem:
        print(problem, file=sys.stderr)
        return USAGE
    os.environ.update(ONE_THREAD)
    print(header(["set", "search", *(f"x{step}" for step in STEPS), "most", "falls"]), flush=True)
    bad = False
    modes: list[Mode] = [mode for mode in MODES if options.mode in (mode, None)]
    for mode in modes:
        embedder = RememberedEmbedder(JoinedEmbedder()) if mode == "meanings" else None
        for name, faq_set in sets.items():
            points = list(curve(widened(faq_set), embedder, STEPS))
            fallen = falls(points)
            bad |= bool(fallen)
            cells = [f"{point.right:.3f}" for point in points]
            most = f"{points[-1].found:.0f}"
            print(table_row([name, mode, *cells, most, "; ".join(fallen) or "no"]), flush=True)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
