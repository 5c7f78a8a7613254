"""A folder without system.md has instructions, in the language of its texts."""

from __future__ import annotations

from typing import get_args

import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.known_facts import sample_facts, text_roots
from agentbot.pipeline.llm.instructions import default_instructions


@pytest.mark.parametrize("language", get_args(Language))
def test_they_name_the_company_and_what_is_known(language: Language) -> None:
    """And when it is open."""
    template = Template(default_instructions(language), {**text_roots({}), "knowledge": None})
    entry = FaqEntry("tea", "Which tea?", "Green tea.")
    said = template.render({**sample_facts(), "knowledge": [entry]})
    for part in ("Fjord & Fern", "## Which tea?\nGreen tea.", "9:00", "closed now"):
        assert part in said
