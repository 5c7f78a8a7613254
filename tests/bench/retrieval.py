"""Measure how passages are found: ``python -m tests.bench.retrieval``.

Prints how often the right passage is the first, among the first three and five, by words, by
meanings and by both fused in two ways; then what the index makes of it (what is shown to a model,
what is offered); then the costs of 5,000 pieces. ``--tune`` takes the questions that may be learnt
on, by which the constants of `agentbot.pipeline.knowledge` were chosen; ``--quick`` takes a part
of the questions, and no costs. Vectors are kept in a temporary folder: the first run makes them,
which takes a minute or two.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.knowledge.index import FLOOR, WORDS_SHARE, PassageIndex
from agentbot.pipeline.knowledge.offering import NEAR, near_enough
from agentbot.pipeline.knowledge.passage import Passage
from tests.bench.faq_triage import USAGE, header, table_row
from tests.bench.folder import VARIABLE, DataAbsent, existing_folder
from tests.bench.sets import FaqSet, load_sets

Scores = npt.NDArray[np.float64]
T = TypeVar("T")
_RANK = 60
"""The constant of reciprocal rank fusion, as Cormack et al. (2009) have it."""
_MOST_ASKED = 1_000
"""Questions of a set that are asked at most: enough to tell shares to a point and a half."""
_QUICK = 60
"""The same with ``--quick``."""
_PIECES = 5_000
"""Pieces of pages whose costs are told."""
_LOOK_UPS = 50
"""Look-ups that are timed."""
COLUMNS = ("set", "pieces", "asked", "by", "first", "in 3", "in 5")
OUTCOMES = ("set", "by", "right one shown", "shown", "unknown shown any", "offered", "rightly")
COSTS = ("by", "pieces", "index, s", "vectors, s", "ms a look-up, median", "p95", "MB")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pieces, questions with the numbers of the pieces that are right, and questions of none."""

    name: str
    pieces: tuple[Passage, ...]
    asked: tuple[tuple[str, frozenset[int]], ...]
    unknown: tuple[str, ...]


def corpora(folder: Path, *, tune: bool, most: int) -> Iterator[Corpus]:
    """Yield what is searched: sources of answers, and the phrasings of a FAQ's entry as a text."""
    sets = load_sets(folder)
    strange = [one.text for one in sets["faq-triage"].asked if one.kind == "out_of_domain"]
    for name in ("tune-wow", "tune-topicalchat") if tune else ("report-wow",):
        for asked in ("question", "answer"):
            yield _sources(folder / "grounding" / f"{name}.jsonl", asked, strange, most)
    for name in ("faq-triage", "hwu", "sofmattress"):
        if name in sets:
            yield _entries(sets[name], tune=tune, most=most, strange=strange)


def _sources(path: Path, asked_by: str, strange: Sequence[str], most: int) -> Corpus:
    """Return the sources of answers that people found grounded, asked for by ``asked_by``.

    A "question" is what was said before the answer: mostly no question, and of another thing. The
    "answer" says the source in other words, more or less.
    """
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["label"] == "grounded"]
    sources = {row["source"]: 0 for row in rows}
    numbers = {source: number for number, source in enumerate(sources)}
    pieces = (Passage(f"page/{number}", "", source) for source, number in numbers.items())
    asked = [(row[asked_by], frozenset({numbers[row["source"]]})) for row in rows]
    return Corpus(
        f"{path.stem}, {asked_by}s", tuple(pieces), tuple(_some(asked, most)), tuple(strange[:most])
    )


def _entries(faq: FaqSet, *, tune: bool, most: int, strange: Sequence[str]) -> Corpus:
    numbers = {id_: number for number, id_ in enumerate(faq.phrasings)}
    pieces = (
        Passage(f"page/{number}", id_.replace("_", " "), ". ".join(faq.phrasings[id_][:10]))
        for id_, number in numbers.items()
    )
    questions = faq.taught if tune else faq.asked
    asked = [(one.text, frozenset({numbers[one.entry]})) for one in questions if one.entry]
    unknown = [one.text for one in questions if one.entry is None]
    if faq.name == "faq-triage":
        unknown = list(strange)  # whether siblings are known nobody can tell by what is near
    return Corpus(faq.name, tuple(pieces), tuple(_some(asked, most)), tuple(_some(unknown, most)))


def _some(all_of: Sequence[T], most: int) -> list[T]:
    drawn = np.random.default_rng(0).permutation(len(all_of))[:most]
    return [all_of[number] for number in np.sort(drawn).tolist()]


def fused(by_words: Scores, near: Scores) -> Mapping[str, Scores]:
    """Return the scores of one part of a message, by the way they are made."""
    ranks = [np.argsort(np.argsort(-one, kind="stable")) + 1 for one in (by_words, near)]
    return {
        "words": by_words,
        "meanings": near,
        "ranks": np.sum([1 / (_RANK + one) for one in ranks], axis=0),
        "both": WORDS_SHARE * by_words + (1 - WORDS_SHARE) * near,
    }


def found_among(corpus: Corpus, index: PassageIndex) -> Iterator[tuple[str, list[float]]]:
    """Yield each way to score with the shares of questions found first, in three, and in five."""
    places: dict[str, list[int]] = {}
    for text, right in corpus.asked:
        parts = index.parts(text)
        near = index.by_meaning(parts)
        assert near is not None
        for way, scores in fused(index.by_words(parts).max(axis=0), near.max(axis=0)).items():
            order = np.argsort(-scores, kind="stable").tolist()
            places.setdefault(way, []).append(min(order.index(number) for number in right))
    for way, ones in places.items():
        yield way, [float(np.mean([place < first for place in ones])) for first in (1, 3, 5)]


