"""``agentbot faq import``: FAQ entries from a CSV file or help pages."""

from __future__ import annotations

import sys
from pathlib import Path

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.importing.pages import HTML, MARKDOWN, import_help_pages
from agentbot.pipeline.faq.importing.rows import import_csv
from agentbot.pipeline.faq.importing.written import to_yaml


def main(source: Path) -> int:
    """Print the entries as YAML, for a file in ``prompts/faq/``; what was left out on stderr."""
    if not source.exists():
        raise ConfigurationError(str(source), "there is no such file or folder", "name one")
    pages = source.is_dir() or source.suffix.lower() in MARKDOWN | HTML
    imported = import_help_pages(source) if pages else import_csv(source)
    for note in imported.notes:
        sys.stderr.write(f"{note}\n")
    if not imported.entries:
        raise ConfigurationError(
            str(source),
            "holds no entry to import",
            "name a CSV file with question and answer, or pages in markdown or HTML",
        )
    sys.stdout.write(to_yaml(imported.entries))
    sys.stderr.write(f"{len(imported.entries)} entries\n")  # one too: programs read it
    return 0
