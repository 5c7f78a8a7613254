"""The work of a process that measures: one row in one mode, or its costs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from tests.bench import costs
from tests.bench.asking import Replies, ask
from tests.bench.costs import Costs
from tests.bench.lines import Line, Shape, line_of
from tests.bench.priors import SHIPPED, Mode, prior_for
from tests.bench.rows import Row
from tests.bench.sets import FaqSet, load_sets
from tests.bench.vectors import remembered

NICE = 5
"""How far the processes that measure step back behind what else the machine does."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to measure: a row in one mode, on the data in ``folder``, with a prior by its source.

    ``has_own_ids``: entries keep their ids, which say in words what they are about.
    """

    row: Row
    mode: Mode
    folder: Path
    prior: str = SHIPPED
    has_own_ids: bool = True


def begin() -> None:
    """Let a process that measures step back."""
    os.nice(NICE)


def lines_of(job: Job) -> list[Line]:
    """Return the job's lines, one for each share of unanswerable questions that can be made up."""
    sets = _sets(job.folder)
    faqs = list(job.row.faqs(sets, has_own_ids=job.has_own_ids))
    prior = prior_for(sets[job.row.set_name].parts, job.mode, source=job.prior)
    embedder = _embedder() if job.mode == "meanings" else None
    replies = Replies.joined([ask(faq, embedder=embedder, prior=prior.judge) for faq in faqs])
    shape = Shape(
        job.row.name,
        job.mode,
        prior.said,
        len(faqs[0].entries),
        sum(len(entry.wordings) for entry in faqs[0].entries),
    )
    is_mixed = not replies.answerable.all()
    return [line_of(replies, shape, share) for share in job.row.shares if is_mixed or not share]


def costs_of(job: Job) -> Costs:
    """Return what the job's first FAQ costs; in a process of its own."""
    return costs.measure(next(job.row.faqs(_sets(job.folder))), job.mode)


@cache
def _sets(folder: Path) -> dict[str, FaqSet]:
    return load_sets(folder)


@cache
def _embedder() -> JoinedEmbedder:
    return remembered()
