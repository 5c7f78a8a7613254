"""``loader.py``: a folder becomes a pipeline, as far as whoever asks for it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.cli.loader import PipelineLoader
from agentbot.config import FaqSettings, Settings
from agentbot.pipeline.decision import Reply
from tests.support.folders import folder
from tests.support.turns import turn

ENTRIES = """
- {id: tea, question: "Which teas do you have?", answer: Three.}
- {id: cups, question: "Do you sell cups?", answer: Yes.}
"""


@pytest.mark.parametrize(("most", "answers"), [(None, True), (2, True), (1, False)])
def test_a_check_learns_some_entries_and_reads_all(
    tmp_path: Path, most: int | None, *, answers: bool
) -> None:
    """Learning takes long for thousands; what is wrong with one is found by reading it."""
    made = folder(tmp_path)
    (made / "faq").mkdir()
    (made / "faq" / "all.yaml").write_text(ENTRIES, encoding="utf-8")
    settings = Settings(prompts_dir=made, faq=FaqSettings(embeddings="none"))
    pipeline = PipelineLoader(settings, most_learnt=most).load()
    assert len(pipeline.prompts.faq) == 2
    faq = next(one for one in pipeline.responders if one.name == "faq")
    outcome = faq.respond(turn("Do you sell cups?"))
    assert (isinstance(outcome, Reply) and outcome.source == "cups") is answers
