"""``agentbot check``: settings and prompts, offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agentbot.cli.example import trace_of_example
from agentbot.cli.exit_codes import EXIT_CONFIGURATION
from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.cli.output import print_head, print_json
from agentbot.cli.progress import reading, said_if_slow
from agentbot.config import Settings
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
    example = trace_of_example(pipeline.prompts)
    if as_json:
        print_json(_as_data(settings, pipeline, loader.warnings, is_example=bool(example)))
    else:
        _tell(settings, pipeline, loader.warnings, example)
    return EXIT_CONFIGURATION if strict and loader.warnings else 0


def _as_data(
    settings: Settings, pipeline: Pipeline, warnings: Sequence[str], *, is_example: bool
) -> dict[str, object]:
    """Return what was found as ``--json`` prints it."""
    return {
        "mode": settings.mode,
        "prompts": str(settings.prompts_dir),
        "version": pipeline.version,
        "rules": _count_rules(pipeline),
        "tools": len(pipeline.prompts.tools),
        "faq": len(pipeline.prompts.faq),
        "pages": len(pipeline.prompts.pages),
        "responders": _responders(settings, pipeline),
        "warnings": list(warnings),
        "is_example": is_example,
    }


def _tell(settings: Settings, pipeline: Pipeline, warnings: Sequence[str], example: str) -> None:
    """Print what was found; ``example``: what shows that the folder tells of the example shop."""
    print_head("settings:", f" ok (mode {settings.mode}, prompts in {settings.prompts_dir})")
    print_head(
        "prompts:",
        f"  ok (version {pipeline.version}: {_count_rules(pipeline)} rules,{_tools(pipeline)}"
        f" {len(pipeline.prompts.faq)} FAQ entries,{_pages(pipeline.prompts)}"
        f" responders {', '.join(_responders(settings, pipeline))})",
    )
    for warning in warnings:
        print_head("warning:", f"  {warning}")
    if example:
        print_head("note:", f"     {example}; `agentbot init` writes a folder of your own")


def _count_rules(pipeline: Pipeline) -> int:
    rules = pipeline.prompts.rules
    return len(rules.first) + len(rules.otherwise)


def _responders(settings: Settings, pipeline: Pipeline) -> list[str]:
    """Return the names of those that would be asked, in their order."""
    there = {one.name for one in pipeline.responders}
    if settings.llm_configured:  # it is not made here, since nobody is asked
        there.add("llm")
    return [one for one in pipeline.prompts.policy.responders if one in there]


def _pages(prompts: Prompts) -> str:
    """Say how many pages there are, and of how many pieces; "" where there are none."""
    count, pieces = len(prompts.pages), sum(len(page.passages) for page in prompts.pages)
    if not count:
        return ""
    return f" {count} {'page' if count == 1 else 'pages'} of {pieces} pieces,"


def _tools(pipeline: Pipeline) -> str:
    count = len(pipeline.prompts.tools)
    return f" {count} {'tool' if count == 1 else 'tools'}," if count else ""
