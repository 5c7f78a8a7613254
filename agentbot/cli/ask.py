"""``agentbot ask``: one question to the pipeline, offline, and why it decides as it does."""

from __future__ import annotations

from datetime import UTC, datetime
from inspect import isawaitable
from pathlib import Path

import typer

from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.errors import ConfigurationError
from agentbot.pipeline.decision import Decision, Silence
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.turn import Author, Conversation, Customer, Message, Turn


async def main(question: str, *, at: str | None, agents_online: int, prompts: Path | None) -> int:
    """Print the decision on ``question`` and what every guard and rule made of it."""
    loader = PipelineLoader(read_settings(prompts=prompts))
    pipeline = loader.load()
    turn = _turn(question, now=_parse_time(at, pipeline), agents_online=agents_online)
    outcome = pipeline.decide(turn)
    decision = await outcome if isawaitable(outcome) else outcome
    _print_decision(decision)
    typer.echo("\nwhy:")
    for step in (*pipeline.explain(turn), *decision.trace):
        typer.echo(f"  {step.name:<28} {step.outcome:<10} {step.reason.text}")
    return 0


def _print_decision(decision: Decision) -> None:
    kind = type(decision).__name__.lower()
    if isinstance(decision, Silence):
        typer.echo(f"{kind}: {decision.reason}")
        return
    source = f" {decision.source}" if decision.source else ""
    typer.echo(f"{kind} (by {decision.by}{source}): {decision.reason}")
    if decision.text:
        typer.echo("\n" + decision.text)
    for quick_reply in getattr(decision, "quick_replies", ()):
        typer.echo(f"  [ {quick_reply.text} ]")


def _parse_time(at: str | None, pipeline: Pipeline) -> datetime:
    if at is None:
        return datetime.now(UTC)
    try:
        time = datetime.fromisoformat(at)
    except ValueError as error:
        raise ConfigurationError(
            "--at", f"{at!r} is not a time", 'write "2026-12-24 22:10"'
        ) from error
    hours = pipeline.prompts.hours
    zone = (hours.zone() if hours is not None else None) or UTC
    return time if time.tzinfo else time.replace(tzinfo=zone)


def _turn(question: str, *, now: datetime, agents_online: int) -> Turn:
    return Turn(
        conversation=Conversation(id="00000000-0000-0000-0000-000000000000"),
        customer=Customer(id="ask", name=None),
        messages=(Message("ask", question, Author.CUSTOMER, now),),
        history=(),
        now=now,
        agents_online=agents_online,
    )
