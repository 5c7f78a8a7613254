"""``agentbot faq import``: FAQ entries from a CSV file or a folder of help pages."""

from __future__ import annotations

import sys
from pathlib import Path

from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.importers import import_csv, import_help_pages, to_yaml


def main(source: Path) -> int:
    """Print the entries as YAML, for a file in ``prompts/faq/``."""
    if source.is_dir():
        entries = import_help_pages(source)
    elif source.is_file():
        entries = import_csv(source)
    else:
        raise ConfigurationError(str(source), "there is no such file or folder", "name one")
    sys.stdout.write(to_yaml(entries))
    sys.stderr.write(f"{len(entries)} entries\n")
    return 0
