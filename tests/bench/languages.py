"""Measure the FAQ across languages: ``python -m tests.bench.languages``.

Prints a row for each FAQ and each language that it is asked in: the example shop's English FAQ, and
one of a bicycle rental as somebody begins one, with twenty entries of three phrasings, in five
languages. Of twenty questions it says how many have the right entry nearest, how many are answered
rightly and wrongly or offered the right one; of ten more, which no entry answers, how many are
answered, or offered something. The questions were written for this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.matcher import FaqMatcher
from agentbot.pipeline.faq.outcomes import FaqAnswer, FaqAnswers, FaqSuggestions
from agentbot.pipeline.prompts import load_prompts
from tests.bench.sets import Question

LANGUAGES = ("en", "de", "fr", "es", "pt")
"""The languages of the questions, English first: it is what the others are compared with."""
_FOLDER = Path(__file__).parent / "foreign"
_NONE = "none"
_BAR = " | "


@dataclass(frozen=True, slots=True)
class Row:
    """A FAQ by its name and language, the questions' language, and how many came out how."""

    faq: str
    written_in: str
    asked_in: str
    nearest: int
    answered: int
    wrong: int
    offered: int
    vainly_answered: int
    vainly_offered: int

    @property
    def found(self) -> int:
        """How many questions are answered rightly, or offered the right entry."""
        return self.answered + self.offered


COUNTED = [field.name for field in fields(Row) if field.type == "int"]
"""What is counted in a row, in order."""


def shop() -> tuple[FaqEntry, ...]:
    """Return the example's FAQ, in English."""
    return load_prompts(Path(__file__).parents[2] / "prompts").faq


def shop_questions(code: str) -> list[Question]:
    """Return what is asked of the example's FAQ in a language other than English."""
    asked = _read("shop.yaml")[code]
    return [
        Question(text, None if entry == _NONE else entry)
        for entry, texts in asked.items()
        for text in texts
    ]


def bikes(code: str) -> tuple[FaqEntry, ...]:
    """Return the bicycle rental's FAQ in a language."""
    entries = _read("bikes.yaml")
    return tuple(
        FaqEntry(id_, wordings[0], answer="-", phrasings=tuple(wordings[1:]))
        for id_, entry in entries.items()
        if id_ != _NONE
        for wordings in [entry["faq"][code].split(_BAR)]
    )


def bikes_questions(code: str) -> list[Question]:
    """Return what is asked of it in a language."""
    entries = _read("bikes.yaml")
    unanswerable = entries.pop(_NONE)[code]
    answerable = [Question(entry["asked"][code], id_) for id_, entry in entries.items()]
    return [*answerable, *(Question(text, None) for text in unanswerable)]


def measured(
    name: str, written_in: str, asked_in: str, matcher: FaqMatcher, asked: Sequence[Question]
) -> Row:
    """Ask the questions, and count."""
    counts: Counter[str] = Counter()
    for question in asked:
        outcome = matcher.match(question.text)
        is_right = question.entry is not None and outcome.best == question.entry
        counts["nearest"] += is_right
        if isinstance(outcome, FaqAnswer | FaqAnswers):
            vain = question.entry is None
            counts["vainly_answered" if vain else "answered" if is_right else "wrong"] += 1
        elif isinstance(outcome, FaqSuggestions):
            counts["vainly_offered"] += question.entry is None
            counts["offered"] += question.entry in {entry.id for entry in outcome.entries}
    return Row(name, written_in, asked_in, *(counts[one] for one in COUNTED))


def rows(embedder: Embedder) -> Iterator[Row]:
    """Yield every row: the English FAQs asked in each language, and each FAQ in its own."""
    matcher = FaqMatcher.fit(shop(), embedder=embedder)
    for code in LANGUAGES[1:]:
        yield measured("shop", "en", code, matcher, shop_questions(code))
    for written_in in LANGUAGES:
        matcher = FaqMatcher.fit(bikes(written_in), embedder=embedder)
        for asked_in in LANGUAGES if written_in == "en" else (written_in,):
            yield measured("bikes", written_in, asked_in, matcher, bikes_questions(asked_in))


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((_FOLDER / name).read_text("utf-8"))
    return found


def main() -> None:
    """Print the table."""
    names = [field.name for field in fields(Row)]
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for row in rows(JoinedEmbedder()):
        print(f"| {' | '.join(str(getattr(row, name)) for name in names)} |", flush=True)


if __name__ == "__main__":
    main()
