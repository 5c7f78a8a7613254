"""``faq_triage.py``: the benchmark runs on a slice of its data, and its figures are sane."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH
from agentbot.pipeline.faq.judging.prior import WITH_VECTORS, WORDS_ONLY
from agentbot.pipeline.faq.matcher import FaqMatcher
from tests.bench import costs
from tests.bench.asking import PRECISIONS, Disagreement, Replies, ask
from tests.bench.bars import shortfalls
from tests.bench.faq_triage import COSTS_HEADER, HEADER, cells_of, cells_of_costs, record_of
from tests.bench.folder import existing_folder
from tests.bench.lines import Shape, line_of
from tests.bench.priors import Mode, prior_for
from tests.bench.rows import Row, all_rows, chosen, quick
from tests.bench.sets import JOINED, TRIAGE, CutOut, cut_out, load_sets
from tests.bench.vectors import remembered
from tests.bench.work import Job
from tests.support.optional import requires_bench_data, requires_meanings

pytestmark = requires_bench_data
each_mode = pytest.mark.parametrize(
    "mode",
    [
        "words",
        pytest.param("meanings", marks=requires_meanings),
    ],
)


def _slice() -> CutOut:
    """Return a FAQ of ten entries with five phrasings, and a hundred questions of each kind."""
    return cut_out(load_sets()[TRIAGE], entries=10, phrasings=5, most_asked=100)


@each_mode
def test_a_slice_is_measured(mode: Mode, tmp_path: Path) -> None:
    """Entries are found, strangers told apart, and a higher bar answers less and not worse."""
    faq = _slice()
    prior = prior_for(frozenset({TRIAGE}), mode)
    embedder = None if mode == "words" else remembered(tmp_path)
    replies = ask(faq, embedder=embedder, prior=prior.judge)
    line = line_of(replies, Shape(TRIAGE, mode, prior.said, 10, 50), 0.5)
    assert len(cells_of(line)) == len(HEADER)
    assert (line.prior, line.questions) == ("shipped, seen", 200)
    assert line.right > 0.7
    assert line.auroc > 0.8
    low, middle, high = (line.at[asked] for asked in PRECISIONS)
    assert line.right > low.coverage > middle.coverage > high.coverage > 0
    for asked, seen in line.at.items():
        assert seen.precision > asked - 0.15  # half of the questions have no answer
        assert 0 < seen.possible <= line.right
        assert seen.answers >= 100 * seen.coverage


@each_mode
def test_costs_are_measured(mode: Mode) -> None:
    """Each figure is there, and stands in a sane relation to the others."""
    faq = _slice()
    seen = costs.measure(faq, mode)
    assert (seen.entries, seen.phrasings) == (10, 50)
    assert 0 < seen.median_ms <= seen.p95_ms
    assert min(seen.fit_s, seen.cached_fit_s, seen.peak_mb) > 0
    assert (0 < seen.embedding_s < seen.fit_s) == (mode == "meanings")
    job = Job(Row("slice", TRIAGE), mode, existing_folder())
    assert len(cells_of_costs(job, seen)) == len(COSTS_HEADER)


def test_a_faq_that_cannot_answer_is_measured_too() -> None:
    """Where no score is enough only its very words are answered, at any precision."""
    faq = cut_out(load_sets()["sofmattress"], entries=5, phrasings=1, most_asked=20)
    silent = replace(WORDS_ONLY, usual_bars=np.full(len(WORDS_ONLY.usual_bars), OUT_OF_REACH))
    replies = ask(faq, embedder=None, prior=silent)
    verbatim = replies.scores == float("inf")
    for answered in replies.answered.values():
        assert (answered == verbatim).all()
    assert set(replies.scores[~verbatim] >= OUT_OF_REACH) == {False}


def test_a_matcher_that_goes_by_more_than_its_score_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The figures at other precisions would be wrong."""
    faq = _slice()
    match = FaqMatcher.match

    def moody(matcher: FaqMatcher, text: str) -> object:
        if matcher.bar in (0.0, OUT_OF_REACH):
            return match(matcher, text)
        return match(replace(matcher, bar=OUT_OF_REACH), text)

    monkeypatch.setattr(FaqMatcher, "match", moody)
    with pytest.raises(Disagreement):
        ask(faq, embedder=None, prior=WORDS_ONLY)


