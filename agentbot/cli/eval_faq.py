"""``agentbot eval faq``: how good the FAQ is on a file of questions, and in itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from agentbot.cli.faq import fit_matcher, make_embedder
from agentbot.cli.loader import read_settings
from agentbot.cli.progress import reading, said_if_slow
from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.evaluation import (
    Confusion,
    FaqReport,
    TradeOff,
    competing_entries,
    evaluate,
    load_questions,
    trade_offs,
)
from agentbot.pipeline.prompts import load_prompts

_PRECISIONS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
"""The precisions (shares, 0 to 1) that are compared, beside the one in use."""
_ENOUGH = 50
"""Answers from which on another precision is advised: fewer are off by ten points of a hundred."""
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
    asked = load_questions(questions, loaded.faq)
    _print_report(evaluate(matcher, asked), matcher.precision)
    wanted = sorted({*_PRECISIONS, matcher.precision})
    _print_trade_offs(trade_offs(matcher, asked, wanted), matcher.precision)
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


def _print_trade_offs(found: Sequence[TradeOff], wanted: float) -> None:
    """Print what other precisions give, and which one to ask for where another one reaches more."""
    typer.echo("\nwhat other precisions would give on these questions (faq.precision):")
    typer.echo("  asked    sure enough   precision   answered rightly")
    for one in found:
        bar = "never" if one.bar > 1 else f"{one.bar:.0%}"
        mark = "*" if one.asked == wanted else " "
        typer.echo(
            f"{mark} {100 * one.asked:>4g}% {bar:>12} {_percent(one.precision):>11}"
            f" {_percent(one.coverage):>18}"
        )
    reached = [one for one in found if one.answers >= _ENOUGH and (one.precision or 0) >= wanted]
    if reached and reached[0].asked != wanted:
        typer.echo(
            f"here {100 * wanted:g}% is reached by asking for {100 * reached[0].asked:g}%:"
            " set faq.precision to it if these questions are like your customers'"
        )


def _print_confusion(confusion: Confusion) -> None:
    right = confusion.right or "(no entry)"
    typer.echo(
        f"  {right} taken for {confusion.given}: {confusion.count} ({confusion.answered} answered)"
    )
    for example in confusion.examples:
        typer.echo(f"    {example}")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
