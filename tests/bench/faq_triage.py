"""Measure FAQ triage on public data: ``python -m tests.bench.faq_triage``.

Prints one table of what `test.jsonl` shows, with words alone and with the semantic extra, each in
a process of its own on one core. Two bars for answers are shown, both for a precision of 0.9 and
both assuming the same share of unanswerable questions: one that the FAQ set for itself, and one
learnt from `valid.jsonl` besides. ``--data FOLDER`` measures on another folder of the same three
files.
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
    "| search | right entry | AUROC in-domain | AUROC out-of-domain | bar from | precision | "
    "answered rightly | in-domain oos answered | out-of-domain answered | ms/question | "
    "first fit, s | cached fit, s | peak RSS, MB |"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A question of the data, its entry if one answers it, and its kind."""

    text: str
    faq: str | None
    kind: str


def read_cases(path: Path) -> list[Case]:
    """The questions of a file, in order."""
    return [Case(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def measure(mode: str, data: Path) -> None:
    """Print the rows of one way to search."""
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
    start = time.perf_counter()
    for case in cases[:TIMED]:
        matcher.match(case.text)
    ms = (time.perf_counter() - start) / min(TIMED, len(cases)) * 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    field = [case for case in read_cases(data / "valid.jsonl") if case.kind != "out_of_domain"]
    taught = matcher.calibrated([LabelledQuestion(case.text, case.faq) for case in field])
    kinds = np.array([case.kind for case in cases])
    inside = kinds == "in_scope"
    for source, judged in (("the FAQ alone", matcher), ("and valid.jsonl", taught)):
        texts = [case.text for case in cases]
        scores, nearest = judged.scores(texts), judged.nearest(texts)
        right = np.array([near == case.faq for near, case in zip(nearest, cases, strict=True)])
        answered = scores >= judged.answer_bar
        given = max(int(answered.sum()), 1)
        cells = (
            f"{right[inside].mean():.3f}",
            f"{_auroc(scores[inside], scores[kinds == 'in_domain_oos']):.3f}",
            f"{_auroc(scores[inside], scores[kinds == 'out_of_domain']):.3f}",
            source,
            f"{(right & answered).sum() / given:.3f}",
            f"{(right & answered)[inside].mean():.3f}",
            f"{answered[kinds == 'in_domain_oos'].mean():.3f}",
            f"{answered[kinds == 'out_of_domain'].mean():.3f}",
            f"{ms:.1f}",
            f"{first_fit:.1f}",
            f"{cached_fit:.2f}",
            f"{peak:.0f}",
        )
        print(f"| {mode} | " + " | ".join(cells) + " |", flush=True)


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
        measure(options.mode, options.data)
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