def test_a_prior_of_another_source_is_asked_for_what_is_left_out() -> None:
    """By name; what ships says whether it has seen the set, and is taken where nothing is left."""
    here = f"{__name__}:_prior_for"
    assert prior_for(frozenset({"hwu"}), "words", source=here) == prior_for(
        frozenset({"hwu"}), "words"
    )
    other = prior_for(frozenset({TRIAGE}), "words", source=here)
    assert (other.judge.constant, other.said) == (0.25, "left out")
    assert prior_for(frozenset({"new"}), "meanings").said == "shipped, unseen"
    assert prior_for(frozenset({"hwu"}), "meanings").judge is WITH_VECTORS
    with pytest.raises(ValueError, match="no function nowhere:to_be_found"):
        prior_for(frozenset(), "words", source="nowhere:to_be_found")


def _prior_for(left_out: frozenset[str], mode: Mode) -> object:
    """Return a prior learnt without the triage set, as it were."""
    return replace(WORDS_ONLY, constant=0.25) if TRIAGE in left_out else None


def test_rows_are_chosen_by_name() -> None:
    """Each name is one row's; a pattern that fits none is refused."""
    rows = all_rows(load_sets())
    assert len({row.name for row in rows}) == len(rows)
    assert [row.name for row in chosen(rows, [TRIAGE, "hwu x[12]"])] == [TRIAGE, "hwu x1", "hwu x2"]
    with pytest.raises(ValueError, match="no row is named 'bank'"):
        chosen(rows, ["bank"])
    short = quick(rows)
    assert {JOINED, TRIAGE, "hwu", "sofmattress"} <= {row.set_name for row in short}
    assert len(short) < len(rows) / 2


def test_json_holds_no_number_that_is_none() -> None:
    """The precision of no answers is null, and so is what nobody can tell apart."""
    yes, no = np.ones(2, dtype=np.bool_), np.zeros(2, dtype=np.bool_)
    silent = Replies(yes, yes, np.array([0.4, 0.3]), dict.fromkeys(PRECISIONS, no))
    line = line_of(silent, Shape("row", "words", "shipped", 5, 5), 0.0)
    record = json.loads(json.dumps(record_of(line), allow_nan=False))
    assert record["auroc"] is None
    assert record["at"]["0.9"] == {
        "coverage": 0.0,
        "possible": 1.0,
        "precision": None,
        "answers": 0.0,
    }
    assert record["falls_short"] == shortfalls(line) != []


def test_the_command_prints_tables_and_writes_the_figures(tmp_path: Path) -> None:
    """Of the rows chosen."""
    file = tmp_path / "figures.json"
    said = _run("--rows", "cut out hwu 5 x1*", "--quick", "--mode", "words", "--json", str(file))
    assert said.returncode == 0, said.stderr
    figures = json.loads(file.read_text("utf-8"))
    assert [(one["row"], one["share"]) for one in figures["lines"]] == [
        ("cut out hwu 5 x10", 0.0),
        ("cut out hwu 5 x10", 0.2),
        ("cut out hwu 5 x10", 0.5),
    ]
    assert said.stdout.count("| cut out hwu 5 x10 |") == 3


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    """Data that is absent, and rows that are not there."""
    absent = _run("--data", str(tmp_path))
    assert (absent.returncode, absent.stdout) == (2, "")
    assert f"is not in {tmp_path}" in absent.stderr
    unknown = _run("--rows", "bank")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "no row is named 'bank'" in unknown.stderr


def _run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench.faq_triage", *options]
    return subprocess.run(  # noqa: S603  our own module with our own arguments
        command, capture_output=True, text=True, check=False
    )
