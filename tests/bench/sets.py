"""The benchmark's sets of questions, and the FAQs that are cut out of them.

A set is a FAQ with several phrasings an entry and the questions that people asked of it. Cutting
out takes some entries with some phrasings; the questions of the other entries, and those that the
set knows to be out of scope, are what no entry answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from agentbot.pipeline.faq.entries import FaqEntry, normalized
from tests.bench.folder import existing_folder

T = TypeVar("T")

TRIAGE = "faq-triage"
"""The set with questions to learn on apart from those to report on."""
JOINED = "joined"
"""The set that all of `JOINED_OF` make together: many entries over several domains."""
JOINED_OF = (TRIAGE, "hwu", "sofmattress")
"""What is joined: sets in which hardly an entry answers another set's questions."""
_HELD_OUT = 0.25
"""The share of the entries that is left out whole where a set has no question out of scope: enough
siblings for an estimate, and most of the FAQ stays."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the id of the entry that answers it (None: none does), and its kind, if any."""

    text: str
    entry: str | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FaqSet:
    """A FAQ, by id with all its phrasings, and its questions.

    ``asked`` are the questions to report on, ``taught`` those to learn on while this set is not
    reported; ``parts`` names the sets of which it is made.
    """

    name: str
    phrasings: Mapping[str, tuple[str, ...]]
    asked: tuple[Question, ...]
    taught: tuple[Question, ...]
    parts: frozenset[str]

    @property
    def has_unanswerable(self) -> bool:
        """Whether there are questions that no entry answers, with all entries there."""
        return any(question.entry is None for question in self.asked)


