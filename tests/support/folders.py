"""Prompts folders for tests: the shipped one, and small ones made of a few lines."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree, ignore_patterns
from textwrap import dedent

DEFAULT = Path(__file__).parents[2] / "prompts"
"""The folder that the project ships."""


def folder(tmp_path: Path, **files: str) -> Path:
    """Return a copy of the shipped folder without rules, in which ``files`` replace others.

    A file is named by its stem: ``rules="…"`` writes ``rules.yaml``, ``system="…"`` system.md.
    """
    made = tmp_path / "prompts"
    left_out = ignore_patterns("faq", "pages", "schema", "hours.yaml")
    copytree(DEFAULT, made, ignore=left_out, dirs_exist_ok=True)
    (made / "rules.yaml").write_text("rules: []\n", encoding="utf-8")
    for stem, text in files.items():
        suffix = ".md" if stem == "system" else ".yaml"
        (made / f"{stem}{suffix}").write_text(dedent(text), encoding="utf-8")
    return made
