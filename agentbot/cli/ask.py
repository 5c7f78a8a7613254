"""``agentbot ask``: one question to the pipeline, and why it decides as it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from inspect import isawaitable
from pathlib import Path

import typer

from agentbot.bot.turns.context import build_account
from agentbot.cli.chosen_llm import LLM, chosen_llm
from agentbot.cli.connections import agent_rest
from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.cli.model import opened_model
from agentbot.cli.output import print_head, print_rows, print_text
from agentbot.cli.progress import reading, said_if_slow
from agentbot.cli.situation import Situation, read_conversation
from agentbot.config import Settings
from agentbot.errors import AgentbotError, ConfigurationError
from agentbot.pipeline.decision import Decision, Reply, Silence
from agentbot.pipeline.hours.schedule import zone_or_none
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.turn import Account

_NAME_WIDTH, _OUTCOME_WIDTH = 28, 10
"""Columns in a pipe: rules' ids are mostly shorter, and so is each outcome's word."""


async def main(
    question: str | None,
    *,
    at: str | None,
    prompts: Path | None,
    conversation: Path | None,
    llm: LLM,
    situation: Situation,
) -> int:
    """Print the decision on ``question`` and what every guard and rule made of it.

    ``situation`` holds what options have said; hours come from the prompts folder, else from the
    account where it can be asked. ``llm`` says which model is asked where neither rules nor FAQ
    answer.
    """
    if conversation is not None:
        situation = replace(situation, before=read_conversation(conversation))
    settings = read_settings(prompts=prompts)
    async with chosen_llm(settings, llm) as (chosen, label), opened_model(chosen) as model:
        with said_if_slow(reading(settings.prompts_dir)):
            loader = PipelineLoader(chosen, model=model)
            pipeline = loader.load()
        for doubt in loader.doubts:
            _note(doubt)
        await _ask(pipeline, question, at=at, situation=situation, settings=settings, label=label)
    return 0


async def _ask(
    pipeline: Pipeline,
    question: str | None,
    *,
    at: str | None,
    situation: Situation,
    settings: Settings,
    label: str,
) -> None:
    account = Account() if pipeline.prompts.hours else await _account(settings)
    now = _parse_time(at, _zone(pipeline, account))
    turn = replace(situation, now=now, account=account).turn(question)
    outcome = pipeline.decide(turn)
    decision = await outcome if isawaitable(outcome) else outcome
    _print_decision(decision)
    print_text(f"model: {_paid(decision, label)}")
    typer.echo("\nwhy:")
    print_rows(
        [
            (step.name, step.outcome, step.reason.text)
            for step in (*pipeline.explain(turn), *decision.trace)
        ],
        widths=(_NAME_WIDTH, _OUTCOME_WIDTH),
    )
    if found := await pipeline.passages(turn.text):
        typer.echo("\nfound:")
        print_rows(
            [(one.passage.id, f"{one.score:.2f}", one.passage.title) for one in found],
            widths=(_NAME_WIDTH, _OUTCOME_WIDTH),
        )


def _paid(decision: Decision, label: str) -> str:
    """Return which model was asked, and what that has cost."""
    if label == "none":
        return "none"
    cost = decision.cost
    if "prompt_tokens" not in cost:
        was_asked = any(step.name == "prompt" for step in decision.trace)
        return f"{label}, " + ("asked, without an answer" if was_asked else "not asked")
    read, written = cost["prompt_tokens"], cost["completion_tokens"]
    price = f"${cost['usd']:.6f}" if "usd" in cost else "at a price that is not known"
    return f"{label}, {read:.0f} tokens read and {written:.0f} written, {price}"


async def _account(settings: Settings) -> Account:
    """Return the account with its hours; where it cannot be asked, say so, and what that means."""
    always = "so it counts as open at any time"
    if None in (settings.papercups_url, settings.papercups_email, settings.papercups_password):
        _note(f"no opening hours are known (no hours.yaml, and PAPERCUPS_* is not set), {always}")
        return Account()
    try:
        async with agent_rest(settings.papercups_login()) as rest:
            return build_account(await rest.account(), away_message=None)
    except AgentbotError as error:
        _note(f"the account could not be asked for its opening hours ({error}), {always}")
        return Account()


def _note(text: str) -> None:
    typer.echo(f"note: {text}", err=True)


def _zone(pipeline: Pipeline, account: Account) -> tzinfo:
    """Return the zone in which ``--at`` is meant: that of the hours."""
    hours = pipeline.prompts.hours
    return (hours.zone() if hours else zone_or_none(account.time_zone)) or UTC


def _print_decision(decision: Decision) -> None:
    kind = type(decision).__name__.lower()
    if isinstance(decision, Silence):
        print_head(kind, f": {decision.reason}")
        return
    source = f" {decision.source}" if decision.source else ""
    if isinstance(decision, Reply) and decision.offer:
        kind = "offered"
    print_head(kind, f" (by {decision.by}{source}): {decision.reason}")
    if decision.text:
        print_text(f"\n{decision.text}")
    if sources := getattr(decision, "sources", ()):
        print_text(f"\nsources: {', '.join(sources)}")
    for quick_reply in getattr(decision, "quick_replies", ()):
        print_text(f"  [ {quick_reply.text} ]")


def _parse_time(at: str | None, zone: tzinfo) -> datetime:
    if at is None:
        return datetime.now(UTC)
    try:
        time = datetime.fromisoformat(at)
    except ValueError as error:
        raise ConfigurationError(
            "--at", f"{at!r} is not a time", 'write "2026-12-24 22:10"'
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=zone)
