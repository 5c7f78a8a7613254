"""``agentbot check``: settings and prompts, offline."""

from __future__ import annotations

from pathlib import Path

import typer

from agentbot.cli.example import trace_of_example
from agentbot.cli.loader import PipelineLoader, read_settings


def main(*, prompts: Path | None) -> int:
    """Read everything as ``run`` would; print what was found. Raises what is wrong."""
    settings = read_settings(prompts=prompts)
    loader = PipelineLoader(settings)
    pipeline = loader.load()
    rules = len(pipeline.prompts.rules.first) + len(pipeline.prompts.rules.otherwise)
    responders = ", ".join(responder.name for responder in pipeline.responders)
    typer.echo(f"settings: ok (mode {settings.mode}, prompts in {settings.prompts_dir})")
    typer.echo(
        f"prompts:  ok (version {pipeline.version}: {rules} rules,"
        f" {len(pipeline.prompts.faq)} FAQ entries, responders {responders})"
    )
    for warning in loader.warnings:
        typer.echo(f"warning:  {warning}")
    if example := trace_of_example(pipeline.prompts):
        typer.echo(f"note:     {example}; `agentbot init` writes a folder of your own")
    return 0
