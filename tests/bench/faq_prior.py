"""Learn the judges that ship with agentbot: ``python -m tests.bench.faq_prior``.

FAQs of 1 to 200 entries with 1 to 40 phrasings each are cut out of every set and of each two
joined, and asked the questions to learn on; the questions of entries left out, and those that the
set knows to be out of scope, are what no entry answers. All FAQs count alike. Prints the numbers
for `agentbot/pipeline/faq/judging/prior.py`. `prior_for` learns without the sets that are reported.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations

import numpy as np

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.judging.bar import least_score, unanswerable_share
from agentbot.pipeline.faq.judging.features import OF_MEANING, Background, Feature, Observation
from agentbot.pipeline.faq.judging.judge import PRECISIONS, Judge, Lesson, Verdicts, learn
from agentbot.pipeline.faq.matcher import FaqMatcher
from tests.bench.folder import DataAbsent
from tests.bench.measures import Floats, weights_for
from tests.bench.priors import MODES, Mode
from tests.bench.sets import JOINED, CutOut, FaqSet, cut_out, joined, load_sets
from tests.bench.vectors import remembered

TAUGHT_SHARE = 0.4
"""The share of questions without an answer (0 to 1) that a judge learns from."""
PENALTY = 0.01
"""The weight of the squares of the judge's weights against a log loss of 1: of 0.001 to 0.03 the
one with which sets that were left out were judged best."""
SHAPES = (
    *((200, 40), (200, 10), (200, 3), (200, 1), (48, 20), (48, 5), (40, 2), (32, 10), (32, 1)),
    *((24, 5), (20, 2), (20, 20), (14, 10), (12, 1), (12, 4), (12, 10), (10, 2), (8, 3), (8, 10)),
    *((6, 3), (6, 1), (4, 4), (3, 1), (3, 6), (2, 3), (2, 1), (1, 4), (1, 1)),
)
"""Entries and phrasings of the FAQs cut out of each set; a set that has fewer gives all."""
MOST_ASKED = 300
"""Questions of either kind that a FAQ is asked: beyond these, more FAQs teach more."""
_TOGETHER = 200
"""Questions that are looked at together: their similarities take a few megabytes."""


class Trial:
    """A FAQ cut out, what was seen of its questions, and the numbers of their entries, or -1."""

    def __init__(self, faq: CutOut, embedder: Embedder | None) -> None:
        matcher = FaqMatcher.fit(faq.entries, embedder=embedder)
        numbers = {entry.id: number for number, entry in enumerate(faq.entries)}
        texts = [question.text for question in faq.asked]
        self.seen = Observation.joined(
            [
                matcher.observe(texts[start : start + _TOGETHER])
                for start in range(0, len(texts), _TOGETHER)
            ]
        )
        self.right = np.array(
            [-1 if one.entry is None else numbers[one.entry] for one in faq.asked]
        )

    @property
    def lesson(self) -> Lesson:
        """The questions, as a judge learns from them."""
        return Lesson(self.seen, self.right, self.counts(TAUGHT_SHARE))

    def counts(self, share: float) -> Floats:
        """Return how often each counts, 1 in all, so that no entry answers a ``share`` of them."""
        counts = weights_for(self.right >= 0, share)
        return np.asarray(counts / counts.sum())

    def judged_by(self, judge: Judge) -> Verdicts:
        """Return what the judge makes of the questions."""
        shares = judge.probabilities(self.seen)
        rows, best = np.arange(len(shares)), shares.argmax(axis=1)
        return Verdicts(shares[rows, best], self.seen.entries[rows, best] == self.right)


def faqs(sets: Sequence[FaqSet]) -> Iterator[CutOut]:
    """Yield the FAQs cut out of the sets and of each two of them, those with all questions only."""
    for faq_set in [*sets, *(joined(pair) for pair in combinations(sets, 2))]:
        for seed, (entries, phrasings) in enumerate(SHAPES):
            faq = cut_out(
                faq_set,
                entries=min(entries, len(faq_set.phrasings)),
                phrasings=phrasings,
                seed=seed,
                most_asked=MOST_ASKED,
                questions=faq_set.taught,
            )
            if len({question.entry is None for question in faq.asked}) > 1:
                yield faq


def judge_of(trials: Sequence[Trial]) -> Judge:
    """Return a judge that has learnt from all trials, with its usual bars."""
    judge = learn([trial.lesson for trial in trials], PENALTY)
    found = [trial.judged_by(judge) for trial in trials]
    scores = np.concatenate([one.scores for one in found])
    right = np.concatenate([one.right for one in found]).astype(np.float64)
    bars = []
    for precision in PRECISIONS:
        share = unanswerable_share(precision)
        counts = np.concatenate([trial.counts(share) for trial in trials])
        bars.append(least_score(scores, right, counts, precision))
    return Judge(judge.features, judge.background, judge.constant, np.array(bars))


def prior_for(left_out: frozenset[str], mode: Mode) -> Judge | None:
    """Return the judge of a mode, learnt on all sets but those ``left_out``; None without any."""
    return _prior(left_out, mode)


@cache
def _prior(left_out: frozenset[str], mode: Mode) -> Judge | None:
    sets = [one for name, one in load_sets().items() if name != JOINED]
    wanted = [one for one in sets if not one.parts & left_out]
    if not wanted:
        return None
    embedder = remembered() if mode == "meanings" else None
    return judge_of([Trial(faq, embedder) for faq in faqs(wanted)])


def shown(judge: Judge, mode: Mode) -> str:
    """Return the judge as it stands in `agentbot/pipeline/faq/judging/prior.py`."""
    name = "WORDS_ONLY" if mode == "words" else "WITH_VECTORS"
    lines = [f"{name} = Judge.of(", "    {"]
    for kind, rows in ((Feature, judge.features), (Background, judge.background)):
        members = [one for one in kind if mode == "meanings" or one not in OF_MEANING]
        for one, row in zip(members, rows.tolist(), strict=True):
            numbers = ", ".join(f"{number:.3f}" for number in row)
            lines.append(f"        {kind.__name__}.{one.name}: Weighting({numbers}),")
        lines += ["    },", "    {"]
    lines[-1] = f"    constant={judge.constant:.3f},"
    lines.append("    usual_bars={")
    for precision, bar in zip(PRECISIONS, judge.usual_bars.tolist(), strict=True):
        lines.append(f"        {precision}: {bar:.3f},")
    return "\n".join([*lines, "    },", ")"])


def main() -> None:
    """Learn both judges, with words alone and with meanings too, and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mode", choices=(*MODES, "both"), default="both")
    options = parser.parse_args()
    try:
        for mode in MODES:
            judge = prior_for(frozenset(), mode) if options.mode in (mode, "both") else None
            if judge is not None:
                print(shown(judge, mode))
    except DataAbsent as absent:
        parser.error(str(absent))


if __name__ == "__main__":
    main()
