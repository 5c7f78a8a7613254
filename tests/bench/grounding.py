"""Is an answer grounded in its source? ``python -m tests.bench.grounding``.

Prints one table: for each set how well the judge of claims tells grounded answers from others, as
it ships. ``--fit`` learns the judges' figures anew, from the tune files alone, and prints them as
they stand in `agentbot/pipeline/checks/judging/prior.py`. Further sets of the same format are
reported on with ``--set FILE``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.checks.judging.evidence import (
    OF_WORDS,
    Feature,
    Source,
    States,
    of_meaning,
    of_words,
)
from agentbot.pipeline.checks.judging.grounding import Grounding
from agentbot.pipeline.checks.judging.judge import RULED_OUT, ClaimJudge, FeatureWeight
from agentbot.pipeline.checks.parsing.wording import Wording, tongue
from agentbot.pipeline.faq.embedders.minilm import MiniLmEmbedder
from tests.bench.folder import data_folder
from tests.bench.perturbed import Case, made_of

Numbers = npt.NDArray[np.float64]

TUNED_ON = ("tune-wow", "tune-topicalchat")
"""The sets to fit and choose on; the threshold comes from the first."""
REPORTED = "report-wow"
"""The set to report on, with nothing chosen on it."""
LEAST_AUROC = 0.96
LEAST_KEPT = 0.70
"""Of the grounded answers, kept at the precision …"""
PRECISION = 0.95
MOST_MS = 20.0
"""Milliseconds of one core that a claim may take."""
SECOND = 0.5
"""What a claim of the second set counts, beside 1 of the first: others' dialogues, long sources."""
PENALTY = 0.03
"""The weight of the squares of a judge's weights against a mean log loss of 1: of .005 to 0.2 the
one that judges claims of either tune file best which it has not seen."""
FOLDS, ROUNDS = 8, 20
"""Parts into which the first set is cut to judge each by the others, and how often."""
MORE = 1
"""Ungrounded answers that are counted beside those that are known where a bar is set: the lowest
bar that reaches a share on one half of the first set misses it on the other (.939 of .95); with one
more it is reached (.953)."""
PRECISIONS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97)
"""The shares for which a judge has a bar."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table."""

    name: str
    answers: int
    grounded: int
    auroc: float
    kept: float
    precision: float
    best_kept: float
    milliseconds: float


def load(path: Path) -> list[Case]:
    """Return the cases of a file; generic answers, which claim nothing, are left out."""
    read = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return [
        Case(one["source"], one.get("question", ""), one["answer"], one["label"] == "grounded")
        for one in read
        if one["label"] != "generic"
    ]


def features(cases: Iterable[Case], states: States) -> Numbers:
    """Return what is seen of each case, shape (cases, features)."""
    language, rows = tongue("en"), []
    for case in cases:
        source = Source(case.source, language)
        place = source.best_place(Wording.of(case.answer, language)).text
        seen = of_words(case.answer, source) | of_meaning(case.answer, place, states, language)
        rows.append([seen[one] for one in Feature])
    return np.array(rows)


def labels(cases: Sequence[Case]) -> Numbers:
    """Return 1 for each grounded case, else 0."""
    return np.array([float(case.grounded) for case in cases])


class Fit:
    """A logistic regression, fitted by Newton's method with a penalty on its weights."""

    def __init__(self, seen: Numbers, right: Numbers, counts: Numbers, penalty: float) -> None:
        self.centres = np.average(seen, axis=0, weights=counts)
        spread = np.sqrt(np.average((seen - self.centres) ** 2, axis=0, weights=counts))
        self.spreads = np.where(spread > 1e-6, spread, 1.0)  # nothing differs
        rows = np.c_[(seen - self.centres) / self.spreads, np.ones(len(seen))]
        ridge = np.eye(rows.shape[1]) * penalty * counts.sum()
        ridge[-1, -1] = 0.0
        self.weights = np.zeros(rows.shape[1])
        for _ in range(50):
            odds = np.clip(rows @ self.weights, -30, 30)
            chance = 1 / (1 + np.exp(-odds))
            slope = rows.T @ (counts * (chance - right)) + ridge @ self.weights
            bend = (rows.T * (counts * chance * (1 - chance))) @ rows + ridge
            step = np.linalg.solve(bend + 1e-9 * np.eye(len(bend)), slope)
            self.weights -= step
            if np.abs(step).max() < 1e-7:  # it stands still
                break

    def probabilities(self, seen: Numbers) -> Numbers:
        """Return the probability of each row."""
        odds = (seen - self.centres) / self.spreads @ self.weights[:-1] + self.weights[-1]
        return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def auroc(scores: Numbers, right: Numbers) -> float:
    """Return the chance that a grounded claim scores above another one; ties count half."""
    order = np.argsort(scores, kind="stable")
    values, starts = np.unique(scores[order], return_index=True)
    ends = np.append(starts[1:], len(scores))
    ranks = np.repeat((starts + ends + 1) / 2, ends - starts)
    positives = right.sum()
    above = ranks[right[order] == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * (len(right) - positives))) if len(values) else 0.0


