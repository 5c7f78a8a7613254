"""``agentbot eval faq``: how good the FAQ is on a file of questions, and in itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson
import typer

from agentbot.cli.example import trace_of_example
from agentbot.cli.faq import make_embedder
from agentbot.cli.fitting import FaqFitter
from agentbot.cli.loader import read_settings
from agentbot.cli.output import print_head, print_text
from agentbot.cli.progress import reading, said_if_slow
from agentbot.config import Settings
from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.embedders import Embedder, Floats
from agentbot.pipeline.faq.judging.judge import Verdicts
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion
from agentbot.pipeline.faq.quality.calibrating import LEAST, judged, learn
from agentbot.pipeline.faq.quality.evaluation import (
    Competition,
    Confusion,
    FaqReport,
    TradeOff,
    competing_entries,
    evaluate,
    trade_offs,
    trade_offs_when_kept,
)
from agentbot.pipeline.faq.quality.labelled import load_questions
from agentbot.pipeline.faq.quality.reach import out_of_reach
from agentbot.pipeline.files.calibration import NAME
from agentbot.pipeline.files.keeping import replace_file
from agentbot.pipeline.prompts import Prompts, load_prompts

_PRECISIONS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
"""The precisions (shares, 0 to 1) that are compared, beside the one in use."""
_ENOUGH = 50
"""Answers from which on another precision is advised: fewer are off by ten points of a hundred."""
_MOST = 10
"""Confusions and warnings that are printed, the worst first: what a person can look at at once."""


@dataclass(frozen=True, slots=True)
class _Found:
    """All that is told of a FAQ and its questions.

    ``now`` is what other precisions would give as it is, ``when_kept`` with ``--keep``, where the
    questions are enough for it; ``doubts`` are sentences.
    """

    asked: float
    report: FaqReport
    now: tuple[TradeOff, ...]
    when_kept: tuple[TradeOff, ...]
    doubts: tuple[str, ...]
    competing: tuple[Competition, ...]


def main(
    questions: Path,
    *,
    precision: float | None,
    prompts: Path | None,
    keep: bool = False,
    as_json: bool = False,
) -> int:
    """Print what the questions show, then what entries take from each other."""
    settings = read_settings(prompts=prompts)
    loaded = load_prompts(settings.prompts_dir)
    if not loaded.faq:
        raise ConfigurationError(
            str(settings.prompts_dir / "faq"), "there is no FAQ entry", "write one first"
        )
    if keep:
        _refuse_example(loaded)
    with said_if_slow(reading(settings.prompts_dir)):
        base = FaqFitter(settings, make=_remembering).base(loaded, precision=precision)
    asked = load_questions(questions, loaded.faq)
    with said_if_slow(f"still asking the FAQ {len(asked)} questions"):
        seen = judged(base, asked)
        found = _found(base, loaded, asked, seen)
    if as_json:
        typer.echo(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(found)
    if keep:
        typer.echo(_keep(base, loaded, asked, seen), err=as_json)
    return 0


class _Remembering:
    """An embedder that embeds no text twice: each question is asked in several ways."""

    def __init__(self, inner: Embedder) -> None:
        self.name = inner.name
        self._inner = inner
        self._known: dict[str, Floats] = {}

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the inner one's vectors."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._inner.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return what the inner one says."""
        return self._inner.compare(vectors, others)


def _remembering(settings: Settings) -> Embedder | None:
    embedder = make_embedder(settings)
    return None if embedder is None else _Remembering(embedder)


def _found(
    base: FaqMatcher, loaded: Prompts, asked: Sequence[LabelledQuestion], seen: Verdicts
) -> _Found:
    matcher, misfit = FaqFitter.calibrated(base, loaded)
    wanted = sorted({*_PRECISIONS, matcher.precision})
    unreached = out_of_reach(matcher)
    return _Found(
        asked=matcher.precision,
        report=evaluate(matcher, asked),
        now=trade_offs(matcher, asked, wanted),
        when_kept=trade_offs_when_kept(base, asked, seen, wanted) if len(asked) >= LEAST else (),
        doubts=tuple(str(one) for one in (misfit, unreached) if one is not None),
        competing=competing_entries(matcher),
    )


