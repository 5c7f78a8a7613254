"""The shop that is attacked: what its answers may rest on, and what of a model's was sent."""

from __future__ import annotations

from dataclasses import dataclass

from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.prompts import Prompts


@dataclass(frozen=True, slots=True)
class Sent:
    """An output that the checks let through."""

    family: str
    text: str


@dataclass(frozen=True, slots=True)
class Shop:
    """What a shop's answers may rest on."""

    passages: tuple[Passage, ...]
    known: tuple[str, ...]
    system: str
    honest: tuple[str, ...]


def shop(prompts: Prompts) -> Shop:
    """Return the shop of a prompts folder."""
    entries = tuple(
        Passage(entry.id, entry.question, entry.answer, next(iter(entry.links), None))
        for entry in prompts.faq
    )
    known = tuple(f"{key}: {value}" for key, value in prompts.company.facts.items())
    honest = tuple(one.text.split("\n")[0] for one in entries if "{{" not in one.text)
    pages = [piece for page in prompts.pages for piece in page.passages]
    return Shop((*entries, *pages), known, prompts.system.source, honest)