def bar_for(scores: Numbers, right: Numbers, precision: float, *, more: int = 0) -> float:
    """Return the least score from which on so many are grounded; 1 where that is never so.

    ``more`` ungrounded ones are counted that are not among them.
    """
    order = np.argsort(-scores, kind="stable")
    shares = np.cumsum(right[order]) / (np.arange(1, len(right) + 1) + more)
    is_last = np.append(np.diff(scores[order]) != 0, True)  # of those with one score
    reached = np.flatnonzero((shares >= precision) & is_last)
    return float(scores[order][reached[-1]]) if len(reached) else 1.0


class Fits:
    """A judge by words, and one by all that is seen, for what the first does not rule out."""

    def __init__(self, seen: Numbers, right: Numbers, counts: Numbers) -> None:
        self.by_words = Fit(seen[:, : len(OF_WORDS)], right, counts, PENALTY)
        self.by_vectors = Fit(seen, right, counts, PENALTY)

    def probabilities(self, seen: Numbers, *, with_vectors: bool) -> Numbers:
        """Return the probability of each row."""
        found = self.by_words.probabilities(seen[:, : len(OF_WORDS)])
        unclear = (found >= RULED_OUT) & with_vectors
        found[unclear] = self.by_vectors.probabilities(seen[unclear])
        return found


def learn(folder: Path, states: States) -> tuple[ClaimJudge, ClaimJudge]:
    """Return the judges by words and by vectors, fitted on the tune files.

    Their bars come from claims that were left out.
    """
    first, second = (load(folder / f"{name}.jsonl") for name in TUNED_ON)
    seen = [features(cases, states) for cases in (first, second)]
    right = [labels(cases) for cases in (first, second)]

    def fitted(kept: npt.NDArray[np.bool_]) -> Fits:
        counts = np.concatenate([np.ones(kept.sum()), np.full(len(second), SECOND)])
        told = np.concatenate([right[0][kept], right[1]])
        return Fits(np.concatenate([seen[0][kept], seen[1]]), told, counts)

    sources = np.unique([case.source for case in first], return_inverse=True)[1]
    found: dict[bool, list[Numbers]] = {False: [], True: []}
    for number in range(ROUNDS):
        # Answers of one source are judged together: a judge that has seen others would know it.
        part = np.random.default_rng(number).integers(0, FOLDS, sources.max() + 1)[sources]
        scores = {way: np.zeros(len(first)) for way in found}
        for fold in range(FOLDS):
            fits, left_out = fitted(part != fold), seen[0][part == fold]
            for way, given in scores.items():
                given[part == fold] = fits.probabilities(left_out, with_vectors=way)
        for way, given in scores.items():
            found[way].append(given)
    whole = fitted(np.ones(len(first), dtype=np.bool_))
    return (
        judge_of(whole.by_words, OF_WORDS, found[False], right[0]),
        judge_of(whole.by_vectors, tuple(Feature), found[True], right[0]),
    )


