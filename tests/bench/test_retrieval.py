"""The retrieval bench: its tables are made of any data of the form, and say what was found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentbot.pipeline.knowledge.index import PassageIndex
from agentbot.pipeline.knowledge.passage import Passage
from tests.bench import retrieval
from tests.bench.retrieval import Corpus, corpora, costs, found_among, outcomes
from tests.support.faq import WordEmbedder

CORPUS = Corpus(
    "small",
    (Passage("page/0", "Oven", "Up to 180 degrees."), Passage("page/1", "Wash", "By hand.")),
    (("oven degrees", frozenset({0})), ("wash by hand", frozenset({1})), ("hand", frozenset({0}))),
    ("play jazz", "wash"),
)


def test_it_is_counted_how_often_the_right_one_comes_first(tmp_path: Path) -> None:
    """By each way to score, and by what the index makes of it."""
    index = PassageIndex.fit((), CORPUS.pieces, embedder=WordEmbedder(), cache_dir=tmp_path)
    assert index.meanings is not None
    index.meanings.learn()
    found = dict(found_among(CORPUS, index))
    assert set(found) == {"words", "meanings", "ranks", "both"}
    assert found["both"] == pytest.approx([2 / 3, 1.0, 1.0])
    shown, count, unknown, offered, rightly = outcomes(CORPUS, index)
    assert (shown, count, unknown) == pytest.approx((2 / 3, 1.0, 0.5))
    assert 0 < rightly <= 1
    assert 0 < offered <= 1


def test_the_data_is_read(tmp_path: Path) -> None:
    """Sources of grounded answers, and a FAQ's phrasings as texts."""
    (tmp_path / "grounding").mkdir()
    (tmp_path / "faq-triage").mkdir()
    rows = [
        {"source": "a b", "question": "q?", "answer": "a", "label": "grounded"},
        {"source": "c d", "question": "r?", "answer": "x", "label": "ungrounded"},
    ]
    text = "\n".join(map(json.dumps, rows))
    for name in ("report-wow", "tune-wow", "tune-topicalchat"):
        (tmp_path / "grounding" / f"{name}.jsonl").write_text(text, "utf-8")
    entry = {"id": "lost_card", "questions": ["lost my card", "card is gone"]}
    (tmp_path / "faq-triage" / "faq.jsonl").write_text(json.dumps(entry), "utf-8")
    asked = [
        {"text": "my card", "faq": "lost_card", "kind": "in_scope"},
        {"text": "play jazz", "faq": None, "kind": "out_of_domain"},
    ]
    for name in ("test", "valid"):
        path = tmp_path / "faq-triage" / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, asked)), "utf-8")
    found = list(corpora(tmp_path, tune=False, most=10))
    names = ["report-wow, questions", "report-wow, answers", "faq-triage"]
    assert [one.name for one in found] == names
    assert [one.asked for one in found] == [
        (("q?", frozenset({0})),),
        (("a", frozenset({0})),),
        (("my card", frozenset({0})),),
    ]
    assert {one.unknown for one in found} == {("play jazz",)}
    assert found[2].pieces == (Passage("page/0", "lost card", "lost my card. card is gone"),)
    assert len(list(corpora(tmp_path, tune=True, most=10))) == 5


def test_costs_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of as many pieces as are wanted."""
    monkeypatch.setattr(retrieval, "_PIECES", 20)
    texts = [f"text of number {number}" for number in range(60)]
    by, pieces, *figures = costs(WordEmbedder(), tmp_path, texts)
    assert (by, pieces, len(figures)) == ("both", "20", 5)
    assert all(float(one) >= 0 for one in figures)