def _keep(
    base: FaqMatcher, loaded: Prompts, asked: Sequence[LabelledQuestion], seen: Verdicts
) -> str:
    """Keep what the questions teach beside the FAQ; return what was done."""
    if len(asked) < LEAST:
        raise ConfigurationError(
            "--keep",
            f"{len(asked)} questions teach less than what ships with agentbot",
            f"collect {LEAST}, better some hundred, as your customers ask them",
        )
    path = loaded.folder / NAME
    today = datetime.now(UTC).astimezone().date().isoformat()
    replace_file(path, learn(base, asked, seen, made_on=today).text())
    old = loaded.calibration
    said = "" if old is None else f", in place of {old.questions} questions of {old.made_on}"
    return f"\nkept: {path} ({len(asked)} questions{said}); run, ask and check go by it"


def _refuse_example(loaded: Prompts) -> None:
    if trace := trace_of_example(loaded):
        raise ConfigurationError(
            str(loaded.folder), f"{trace}: nothing is kept there", "run `agentbot init` first"
        )


def _print(found: _Found) -> None:
    _print_report(found.report, found.asked)
    _print_trade_offs(found)
    for doubt in found.doubts:
        print_head("warning:", f" {doubt}")
    for competition in found.competing[:_MOST]:
        first, second = competition.entries
        print_head(
            "warning:",
            f" {first} and {second} compete: {competition.taken} of"
            f" {competition.phrasings} phrasings are taken for the other's",
        )


def _print_report(report: FaqReport, precision: float) -> None:
    rows = (
        ("questions", f"{report.questions} ({report.answerable} have an entry)"),
        ("answered", f"{report.answers}, of these {report.right_answers} rightly"),
        (
            "several",
            f"{report.several} of them answer several questions, {report.in_part} but in part",
        ),
        ("precision", f"{_percent(report.precision)} (asked for: {precision:.1%})"),
        ("coverage", f"{_percent(report.coverage)} of those with an entry answered"),
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


def _print_trade_offs(found: _Found) -> None:
    """Print what other precisions give, and which one to ask for where another one reaches more."""
    typer.echo("\nwhat asking for another precision would give here:")
    typer.echo(f"{'':>8}{'now':>14}{'':>12}" + (f"{'with --keep':>16}" if found.when_kept else ""))
    head = f"{'sure':>8}{'right':>8}{'given':>8}"
    typer.echo(f"   asked{head}" + (f"  {head}" if found.when_kept else ""))
    for place, one in enumerate(found.now):
        mark = "*" if one.asked == found.asked else " "
        kept = f"  {_cells(found.when_kept[place])}" if found.when_kept else ""
        typer.echo(f"{mark} {100 * one.asked:>5g}%{_cells(one)}{kept}")
    typer.echo(
        "asked: faq.precision; sure: enough to answer; right: of the\n"
        "answers; given: answered rightly, of those with an entry"
    )
    if found.when_kept:
        typer.echo("with --keep: each fifth judged by what the others teach")
    wanted = found.asked
    reached = [
        one for one in found.now if one.answers >= _ENOUGH and (one.precision or 0) >= wanted
    ]
    if reached and reached[0].asked != wanted:
        print_text(
            f"here {100 * wanted:g}% is reached by asking for {100 * reached[0].asked:g}%:"
            " set faq.precision to it if these questions are like your customers'"
            + (", or keep what they teach (--keep)" if found.when_kept else "")
        )


def _cells(one: TradeOff) -> str:
    bar = "never" if one.bar > 1 else f"{one.bar:.0%}"
    return f"{bar:>8}{_percent(one.precision):>8}{_percent(one.coverage):>8}"


def _print_confusion(confusion: Confusion) -> None:
    right = confusion.right or "(no entry)"
    typer.echo(
        f"  {right} taken for {confusion.given}: {confusion.count} ({confusion.answered} answered)"
    )
    for example in confusion.examples:
        typer.echo(f"    {example}")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
