"""Learn the judge that ships with agentbot: ``python -m tests.bench.faq_prior``.

Many FAQs are cut out of `faq.jsonl`: fewer entries, fewer phrasings, phrasings from `valid.jsonl`
instead; `valid.jsonl` is asked, and what is left out becomes questions that no entry answers. All
FAQs count alike. Prints how precisely and how often each is answered at the chosen threshold, by
judges
that have not seen the question (two halves), and the numbers for `agentbot/pipeline/faq/prior.py`.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder, MiniLmEmbedder, TokenVectors
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.features import Features
from agentbot.pipeline.faq.judge import (
    OUT_OF_REACH,
    PRECISIONS,
    UNANSWERABLE_SHARE,
    Judge,
    Weighting,
    counted,
    fit,
)
from agentbot.pipeline.faq.matcher import FaqMatcher
from tests.bench.folder import DataAbsent, existing_folder
from tests.bench.sets import TRIAGE, Question, load_sets

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CAUTION = {"WORDS_ONLY": 1.0, "WITH_VECTORS": 0.5}
"""Standard deviations over the FAQs (what chance adds to them taken off) by which their mean
precision must exceed what is asked: such that the largest FAQs, the hardest, about keep it too."""
FEWEST = 10
"""Answers without which a FAQ says nothing of their precision."""
PRIOR_PRECISION = 1.0
"""The inverse variance of a weight about 0: next to nothing beside 25,000 counted questions."""
CONSTANT_PRIOR_PRECISION = 1e-3
"""The same for the constant: all but free."""
BATCH = 200
"""Questions that are looked at together: their similarities take a few megabytes."""


@dataclass(frozen=True, slots=True)
class CutOut:
    """A FAQ cut out, and what became of the questions asked of it."""

    name: str
    features: Features
    answerable: Flags
    right: Flags
    offered: Flags
    half: Flags

    @property
    def counts(self) -> Floats:
        """The weight of each question; 1,000 in all."""
        each = counted(self.answerable, UNANSWERABLE_SHARE)
        return np.asarray(each * (1000 / each.sum()))


class Remembering:
    """An embedder that embeds each text once."""

    def __init__(self, inner: Embedder) -> None:
        self.name = inner.name
        self._inner = inner
        self._seen: dict[str, TokenVectors] = {}

    def embed(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The inner one's vectors."""
        new = [text for text in dict.fromkeys(texts) if text not in self._seen]
        self._seen.update(zip(new, self._inner.embed(new), strict=True))
        return [self._seen[text] for text in texts]


def cut_out() -> Iterator[tuple[str, list[FaqEntry], list[Question]]]:
    """The FAQs: a name, entries, and the questions of their field."""
    triage = load_sets()[TRIAGE]
    own = triage.phrasings
    asked = [case for case in triage.taught if case.kind != "out_of_domain"]
    ids = list(own)
    for size, phrasings, times in (
        *((50, 10, 1), (50, 5, 1), (50, 3, 1), (50, 2, 1), (40, 10, 2), (25, 10, 2), (25, 5, 1)),
        *((25, 2, 1), (15, 10, 3), (15, 3, 1), (15, 1, 1), (10, 10, 3), (10, 4, 1), (5, 10, 2)),
    ):
        for seed in range(times):
            some = np.random.default_rng([size, phrasings, seed]).permutation(len(ids))[:size]
            chosen = [ids[i] for i in sorted(some)]
            name = f"{size} entries of {phrasings}, {seed}"
            yield name, [_entry(id_, own[id_][:phrasings]) for id_ in chosen], asked
    for seed in range(2):
        rng = np.random.default_rng(seed)
        others: dict[str, list[str]] = {id_: [] for id_ in ids}
        for i in rng.permutation(len(asked)):
            if (id_ := asked[i].entry) is not None and asked[i].text not in others[id_]:
                others[id_].append(asked[i].text)
        phrased = {id_: texts[:10] for id_, texts in others.items()}
        used = {text for texts in phrased.values() for text in texts}
        rest = [case for case in asked if case.text not in used]
        rest += [Question(text, id_, "in_scope") for id_ in ids for text in own[id_]]
        for size in (50, 20):
            chosen = [ids[i] for i in sorted(rng.permutation(len(ids))[:size])]
            name = f"{size} entries of 10 others, {seed}"
            yield name, [_entry(id_, phrased[id_]) for id_ in chosen], rest


def _entry(id_: str, wordings: Sequence[str]) -> FaqEntry:
    return FaqEntry(id_, wordings[0], "", tuple(wordings[1:]))


def tried(embedder: Embedder | None) -> list[CutOut]:
    """Ask every FAQ its questions."""
    trials = []
    for name, entries, cases in cut_out():
        matcher = FaqMatcher.fit(entries, embedder=embedder)
        numbers = {entry.id: number for number, entry in enumerate(entries)}
        truth = np.array([numbers.get(case.entry or "", -1) for case in cases])
        texts = [case.text for case in cases]
        seen = [
            matcher.observe(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)
        ]
        top = np.concatenate([part.top for part in seen])
        trials.append(
            CutOut(
                name,
                Features.joined([part.features for part in seen]),
                truth >= 0,
                top[:, 0] == truth,
                (top == truth[:, None]).any(axis=1),
                np.array([zlib.crc32(text.encode()) % 2 == 0 for text in texts]),
            )
        )
    return trials


