"""``agentbot check``: settings and prompts, offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agentbot.cli.example import trace_of_example
from agentbot.cli.exit_codes import EXIT_CONFIGURATION
from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.cli.output import print_head, print_json
from agentbot.cli.progress import reading, said_if_slow
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.prompts import Prompts

_MOST_LEARNT = 1000
"""FAQ entries that are learnt, to see that it can be done, and whether the FAQ is as precise as is
asked: a second or two. What may be wrong with others was found when they were read."""


def main(*, prompts: Path | None, strict: bool = False, as_json: bool = False) -> int:
    """Read everything as ``run`` would; print what was found. Raises what is wrong.

    Returns 78 where ``strict`` and there is a warning.
    """
    settings = read_settings(prompts=prompts)
    loader = PipelineLoader(settings, most_learnt=_MOST_LEARNT)
    with said_if_slow(reading(settings.prompts_dir)):
        pipeline = loader.load()
    rules = len(pipeline.prompts.rules.first) + len(pipeline.prompts.rules.otherwise)
    there = {one.name for one in pipeline.responders}
    if settings.llm_configured:  # it is not made here, since nobody is asked
        there.add("llm")
    responders = ", ".join(one for one in pipeline.prompts.policy.responders if one in there)
    example = trace_of_example(pipeline.prompts)
    if as_json:
        print_json(
            {
                "mode": settings.mode,
                "prompts": str(settings.prompts_dir),
                "version": pipeline.version,
                "rules": rules,
                "tools": len(pipeline.prompts.tools),
                "faq": len(pipeline.prompts.faq),
                "pages": len(pipeline.prompts.pages),
                "responders": responders.split(", "),
                "warnings": list(loader.warnings),
                "is_example": bool(example),
            }
        )
        return _code(loader.warnings, strict=strict)
    print_head("settings:", f" ok (mode {settings.mode}, prompts in {settings.prompts_dir})")
    print_head(
        "prompts:",
        f"  ok (version {pipeline.version}: {rules} rules,{_tools(pipeline)}"
        f" {len(pipeline.prompts.faq)} FAQ entries,{_pages(pipeline.prompts)}"
        f" responders {responders})",
    )
    for warning in loader.warnings:
        print_head("warning:", f"  {warning}")
    if example:
        print_head("note:", f"     {example}; `agentbot init` writes a folder of your own")
    return _code(loader.warnings, strict=strict)


def _code(warnings: Sequence[str], *, strict: bool) -> int:
    return EXIT_CONFIGURATION if strict and warnings else 0


def _pages(prompts: Prompts) -> str:
    """Say how many pages there are, and of how many pieces; "" where there are none."""
    count, pieces = len(prompts.pages), sum(len(page.passages) for page in prompts.pages)
    if not count:
        return ""
    return f" {count} {'page' if count == 1 else 'pages'} of {pieces} pieces,"


def _tools(pipeline: Pipeline) -> str:
    count = len(pipeline.prompts.tools)
    return f" {count} {'tool' if count == 1 else 'tools'}," if count else ""
