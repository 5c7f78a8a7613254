"""Questions that a page tells search engines: ``FAQPage`` of schema.org, as JSON within it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from agentbot.pipeline.faq.importing.html import markdown_of

_SCRIPT = re.compile(
    r"<script\b[^<>]*application/ld\+json[^<>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL
)
_DEEPEST = 20
"""Levels of the JSON that are looked at: real pages have five."""


def structured_questions(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the questions of a page in HTML: the line (from 1) of their script, question, answer.

    What cannot be read is left out, as search engines do: a reader of the page sees none of it.
    """
    for found in _SCRIPT.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        try:
            data = json.loads(found[1], strict=False)
        except ValueError:
            continue
        for question, answer in _questions(data, _DEEPEST):
            yield line, question, answer


def _questions(data: Any, levels: int) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    if levels == 0:
        return
    if isinstance(data, list):
        for one in data:
            yield from _questions(one, levels - 1)
    elif isinstance(data, dict):
        if _is_a(data, "Question"):
            yield from _question(data)
        else:
            for one in data.values():
                yield from _questions(one, levels - 1)


def _question(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    answers = data.get("acceptedAnswer") or data.get("suggestedAnswer")
    answer = answers[0] if isinstance(answers, list) and answers else answers
    said = answer.get("text") if isinstance(answer, dict) else answer
    asked = data.get("name") or data.get("text")
    if isinstance(asked, str) and isinstance(said, str):
        question = " ".join(html.unescape(asked).split())
        body = markdown_of(said)
        if question and body:
            yield question, body


def _is_a(data: dict[str, Any], kind: str) -> bool:
    types = data.get("@type")
    return kind in (types if isinstance(types, list) else [types])