def judge_of(trials: Sequence[CutOut], picked: Sequence[Flags]) -> Judge:
    """Return a judge learnt from the questions that ``picked`` marks, without thresholds."""
    pairs = list(zip(trials, picked, strict=True))
    features = Features.joined([trial.features.where(mine) for trial, mine in pairs])
    columns = tuple(features.columns)
    values = features.matrix(columns)
    right = np.concatenate([trial.right[mine] for trial, mine in pairs])
    counts = np.concatenate([trial.counts[mine] for trial, mine in pairs])
    centre, spread = values.mean(axis=0), values.std(axis=0) + 1e-6
    width = len(columns)
    precisions = np.append(np.full(width, PRIOR_PRECISION), CONSTANT_PRIOR_PRECISION)
    weights = fit((values - centre) / spread, right, counts, np.zeros(width + 1), precisions)
    return Judge(
        columns,
        centre,
        spread,
        weights,
        np.full(len(PRECISIONS), OUT_OF_REACH),
        offer_threshold=0.5,
    )


def kept(trial: CutOut, scores: Floats, threshold: float) -> tuple[float, float, float]:
    """Precision (nan after too few answers), its variance by chance, and the coverage."""
    given = scores >= threshold
    counts = trial.counts[given]
    coverage = float((given & trial.right).sum() / trial.answerable.sum())
    if given.sum() < FEWEST:
        return float("nan"), float("nan"), coverage
    share = float((counts * trial.right[given]).sum() / counts.sum())
    chance = share * (1 - share) * float((counts**2).sum() / counts.sum() ** 2)
    return share, chance, coverage


def thresholds(trials: Sequence[CutOut], scores: Sequence[Floats], caution: float) -> list[float]:
    """Return for each of `PRECISIONS` the least threshold that keeps it over all FAQs."""
    found = dict.fromkeys(PRECISIONS, OUT_OF_REACH)
    for threshold in np.arange(0.99, 0.05, -0.01).tolist():
        shares, chances, _ = np.transpose(
            [kept(trial, mine, threshold) for trial, mine in zip(trials, scores, strict=True)]
        )
        if np.isfinite(shares).mean() < 0.5:
            continue
        spread = max(float(np.nanvar(shares) - np.nanmean(chances)), 0.0) ** 0.5
        low = np.nanmean(shares) - caution * spread
        found.update({precision: threshold for precision in PRECISIONS if low >= precision})
    return list(found.values())


def offer_threshold(trials: Sequence[CutOut], scores: Sequence[Floats]) -> float:
    """The score at which the right entry is among the first three every second time."""
    chances = np.clip(np.concatenate(scores), 1e-6, 1 - 1e-6)
    line = fit(
        np.log(chances / (1 - chances))[:, None],
        np.concatenate([trial.offered for trial in trials]),
        np.concatenate([trial.counts for trial in trials]),
        np.zeros(2),
        np.full(2, 1e-3),
    )
    return float(1 / (1 + np.exp(line[1] / line[0])))


def report(name: str, embedder: Embedder | None, precision: float) -> None:
    """Learn one judge and print what it came to."""
    trials = tried(embedder)
    halves = [judge_of(trials, [trial.half == side for trial in trials]) for side in (False, True)]
    scores = [
        np.where(trial.half, halves[0].scores(trial.features), halves[1].scores(trial.features))
        for trial in trials
    ]
    found = thresholds(trials, scores, CAUTION[name])
    threshold = float(np.interp(precision, PRECISIONS, found))
    shares = np.array(
        [kept(trial, mine, threshold) for trial, mine in zip(trials, scores, strict=True)]
    )
    print(f"\n{name}: {precision} asked, threshold {threshold:.3f}")
    print(f"{'FAQ':28} precision answered rightly")
    for trial, (share, _, coverage) in zip(trials, shares.tolist(), strict=True):
        print(f"{trial.name:28} {share:9.3f} {coverage:9.3f}")
    for what, line in (
        ("mean", np.nanmean(shares, axis=0)),
        ("standard deviation", np.nanstd(shares, axis=0)),
        ("worst", np.nanmin(shares, axis=0)),
    ):
        print(f"{what:28} {line[0]:9.3f} {line[2]:9.3f}")
    judge = judge_of(trials, [np.ones(len(trial.right), dtype=np.bool_) for trial in trials])
    print(f"\n{name} = Judge.of(\n    {{")
    for feature, *numbers in zip(
        judge.columns, judge.centre, judge.spread, judge.weights[:-1], strict=True
    ):
        weighting = Weighting(*(round(float(number), 2) for number in numbers))
        print(f"        Feature.{feature.name}: Weighting{tuple(weighting)},")
    print(f"    }},\n    constant={judge.weights[-1]:.2f},\n    thresholds={{")
    for precision_, least in zip(PRECISIONS, found, strict=True):
        print(f"        {precision_}: {least:.2f},")
    print(f"    }},\n    offer_threshold={offer_threshold(trials, scores):.2f},\n)")


def main() -> None:
    """Learn both judges: with words alone and with the semantic extra."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--precision", type=float, default=0.9)
    parser.add_argument("--mode", choices=("lexical", "semantic", "both"), default="both")
    options = parser.parse_args()
    try:
        existing_folder()
    except DataAbsent as absent:
        parser.error(str(absent))
    if options.mode != "semantic":
        report("WORDS_ONLY", None, options.precision)
    if options.mode != "lexical":
        report("WITH_VECTORS", Remembering(MiniLmEmbedder()), options.precision)


if __name__ == "__main__":
    main()
