"""The pages and files that are written from the code: ``python -m tests.generated``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.generated import asyncapi, channel, reference

ROOT = Path(__file__).parents[2]

FILES: dict[str, Callable[[], str]] = {
    "docs/asyncapi.yaml": asyncapi.text,
    "docs/reference/phoenix-channel.md": channel.text,
    "docs/reference/settings.md": reference.settings_page,
    "docs/reference/commands.md": reference.commands_page,
    "docs/reference/exit-codes.md": reference.exit_codes_page,
    "docs/reference/metrics.md": reference.metrics_page,
    "docs/reference/facts.md": reference.facts_page,
}
"""What makes the text of each file, by its place in the tree."""
