"""``agentbot ask``: one question to the pipeline, and why it decides as it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from inspect import isawaitable
from pathlib import Path

import typer

from agentbot.bot.turns.context import build_account
from agentbot.cli.chosen_llm import LLM, chosen_llm
from agentbot.cli.connections import agent_rest
from agentbot.cli.loader import PipelineLoader, read_settings
from agentbot.cli.model import opened_model
from agentbot.cli.output import print_head, print_json, print_rows, print_text
from agentbot.cli.progress import reading, said_if_slow, waiting_for
from agentbot.cli.situation import Situation, read_conversation
from agentbot.config import Settings
from agentbot.errors import AgentbotError, ConfigurationError
from agentbot.pipeline.decision import Decision, Reply, Silence
from agentbot.pipeline.hours.schedule import zone_or_none
from agentbot.pipeline.pipeline import Pipeline
from agentbot.pipeline.turn import Account, Turn

_YEARS = range(1900, 9000)
"""Years in which one may ask: some are left for counting days from there, before and after."""
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
    as_json: bool = False,
) -> int:
    """Print the decision on ``question`` and what every guard and rule made of it.

    ``situation`` holds what options have said; hours come from the prompts folder, else from the
    account where it can be asked. ``llm`` says which model is asked where neither rules nor FAQ
    answer.
    """
    if situation.time_zone and zone_or_none(situation.time_zone) is None:
        problem = f"there is no time zone {situation.time_zone!r}"
        raise ConfigurationError("--time-zone", problem, "write one such as Europe/Oslo")
    asked_at = _parse_time(at)
    if conversation is not None:
        situation = replace(situation, before=read_conversation(conversation))
    settings = read_settings(prompts=prompts)
    async with chosen_llm(settings, llm) as (chosen, label), opened_model(chosen) as model:
        with said_if_slow(reading(settings.prompts_dir)):
            loader = PipelineLoader(chosen, model=model)
            pipeline = loader.load()
        for doubt in loader.doubts:
            _note(doubt)
        account = Account() if pipeline.prompts.hours else await _account(settings)
        now = asked_at if asked_at.tzinfo else asked_at.replace(tzinfo=_zone(pipeline, account))
        turn = replace(situation, now=now, account=account).turn(question)
        (_print_as_json if as_json else _print)(await _ask(pipeline, turn, label))
    return 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """A decision, and what it came from: rows of a name, an outcome and a text."""

    decision: Decision
    paid: str
    why: list[tuple[str, str, str]]
    found: list[tuple[str, str, str]]


async def _ask(pipeline: Pipeline, turn: Turn, label: str) -> _Answer:
    outcome = pipeline.decide(turn)
    with said_if_slow(f"still waiting for an answer (model: {label})"):
        decision = await outcome if isawaitable(outcome) else outcome
    steps = (*pipeline.explain(turn), *decision.trace)
    found = await pipeline.passages(turn.text)
    return _Answer(
        decision,
        paid=_paid(decision, label),
        why=[(step.name, step.outcome, step.reason.text) for step in steps],
        found=[(one.passage.id, f"{one.score:.2f}", one.passage.title) for one in found],
    )


def _print(answer: _Answer) -> None:
    _print_decision(answer.decision)
    print_text(f"model: {answer.paid}")
    typer.echo("\nwhy:")
    print_rows(answer.why, widths=(_NAME_WIDTH, _OUTCOME_WIDTH))
    if answer.found:
        typer.echo("\nfound:")
        print_rows(answer.found, widths=(_NAME_WIDTH, _OUTCOME_WIDTH))


def _print_as_json(answer: _Answer) -> None:
    decision = answer.decision
    reason = {"code": decision.reason.code, "text": decision.reason.text}
    buttons = [one.text for one in getattr(decision, "quick_replies", ())]
    print_json(
        {
            "outcome": type(decision).__name__.lower(),
            "offer": isinstance(decision, Reply) and decision.offer,
            "by": getattr(decision, "by", None),
            "source": getattr(decision, "source", None),
            "reason": reason,
            "text": getattr(decision, "text", None),
            "buttons": buttons,
            "sources": list(getattr(decision, "sources", ())),
            "model": answer.paid,
            "why": [{"name": a, "outcome": b, "reason": c} for a, b, c in answer.why],
            "found": [{"id": a, "score": float(b), "title": c} for a, b, c in answer.found],
        }
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
            with said_if_slow(waiting_for(settings.papercups_url)):
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


def _parse_time(at: str | None) -> datetime:
    """Return the time that is asked for, or now; without a zone where none was written."""
    if at is None:
        return datetime.now(UTC)
    try:
        time = datetime.fromisoformat(at)
        if time.year not in _YEARS:
            raise ValueError(time)
    except ValueError as error:
        problem = f"{at!r} is not a time"
        raise ConfigurationError("--at", problem, 'write "2026-12-24 22:10"') from error
    return time
