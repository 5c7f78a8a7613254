"""Which judge a FAQ begins with while a set is reported: the one that ships, or one left without.

Whoever trains what ships offers a function of the type `PriorFor`; the benchmark calls it with
``--prior MODULE:FUNCTION``, or with ``--prior left-out`` for the one named here.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Literal, Protocol, cast

from agentbot.pipeline.faq.judging.judge import Judge
from agentbot.pipeline.faq.judging.prior import WITH_VECTORS, WORDS_ONLY
from tests.bench.sets import JOINED_OF

Mode = Literal["words", "meanings"]
MODES: tuple[Mode, ...] = ("words", "meanings")
"""How a FAQ is searched: by words alone, or by vectors of meaning too."""
SHIPPED = "shipped"
"""The name of the prior that stands in agentbot."""
LEFT_OUT = "left-out"
"""The name of the prior that has learnt on all sets but the one reported."""
LEFT_OUT_FROM = "tests.bench.faq_prior:prior_for"
"""The function behind that name."""
SHIPPED_LEARNT_ON = frozenset(JOINED_OF)
"""The sets on which what ships was learnt."""


class PriorFor(Protocol):
    """What returns the prior of a mode, learnt on all sets but those ``left_out``.

    None: nothing is left to learn on, and what ships is taken.
    """

    def __call__(self, left_out: frozenset[str], mode: Mode) -> Judge | None:
        """Return the prior; it may take minutes the first time, and is asked once a set."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A judge, and what the table says of it."""

    judge: Judge
    said: str


def prior_for(left_out: frozenset[str], mode: Mode, *, source: str = SHIPPED) -> Prior:
    """Return the prior with which the sets ``left_out`` are reported, by default what ships.

    ``source`` is `SHIPPED`, `LEFT_OUT`, or ``MODULE:FUNCTION``, a `PriorFor`. Raises ``ValueError``
    where there is no such function.
    """
    if source != SHIPPED:
        judge = _function(LEFT_OUT_FROM if source == LEFT_OUT else source)(left_out, mode)
        if judge is not None:
            return Prior(judge, "left out")
    seen = "seen" if left_out & SHIPPED_LEARNT_ON else "unseen"
    return Prior(WORDS_ONLY if mode == "words" else WITH_VECTORS, f"{SHIPPED}, {seen}")


def _function(place: str) -> PriorFor:
    module, _, name = place.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"there is no function {place} to ask for a prior: {error}") from error
    return cast("PriorFor", found)
