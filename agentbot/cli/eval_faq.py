"""``agentbot eval faq``: how good the FAQ is on a file of questions, and in itself."""

from __future__ import annotations

from pathlib import Path

import typer

from agentbot.cli.faq import fit_matcher, make_embedder
from agentbot.cli.loader import read_settings
from agentbot.cli.progress import reading, said_if_slow
from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.evaluation import (
    Confusion,
    FaqReport,
    competing_entries,
    evaluate,
    load_questions,
)
from agentbot.pipeline.prompts import load_prompts

_MOST = 10
"""Confusions and warnings that are printed, the worst first: what a person can look at at once."""


def main(questions: Path, *, precision: float | None, prompts: Path | None) -> int:
    """Print what the questions show, then what entries take from each other."""
    settings = read_settings(prompts=prompts)
    loaded = load_prompts(settings.prompts_dir)
    with said_if_slow(reading(settings.prompts_dir)):
        matcher = fit_matcher(
            settings, loaded, embedder=make_embedder(settings), precision=precision
        )
    if matcher is None:
        raise ConfigurationError(
            str(settings.prompts_dir / "faq"), "there is no FAQ entry", "write one first"
        )
    _print_report(evaluate(matcher, load_questions(questions, loaded.faq)), matcher.precision)
    for competition in competing_entries(matcher)[:_MOST]:
        first, second = competition.entries
        typer.echo(
            f"warning: {first} and {second} compete: {competition.taken} of"
            f" {competition.phrasings} phrasings are taken for the other's"
        )
    return 0


def _print_report(report: FaqReport, precision: float) -> None:
    rows = (
        ("questions", f"{report.questions} ({report.answerable} have an entry)"),
        ("answered", f"{report.answers}, of these {report.right_answers} rightly"),
        ("precision", f"{_percent(report.precision)} (asked for: {precision:.1%})"),
        ("coverage", f"{_percent(report.coverage)} of those with an entry answered rightly"),
        ("offered", f"{report.suggestions} times the nearest questions"),
        ("abstained", f"{report.abstentions}"),
        ("nearest", f"{_percent(report.hit_rate)} have the right entry nearest"),
        ("unanswerable", f"{report.unanswerable_answered} answered although no entry does"),
    )
    for name, value in rows:
        typer.echo(f"{name:<13} {value}")
    if report.confusions:
        typer.echo("\nworst confusions:")
    for confusion in report.confusions[:_MOST]:
        _print_confusion(confusion)


def _print_confusion(confusion: Confusion) -> None:
    right = confusion.right or "(no entry)"
    typer.echo(
        f"  {right} taken for {confusion.given}: {confusion.count} ({confusion.answered} answered)"
    )
    for example in confusion.examples:
        typer.echo(f"    {example}")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
