"""``agentbot report gaps``: the questions that nothing answered, grouped: what to write next."""

from __future__ import annotations

from datetime import timedelta

import typer

from agentbot.cli.compose import utc_now
from agentbot.cli.faq import make_embedder
from agentbot.cli.loader import read_settings
from agentbot.cli.output import print_json
from agentbot.cli.progress import said_if_slow
from agentbot.cli.state import opened
from agentbot.pipeline.faq.quality.gaps import group_gaps
from agentbot.state.store import TurnRecord


async def main(*, days: float, most: int, as_json: bool = False) -> int:
    """Group the journal's unanswered questions, and list the largest groups with examples."""
    settings = read_settings()
    async with opened(settings) as store:
        since = utc_now() - timedelta(days=days)
        questions = [
            record.question async for record in store.records(since=since) if is_gap(record)
        ]
    with said_if_slow(f"still grouping {len(questions)} questions"):
        gaps = group_gaps(questions, embedder=make_embedder(settings))
    if as_json:
        groups = [{"count": gap.count, "examples": list(gap.examples)} for gap in gaps[:most]]
        print_json({"days": days, "questions": len(questions), "groups": groups})
        return 0
    typer.echo(f"{len(questions)} questions of the last {days:g} days had no answer")
    for gap in gaps[:most]:
        typer.echo(f"\n{gap.count} x {gap.examples[0]}")
        for example in gap.examples[1:]:
            typer.echo(f"      {example}")
    return 0


def is_gap(record: TurnRecord) -> bool:
    """Say whether the turn asked something that neither rule, FAQ nor model could answer."""
    return bool(record.question.strip()) and record.decision.get("gap") is True
