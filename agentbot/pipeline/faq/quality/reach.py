"""Whether a FAQ can be as precise as it is asked to be, and what else could be had.

How much is answered at a bar is what comes of the FAQ's phrasings, each asked as if it were not
there (`agentbot.pipeline.faq.judging.bar`).
"""

from __future__ import annotations

from dataclasses import dataclass

from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH, PRECISIONS
from agentbot.pipeline.faq.matcher import FaqMatcher

_HARDLY = 0.05
"""The share of phrasings (0 to 1) answered rightly below which a precision is as good as out of
reach: the FAQ would be silent."""
_ENOUGH = 20
"""Phrasings held back from which on their share says something."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A precision, and the share of phrasings held back that it lets be answered rightly.

    Shares are 0 to 1; ``answered`` is None where too few can be held back to say.
    """

    precision: float
    answered: float | None


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """A precision that is asked for and cannot be had, and the highest one that can.

    ``instead`` is None where there is none.
    """

    asked: Reach
    instead: Reach | None

    def __str__(self) -> str:
        asked, instead = self.asked, self.instead
        said = f"this FAQ can hardly reach {100 * asked.precision:g}% of right answers"
        said += f" (faq.precision){_answered(asked)}"
        if instead is not None:
            said += f"; {100 * instead.precision:g}% can be had{_answered(instead)}"
        return f"{said}. Ask for less, or give its entries more phrasings, as customers write them"


def _answered(reach: Reach) -> str:
    if reach.answered is None:
        return ""
    return f": of its own phrasings, asked as if not in it, {reach.answered:.0%} would be answered"


def out_of_reach(matcher: FaqMatcher) -> OutOfReach | None:
    """Return what to say of the precision that ``matcher`` is asked for; None: it can be had."""
    asked = reach_at(matcher, matcher.precision)
    if not matcher.entries or _is_had(matcher, asked):
        return None
    lower = (reach_at(matcher, one) for one in reversed(PRECISIONS) if one < asked.precision)
    return OutOfReach(asked, next((one for one in lower if _is_had(matcher, one)), None))


def reach_at(matcher: FaqMatcher, precision: float) -> Reach:
    """Return how much of the phrasings held back would be answered rightly."""
    rehearsal = matcher.rehearsal
    if rehearsal is None or len(rehearsal.answerable.scores) < _ENOUGH:
        return Reach(precision, None)
    known = rehearsal.answerable
    given = (known.scores >= matcher.bar_at(precision)) & known.right
    return Reach(precision, float(given.mean()))


def _is_had(matcher: FaqMatcher, reach: Reach) -> bool:
    if matcher.bar_at(reach.precision) >= OUT_OF_REACH:
        return False
    return reach.answered is None or reach.answered >= _HARDLY