@dataclass(frozen=True, slots=True)
class CutOut:
    """A FAQ cut out of a set, and questions to it: those of entries left out have no entry."""

    entries: tuple[FaqEntry, ...]
    asked: tuple[Question, ...]

    def numbered(self) -> CutOut:
        """Return the same with numbers for ids, which say nothing of what an entry is about."""
        ids = {entry.id: str(number) for number, entry in enumerate(self.entries, 1)}
        return CutOut(
            tuple(replace(entry, id=ids[entry.id]) for entry in self.entries),
            tuple(replace(one, entry=one.entry and ids[one.entry]) for one in self.asked),
        )


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a file of JSON lines, in order."""
    return [Question(one["text"], one["faq"], one.get("kind", "")) for one in _records(path)]


def load_sets(folder: Path | None = None) -> dict[str, FaqSet]:
    """Return all sets by name: those of ``folder`` (default: the data's), and the joined one.

    A set is ``faq-triage``, or two files ``NAME-faq.jsonl`` and ``NAME-questions.jsonl`` in any
    folder beside it. Raises `DataAbsent`.
    """
    folder = existing_folder(folder)
    triage = folder / TRIAGE
    sets = {
        TRIAGE: FaqSet(
            TRIAGE,
            _phrasings(triage / "faq.jsonl"),
            tuple(read_questions(triage / "test.jsonl")),
            tuple(read_questions(triage / "valid.jsonl")),
            frozenset({TRIAGE}),
        )
    }
    for path in sorted(folder.glob("*/*-faq.jsonl")):
        name = path.name.removesuffix("-faq.jsonl")
        asked = tuple(read_questions(path.with_name(f"{name}-questions.jsonl")))
        sets[name] = FaqSet(name, _phrasings(path), asked, asked, frozenset({name}))
    if all(name in sets for name in JOINED_OF):
        sets[JOINED] = joined([sets[name] for name in JOINED_OF])
    return sets


def joined(sets: Sequence[FaqSet]) -> FaqSet:
    """Return one set of all entries, and of the questions that they answer.

    Questions that no entry of their own set answers stay out: one of another set may. An id that
    several sets have keeps its name in the first only. Of a phrasing that several entries have the
    first keeps it.
    """
    phrasings: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    asked: list[Question] = []
    taught: list[Question] = []
    for one in sets:
        ids = {id_: id_ if id_ not in phrasings else f"{one.name}-{id_}" for id_ in one.phrasings}
        for id_, texts in one.phrasings.items():
            own = {normalized(text): text for text in texts if normalized(text) not in taken}
            phrasings[ids[id_]] = tuple(own.values())
            taken.update(own)
        for into, questions in ((asked, one.asked), (taught, one.taught)):
            into += [
                replace(question, entry=ids[question.entry])
                for question in questions
                if question.entry is not None
            ]
    parts = frozenset[str]().union(*(one.parts for one in sets))
    return FaqSet(JOINED, phrasings, tuple(asked), tuple(taught), parts)


def cut_out(
    faq_set: FaqSet,
    *,
    entries: int | None = None,
    phrasings: int | None = None,
    seed: int = 0,
    most_asked: int | None = None,
    questions: Sequence[Question] | None = None,
) -> CutOut:
    """Return a FAQ of ``entries`` entries with at most ``phrasings`` phrasings each.

    Without ``entries`` it holds all that leave questions without an answer: the whole set where it
    has such questions, else three quarters of it. ``seed`` chooses entries and phrasings, and of
    ``questions`` (default: those to report on) at most ``most_asked`` answerable and as many
    unanswerable ones. No question stands in the FAQ word for word.
    """
    rng = np.random.default_rng([seed, entries or 0, phrasings or 0])
    ids = list(faq_set.phrasings)
    size = entries
    if size is None:
        size = len(ids) if faq_set.has_unanswerable else ceil(len(ids) * (1 - _HELD_OUT))
    chosen = [ids[place] for place in sorted(rng.permutation(len(ids))[:size].tolist())]
    faq = tuple(_entry(id_, _some(rng, faq_set.phrasings[id_], phrasings)) for id_ in chosen)
    known = set(chosen)
    written = {text for entry in faq for text in entry.wordings}
    asked = [
        question if question.entry in known else replace(question, entry=None)
        for question in (faq_set.asked if questions is None else questions)
        if question.text not in written
    ]
    answerable = [question for question in asked if question.entry is not None]
    others = [question for question in asked if question.entry is None]
    return CutOut(
        faq,
        (*_some(rng, answerable, most_asked), *_some(rng, others, most_asked)),
    )


def large_faq(sets: Mapping[str, FaqSet], entries: int, phrasings: int) -> CutOut:
    """Return a FAQ of so many entries, for its costs alone: neighbours among all texts make one.

    Texts are used again with a number behind them where they do not suffice. Questions are texts
    with a word more: the FAQ's own words are answered without a look.
    """
    faqs = [one for name, one in sets.items() if name != JOINED]
    own = [text for one in faqs for texts in one.phrasings.values() for text in texts]
    others = [question for one in faqs for question in (*one.asked, *one.taught)]
    texts = list(
        {normalized(text): text for text in (*own, *(one.text for one in others))}.values()
    )
    while len(texts) < entries * phrasings:
        texts += [f"{text} number {len(texts)}" for text in texts[: entries * phrasings]]
    parts = [texts[phrasings * place :][:phrasings] for place in range(entries)]
    return CutOut(
        tuple(_entry(str(number), part) for number, part in enumerate(parts, 1)),
        tuple(Question(f"{question.text} please", None, question.kind) for question in others),
    )


def _some(rng: np.random.Generator, items: Sequence[T], most: int | None) -> tuple[T, ...]:
    """Return at most ``most`` of the items, drawn by chance, in their order."""
    if most is None or most >= len(items):
        return tuple(items)
    return tuple(items[place] for place in sorted(rng.permutation(len(items))[:most].tolist()))


def _entry(id_: str, wordings: Sequence[str]) -> FaqEntry:
    return FaqEntry(id_, wordings[0], "", tuple(wordings[1:]))


def _phrasings(path: Path) -> dict[str, tuple[str, ...]]:
    return {one["id"]: tuple(dict.fromkeys(one["questions"])) for one in _records(path)}


def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