def outcomes(corpus: Corpus, index: PassageIndex) -> list[float]:
    """Return what the index makes of the questions, as the columns of `OUTCOMES` have it."""
    shown, counts, offered, rightly = [], [], 0, 0
    for text, right in corpus.asked:
        found = index.find(text)
        numbers = [int(one.passage.id.removeprefix("page/")) for one in found]
        shown.append(bool(right & set(numbers)))
        counts.append(len(numbers))
        if found and near_enough(found[0]):
            offered += 1
            rightly += numbers[0] in right
    wrongly = [index.find(text) for text in corpus.unknown]
    nothing = [bool(found and near_enough(found[0])) for found in wrongly]
    whole = offered + sum(nothing)
    return [
        float(np.mean(shown)),
        float(np.mean(counts)),
        float(np.mean([bool(found) for found in wrongly])) if wrongly else float("nan"),
        offered / len(corpus.asked),
        rightly / whole if whole else float("nan"),
    ]


def costs(embedder: Embedder | None, cache: Path, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the costs of `_PIECES` pieces made of ``texts``, as the columns of `COSTS` have it."""
    pieces = [
        Passage(f"page/{number}", f"Page {number}", " ".join(_drawn(texts, number)))
        for number in range(_PIECES)
    ]
    before = _memory()
    index, made = _timed(lambda: PassageIndex.fit((), pieces, embedder=embedder, cache_dir=cache))
    meanings = index.meanings
    learnt = 0.0 if meanings is None else _timed(meanings.learn)[1]
    index.find("the first one loads what is needed")
    asked = [f"{texts[number][:60]} {number}?" for number in range(_LOOK_UPS)]
    times = sorted(1000 * _timed(partial(index.find, text))[1] for text in asked)
    return (
        "words" if embedder is None else "both",
        str(_PIECES),
        f"{made:.1f}",
        f"{learnt:.0f}",
        f"{times[len(times) // 2]:.1f}",
        f"{times[int(0.95 * len(times))]:.1f}",
        f"{_memory() - before:.0f}",
    )


def own_costs(*, by_meanings: bool, cache: Path, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the costs of a process that has done nothing else, its models loaded before."""
    if not by_meanings:
        return costs(None, cache, texts)
    # It brings onnxruntime along, which words alone do without.
    from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder  # noqa: PLC0415

    embedder = JoinedEmbedder()
    embedder.embed(["the first text"])
    return costs(embedder, cache, texts)


def _drawn(texts: Sequence[str], seed: int) -> list[str]:
    drawn = np.random.default_rng(seed).integers(0, len(texts), 4)
    return [texts[number] for number in drawn.tolist()]


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    done = work()
    return done, time.perf_counter() - started


def _memory() -> float:
    """Return the memory that the process takes now, in MB, as Linux tells it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def report(folder: Path, embedder: Embedder, cache: Path, *, tune: bool, most: int) -> None:
    """Print the two tables of what is found."""
    print(header(COLUMNS))
    rows = []
    for corpus in corpora(folder, tune=tune, most=most):
        index = PassageIndex.fit((), corpus.pieces, embedder=embedder, cache_dir=cache)
        size = (corpus.name, str(len(corpus.pieces)), str(len(corpus.asked)))
        rows.append(("words", corpus, outcomes(corpus, index)))
        assert index.meanings is not None
        index.meanings.learn()
        for way, shares in found_among(corpus, index):
            print(table_row([*size, way, *(f"{share:.3f}" for share in shares)]), flush=True)
        rows.append(("both", corpus, outcomes(corpus, index)))
    print(f"\nwhat is shown and offered (from a score of {FLOOR} and {NEAR}):\n")
    print(header(OUTCOMES))
    for way, corpus, figures in sorted(rows, key=lambda row: row[1].name):
        print(table_row([corpus.name, way, *(f"{figure:.3f}" for figure in figures)]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.retrieval")
    parser.add_argument("--data", type=Path, help=f"the data's folder; else {VARIABLE}")
    parser.add_argument("--tune", action="store_true", help="what may be learnt on")
    parser.add_argument("--quick", action="store_true", help="few questions, and no costs")
    parser.add_argument("--cache", type=Path, help="where vectors are kept; else a temporary place")
    options = parser.parse_args(arguments)
    try:
        folder = existing_folder(options.data)
    except DataAbsent as absent:
        sys.stderr.write(f"{absent}\n")
        return USAGE
    # It brings onnxruntime along, which a wrong call need not load.
    from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder  # noqa: PLC0415

    embedder = JoinedEmbedder()
    with tempfile.TemporaryDirectory() as temporary:
        cache = options.cache or Path(temporary)
        most = _QUICK if options.quick else _MOST_ASKED
        report(folder, embedder, cache, tune=options.tune, most=most)
        if not options.quick:
            rows = (folder / "grounding" / "tune-topicalchat.jsonl").read_text("utf-8").splitlines()
            texts = sorted({part for row in rows for part in json.loads(row)["source"].split(". ")})
            print(f"\n{header(COSTS)}")
            for by_meanings in (False, True):
                spawned = multiprocessing.get_context("spawn")
                with ProcessPoolExecutor(1, mp_context=spawned) as pool:
                    told = partial(own_costs, by_meanings=by_meanings, cache=cache, texts=texts)
                    print(table_row(pool.submit(told).result()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