def judge_of(
    fit: Fit, names: Sequence[Feature], found: Sequence[Numbers], right: Numbers
) -> ClaimJudge:
    """Return a fit as it ships; ``found`` are scores of what judges like it had not seen."""
    bars = {
        precision: float(np.mean([bar_for(one, right, precision, more=MORE) for one in found]))
        for precision in PRECISIONS
    }
    kept = [(one >= bar_for(one, right, PRECISION))[right == 1].mean() for one in found]
    known = np.mean([auroc(one, right) for one in found])
    print(f"# left out of {TUNED_ON[0]}: AUROC {known:.4f}, kept {np.mean(kept):.3f}")
    weightings = {
        name: FeatureWeight(float(centre), float(spread), float(weight))
        for name, centre, spread, weight in zip(
            names, fit.centres, fit.spreads, fit.weights[:-1], strict=True
        )
    }
    return ClaimJudge(weightings, float(fit.weights[-1]), bars)


def shown(by_words: ClaimJudge, by_vectors: ClaimJudge) -> str:
    """Return the tables of two judges, fitted on the same claims, as they stand in `prior.py`."""
    lines = ["_FEATURES = {"]
    for feature, one in by_vectors.weightings.items():
        other = by_words.weightings.get(feature)
        weights = ("None" if other is None else f"{other.weight:.4f}", f"{one.weight:.4f}")
        numbers = ", ".join((f"{one.centre:.4f}", f"{one.spread:.4f}", *weights))
        lines.append(f"    Feature.{feature.name}: _Seen({numbers}),")
    lines += [
        "}",
        f"_CONSTANTS = ({by_words.constant:.4f}, {by_vectors.constant:.4f})",
        "_BARS = {",
    ]
    for share, bar in by_vectors.bars.items():
        lines.append(f"    {share}: ({by_words.bars[share]:.3f}, {bar:.3f}),")
    return "\n".join([*lines, "}"])


def line(name: str, cases: Sequence[Case], grounding: Grounding) -> Line:
    """Return how well the judge as it ships judges the cases."""
    scores = np.zeros(len(cases))
    before = time.process_time()
    for place, case in enumerate(cases):
        ground = grounding.ground(case.source, "en")
        scores[place] = grounding.judge(case.answer, [ground], "en", case.question).probability
    spent = time.process_time() - before
    right = labels(cases)
    through = scores >= grounding.bar("en", PRECISION)
    best = scores >= bar_for(scores, right, PRECISION)
    return Line(
        name,
        len(cases),
        int(right.sum()),
        auroc(scores, right),
        float(through[right == 1].mean()),
        float(right[through].mean()) if through.any() else 1.0,
        float(best[right == 1].mean()),
        1000 * spent / max(1, len(cases)),
    )


def table(lines: Iterable[Line]) -> str:
    """Return the lines as a table."""
    names = ("answers", "grounded", "AUROC", "kept", "prec.", "kept*", "ms")
    widths = (7, 8, 6, 6, 6, 6, 6)
    heading = " ".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
    rows = [f"{'set':34} {heading}"]
    rows += [
        f"{one.name:34} {one.answers:7} {one.grounded:8} {one.auroc:6.4f} {one.kept:6.3f} "
        f"{one.precision:6.3f} {one.best_kept:6.3f} {one.milliseconds:6.1f}"
        for one in lines
    ]
    return "\n".join([*rows, "kept, prec.: at the bar that ships; kept*: at precision 0.95 here"])


def main() -> None:
    """Print the table, or the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=data_folder(), help="the folder of the data")
    parser.add_argument("--fit", action="store_true", help="learn the figures, and print them")
    parser.add_argument("--set", type=Path, action="append", default=[], help="a set to report on")
    parser.add_argument("--tune-only", action="store_true", help="leave out what is reported")
    options = parser.parse_args()
    folder = options.data / "grounding"
    states = MiniLmEmbedder().states
    if options.fit:
        print(shown(*learn(folder, states)))
        return
    names = TUNED_ON if options.tune_only else (*TUNED_ON, REPORTED)
    sets = {name: load(folder / f"{name}.jsonl") for name in names}
    sets["made of tune-wow"] = list(made_of([case.source for case in sets[TUNED_ON[0]]]))
    sets |= {path.stem: load(path) for path in options.set}
    makers: tuple[tuple[str, Callable[[], Grounding]], ...] = (
        ("words", Grounding),
        ("vectors", lambda: Grounding(states)),
    )
    lines = [
        line(f"{name}, by {way}", cases, make())
        for name, cases in sets.items()
        for way, make in makers
    ]
    print(table(lines))


if __name__ == "__main__":
    main()
