"""A line of the table: what one row shows in one mode at one share of unanswerable questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.bench import measures
from tests.bench.asking import Replies
from tests.bench.priors import Mode


@dataclass(frozen=True, slots=True)
class AtPrecision:
    """What came of asking for one precision; shares are 0 to 1, ``answers`` counted by weight.

    ``coverage``: answered rightly, of the answerable; ``possible``: the same at the best threshold
    that hindsight finds; ``precision``: nan without an answer.
    """

    coverage: float
    possible: float
    precision: float
    answers: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table.

    ``share`` of the questions (0 to 1; None: as the set has them) is unanswerable; ``right``: the
    right entry is nearest, of the answerable; ``auroc``: of the confidence, those against all
    others; ``at``: by precision asked for.
    """

    row: str
    mode: Mode
    prior: str
    entries: int
    phrasings: int
    questions: int
    share: float | None
    right: float
    auroc: float
    at: Mapping[float, AtPrecision]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a row is, beside its figures: its name, mode, prior, and the size of its FAQs."""

    row: str
    mode: Mode
    prior: str
    entries: int
    phrasings: int


def line_of(replies: Replies, shape: Shape, share: float | None) -> Line:
    """Measure one line. Raises ``ValueError`` where the share cannot be made up."""
    right, answerable = replies.right, replies.answerable
    weights = measures.weights_for(answerable, share)
    at = {
        asked: AtPrecision(
            measures.coverage(answered, right, answerable),
            measures.possible(replies.scores, right, answerable, weights, asked=asked),
            measures.precision(answered, right, weights),
            measures.answers(answered, weights),
        )
        for asked, answered in replies.answered.items()
    }
    return Line(
        row=shape.row,
        mode=shape.mode,
        prior=shape.prior,
        entries=shape.entries,
        phrasings=shape.phrasings,
        questions=len(answerable),
        share=share,
        right=measures.right_share(right, answerable),
        auroc=measures.auroc(replies.scores, right, weights),
        at=at,
    )
