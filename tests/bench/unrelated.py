"""Measure that a conversation does no harm: ``python -m tests.bench.unrelated``.

Each question of the public sets is asked by itself, and right after the answer to a wording of an
entry, drawn by chance: it has nothing to do with it, and should come out the same. Prints for each
set, by words (``--meanings``: by meanings), how many questions are taken to go on from what was
said, and how many come out right, wrong and without an answer each way.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from agentbot.pipeline.context.meaning import in_context
from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.following import Following
from agentbot.pipeline.faq.matcher import FaqMatcher
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqOutcome
from agentbot.pipeline.faq.retrieval import CachedMatcher
from agentbot.pipeline.turn import Author, Conversation, Customer, Message, Turn
from tests.bench.sets import CutOut, FaqSet, cut_out, load_sets

RIGHT, WRONG, NONE = "right", "wrong", "none"
"""How a question comes out."""
_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_PHRASINGS = 10
"""Phrasings of an entry at most: an operator's FAQ has no more."""


@dataclass(frozen=True, slots=True)
class Unrelated:
    """A set by its name, its questions, those taken to go on, and the counts each way."""

    name: str
    asked: int
    going_on: int
    by_itself: Mapping[str, int]
    in_conversation: Mapping[str, int]

    def __str__(self) -> str:
        counts = [
            f"{way[RIGHT]} | {way[WRONG]} | {way[NONE]}"
            for way in (self.by_itself, self.in_conversation)
        ]
        return f"| {self.name} | {self.asked} | {self.going_on} | {' | '.join(counts)} |"


def measured(name: str, faq: CutOut, *, embedder: Embedder | None, seed: int = 0) -> Unrelated:
    """Ask the questions of a FAQ both ways."""
    rng = np.random.default_rng(seed)
    matcher = CachedMatcher(FaqMatcher.fit(faq.entries, embedder=embedder))
    following = Following(matcher, faq.entries)
    by_itself, in_conversation = Counter[str](), Counter[str]()
    going_on = 0
    for question in faq.asked:
        turn = _after(faq.entries[int(rng.integers(len(faq.entries)))], question.text, rng)
        understood, _ = in_context(turn, "en")
        going_on += understood.meant is not None
        by_itself[_came(matcher.match(question.text), question.entry)] += 1
        in_conversation[_came(following.outcome(understood), question.entry)] += 1
    return Unrelated(name, len(faq.asked), going_on, by_itself, in_conversation)


def rows(
    sets: Mapping[str, FaqSet], *, embedder: Embedder | None, most_asked: int | None = None
) -> Iterator[Unrelated]:
    """Yield a row for each set that is not made of others."""
    for name, one in sets.items():
        if len(one.parts) == 1:
            faq = cut_out(one, phrasings=_PHRASINGS, most_asked=most_asked)
            yield measured(name, faq, embedder=embedder)


def _after(entry: FaqEntry, text: str, rng: np.random.Generator) -> Turn:
    """Return the turn of a question right after the answer of an entry."""
    before = entry.wordings[int(rng.integers(len(entry.wordings)))]
    minute = timedelta(minutes=1)
    return Turn(
        conversation=Conversation("c"),
        customer=Customer("v"),
        messages=(Message("m", text, Author.CUSTOMER, _NOON),),
        history=(
            Message("h0", before, Author.CUSTOMER, _NOON - 2 * minute),
            Message(
                "h1",
                entry.answer,
                Author.BOT,
                _NOON - minute,
                metadata={"agentbot": {"by": "faq", "source": entry.id}},
            ),
        ),
        now=_NOON,
    )


def _came(outcome: FaqOutcome, entry: str | None) -> str:
    if isinstance(outcome, FaqAnswer | FaqAnswers):
        return RIGHT if outcome.best == entry else WRONG
    return NONE


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.unrelated")
    parser.add_argument("--meanings", action="store_true", help="by meanings, which takes minutes")
    options = parser.parse_args(arguments)
    print("| set | asked | taken to go on | right | wrong | none | right after | wrong | none |")
    print(f"|{'---|' * 9}")
    for row in rows(load_sets(), embedder=JoinedEmbedder() if options.meanings else None):
        print(row, flush=True)


if __name__ == "__main__":
    main()
