"""Entries as a file, pipeline/faq/importing/written.py: it loads again as it was."""

from __future__ import annotations

from pathlib import Path

from agentbot.pipeline.faq.entries import FaqEntry, load_faq
from agentbot.pipeline.faq.importing.written import to_yaml


def test_entries_load_again(tmp_path: Path) -> None:
    """With what YAML would take for something else, and without keys that hold nothing."""
    entries = (
        FaqEntry("1", "Is it: so?", "'yes' # no", links=("https://a.example",)),
        FaqEntry("null", "true", "no", ("a", "b"), tags=("- x",)),
        FaqEntry("c", "ß?", "# one\n\n    code\n\ttab"),
    )
    text = to_yaml(entries)
    (tmp_path / "faq.yaml").write_text(text, "utf-8")
    assert load_faq(tmp_path) == entries
    assert text.count("tags:") == text.count("phrasings:") == text.count("links:") == 1
    assert text.index("- id: c") < text.index("ß")
