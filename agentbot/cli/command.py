"""What commands share: how each runs its module, and options that many have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from agentbot.cli.running import run_module

PromptsOption = Annotated[
    Path | None,
    typer.Option("--prompts", help="The prompts folder; else AGENTBOT_PROMPTS_DIR or ./prompts."),
]


def examples(*lines: str) -> str:
    """Return what stands at a help's end: commands as they are typed, a line each."""
    return "\n".join(["Examples:", "", "\b", *lines])


JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")]


def run_command(module: str, *args: Any, **options: Any) -> None:
    """Run the ``main`` of ``agentbot.cli.<module>``, and exit as it says."""
    if code := run_module(module, *args, **options):
        raise typer.Exit(code)
