"""The checks of what a model wants to say, with all that it may rest on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from agentbot.pipeline.checks.draft import Draft, Finding
from agentbot.pipeline.facts import Facts
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.languages.customers import customers_language
from agentbot.pipeline.llm.form import ModelAnswer
from agentbot.pipeline.llm.prompt import Shown
from agentbot.pipeline.turn import Author, Turn

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"']+", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?![\w@])", re.IGNORECASE)
_MOST_TRIED = 8
"""Passages of which one may alone be the source: those nearest to the question."""
_KEPT = 2048
"""Facts and links whose hosts are known: they come again with each question."""
_TIMES = ("opening_hours", "hours_on_day", "reopens_at")
"""The facts that hold the hours in words."""


class Checks(Protocol):
    """What looks at a draft before it is said: `agentbot.pipeline.checks.checker.Checker`."""

    def check(self, draft: Draft) -> tuple[Finding, ...]:
        """Return what speaks against saying it; empty where it may be said."""


async def findings(
    checks: Checks, text: str, answer: ModelAnswer, shown: Shown, facts: Facts
) -> tuple[Finding, ...]:
    """Return what speaks against saying a text; empty where it may be said.

    It is looked for in a thread: nobody else waits for it meanwhile.
    """
    draft = draft_of(text, answer, shown, facts)
    return await asyncio.to_thread(checks.check, draft)


async def supporting(
    checks: Checks, text: str, answer: ModelAnswer, shown: Shown, facts: Facts
) -> tuple[Passage, ...]:
    """Return the passage that alone supports a text whose sources are not named; none: it is no
    single one. The text has passed the checks against all of them."""
    draft = draft_of(text, answer, shown, facts)

    def first() -> tuple[Passage, ...]:
        if not checks.check(replace(draft, sources=())):
            return ()  # the business's facts support it, or it claims nothing
        for one in shown.passages[:_MOST_TRIED]:
            if not checks.check(replace(draft, sources=(one,))):
                return (one,)
        return ()

    return await asyncio.to_thread(first)


def draft_of(text: str, answer: ModelAnswer, shown: Shown, facts: Facts) -> Draft:
    """Return a text with what it may rest on: the passages it names, or all where it names none."""
    named = tuple(one for one in shown.passages if one.id in answer.sources)
    return Draft(
        text=text,
        sources=named or shown.passages,
        known=tuple(_known(facts)),
        said=tuple(_said(facts.turn)),
        language=primary(answer.language),
        customers_language=customers_language(facts.turn) or "",
        secrets=(shown.secret,),
        own_hosts=frozenset(_own_hosts(facts, shown)),
        asked=facts.turn.question,
        is_sourced=bool(named),
    )


def primary(code: str) -> str:
    """Return the language of a BCP 47 code, without region and script."""
    return code.partition("-")[0].lower()


def _known(facts: Facts) -> Iterator[str]:
    """Yield what the business says of itself."""
    for name, value in facts["company"].items():
        if value:
            yield f"{name.replace('_', ' ')}: {value}"
    yield from (said for name in _TIMES if (said := facts[name]))


def _said(turn: Turn) -> Iterator[str]:
    for message in (*turn.history, *turn.messages):
        if message.author is Author.CUSTOMER and not message.private:
            yield turn.said(message)


def _own_hosts(facts: Facts, shown: Shown) -> Iterator[str]:
    """Yield the hosts that the business names as its own: in its facts, and by its pages' links."""
    for value in facts["company"].values():
        yield from _hosts(str(value))
    for passage in shown.passages:
        if passage.link:
            yield from _hosts(passage.link)


@lru_cache(_KEPT)
def _hosts(text: str) -> frozenset[str]:
    return frozenset(_hosts_in(text))


def _hosts_in(text: str) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        address = match[0] if "://" in match[0] else f"https://{match[0]}"
        try:
            host = urlsplit(address).hostname
        except ValueError:
            continue
        if host:
            yield host.lower()
    yield from (match[0].lower() for match in _HOST.finditer(text))
