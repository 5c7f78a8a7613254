"""The passage: what a system.md calls question and answer is its title and its text."""

from __future__ import annotations

from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.knowledge.passage import Passage


def test_an_operators_template_may_name_a_passage_either_way() -> None:
    """Folders written for FAQ entries alone go on working."""
    passage = Passage("page/care#washing", "Care: Washing", "By hand.")
    source = "{{ one.question }} {{ one.answer }} | {{ one.title }} {{ one.text }}"
    rendered = Template(source, {"one": None}).render({"one": passage})
    assert rendered == "Care: Washing By hand. | Care: Washing By hand."
