"""The bench's shop (`shop.py`): each question has the answer that it is asked for."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from agentbot.pipeline.decision import Reply
from agentbot.pipeline.faq.matcher import FaqMatcher
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import load_prompts
from tests.bench.speed import shop
from tests.support.turns import turn


def test_each_question_is_answered_by_its_rule_or_entry(tmp_path: Path) -> None:
    """Without waiting, and no two that follow each other by the same text."""
    prompts = load_prompts(shop.write(tmp_path))
    matcher = FaqMatcher.fit(prompts.faq, embedder=None)
    pipeline = build_pipeline(prompts, matcher=matcher)

    texts = []
    for asked in shop.questions():
        decision = pipeline.respond(turn(asked.text))
        assert isinstance(decision, Reply)
        assert decision.source == asked.source
        texts.append(decision.text)

    assert len(texts) == 25
    assert all(one != next_one for one, next_one in pairwise(texts))


def test_there_is_enough_for_two_thousand_rules() -> None:
    """Each with words of its own."""
    made = shop.rules(2_000)

    assert len({asked.text for _, asked in made}) == len(made) == 2_000
