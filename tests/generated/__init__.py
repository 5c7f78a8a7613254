"""The pages and files that are written from the code: ``python -m tests.generated``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.generated import asyncapi, channel

ROOT = Path(__file__).parents[2]

FILES: dict[str, Callable[[], str]] = {
    "docs/asyncapi.yaml": asyncapi.text,
    "docs/reference/phoenix-channel.md": channel.text,
}
"""What makes the text of each file, by its place in the tree."""
