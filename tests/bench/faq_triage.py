"""Measure FAQ triage on public data: ``python -m tests.bench.faq_triage``.

Prints one table of what `test.jsonl` shows, with words alone and with the semantic extra, each in
a process of its own on one core (a question's time is that of the processor). Two thresholds for
answers are shown, both for a precision of 0.9 and both assuming the same share of unanswerable
questions: one that the FAQ set for itself, and one learnt from `valid.jsonl` besides.
``--data FOLDER`` measures on another folder of the same three files.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data" / "faq-triage"
PRECISION = 0.9
TIMED = 300
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
HEADER = (
    "| search | threshold from | right entry | AUROC in-domain | AUROC out-of-domain | precision | "
    "answered rightly | in-domain oos answered | out-of-domain answered | ms/question | "
    "first fit, s | cached fit, s | peak RSS, MB |"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A question of the data, its entry if one answers it, and its kind."""

    text: str
    faq: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the table. Shares are 0 to 1, times in the unit of their names, memory in MB."""

    search: str
    threshold_from: str
    right_entry: float
    auroc_in_domain: float
    auroc_out_of_domain: float
    precision: float
    answered_rightly: float
    in_domain_answered: float
    out_of_domain_answered: float
    question_ms: float
    first_fit_s: float
    cached_fit_s: float
    peak_mb: float

    def row(self) -> str:
        """As a line of the table."""
        shares = (
            *(self.right_entry, self.auroc_in_domain, self.auroc_out_of_domain, self.precision),
            *(self.answered_rightly, self.in_domain_answered, self.out_of_domain_answered),
        )
        costs = f"{self.question_ms:.1f} | {self.first_fit_s:.1f} | {self.cached_fit_s:.2f}"
        cells = " | ".join(f"{share:.3f}" for share in shares)
        return f"| {self.search} | {self.threshold_from} | {cells} | {costs} | {self.peak_mb:.0f} |"


def read_cases(path: Path) -> list[Case]:
    """The questions of a file, in order."""
    return [Case(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def measure(mode: str, data: Path) -> list[TableRow]:
    """The rows of one way to search: with the FAQ's own threshold, and with one learnt besides."""
    import tempfile  # noqa: PLC0415  the child loads what it measures, and no more

    import numpy as np  # noqa: PLC0415

    from agentbot.pipeline.faq.embedders import Embedder, MiniLmEmbedder  # noqa: PLC0415
    from agentbot.pipeline.faq.entries import FaqEntry  # noqa: PLC0415
    from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion  # noqa: PLC0415

    entries = []
    for line in (data / "faq.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        first, *others = dict.fromkeys(record["questions"])
        entries.append(FaqEntry(record["id"], first, record["answer"], tuple(others)))
    embedder: Embedder | None = MiniLmEmbedder() if mode == "semantic" else None
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        start = time.perf_counter()
        FaqMatcher.fit(entries, precision=PRECISION, embedder=embedder, cache_dir=cache)
        first_fit = time.perf_counter() - start
        start = time.perf_counter()
        matcher = FaqMatcher.fit(entries, precision=PRECISION, embedder=embedder, cache_dir=cache)
        cached_fit = time.perf_counter() - start
    cases = read_cases(data / "test.jsonl")
    start = time.process_time()
    for case in cases[:TIMED]:
        matcher.match(case.text)
    ms = (time.process_time() - start) / min(TIMED, len(cases)) * 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    field = [case for case in read_cases(data / "valid.jsonl") if case.kind != "out_of_domain"]
    taught = matcher.calibrated([LabelledQuestion(case.text, case.faq) for case in field])
    kinds = np.array([case.kind for case in cases])
    inside = kinds == "in_scope"
    seen = matcher.observe([case.text for case in cases])
    right = np.array(
        [entries[near].id == case.faq for near, case in zip(seen.best, cases, strict=True)]
    )
    rows = []
    for source, judged in (("the FAQ alone", matcher), ("and valid.jsonl", taught)):
        scores = judged.judge.scores(seen.features)
        answered = scores >= judged.answer_threshold
        rows.append(
            TableRow(
                search=mode,
                threshold_from=source,
                right_entry=float(right[inside].mean()),
                auroc_in_domain=_auroc(scores[inside], scores[kinds == "in_domain_oos"]),
                auroc_out_of_domain=_auroc(scores[inside], scores[kinds == "out_of_domain"]),
                precision=float((right & answered).sum() / max(answered.sum(), 1)),
                answered_rightly=float((right & answered)[inside].mean()),
                in_domain_answered=float(answered[kinds == "in_domain_oos"].mean()),
                out_of_domain_answered=float(answered[kinds == "out_of_domain"].mean()),
                question_ms=ms,
                first_fit_s=first_fit,
                cached_fit_s=cached_fit,
                peak_mb=peak,
            )
        )
    return rows


def _auroc(positive: object, negative: object) -> float:
    """Probability that a positive scores above a negative; a tie counts half."""
    import numpy as np  # noqa: PLC0415

    high, low = np.asarray(positive), np.sort(np.asarray(negative))
    below = np.searchsorted(low, high, side="left") + np.searchsorted(low, high, side="right")
    return float(below.mean() / (2 * len(low)))


def main() -> None:
    """Measure each way to search in a process of its own and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--mode", choices=("lexical", "semantic"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.mode:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        for figures in measure(options.mode, options.data):
            print(figures.row(), flush=True)
        return
    print(HEADER)
    print("|" + "---|" * (HEADER.count("|") - 1), flush=True)
    for mode in ("lexical", "semantic"):
        command = [sys.executable, "-m", "tests.bench.faq_triage", "--mode", mode]
        subprocess.run(  # noqa: S603  our own module with our own arguments
            [*command, "--data", str(options.data)], check=True, env={**os.environ, **ONE_CORE}
        )


if __name__ == "__main__":
    main()
