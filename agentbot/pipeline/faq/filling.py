"""Fields in FAQ entries: ``{{ company.return_days }}``, and nothing else that looks like one.

An answer goes out word for word, so it is no template: what else stands in braces, such as code
of a help page, stays as it is. The fields are filled in when the folder is read, so that the
matcher and the language model see what the customer will read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.words import did_you_mean

_FIELD = re.compile(r"\{\{\s*(company\.\w+|opening_hours)\s*\}\}")


def fill(
    entries: Iterable[FaqEntry], values: Mapping[str, str], problems: Problems
) -> Iterator[FaqEntry]:
    """Yield the entries with their fields filled in; a field that is not known is noted.

    ``values`` holds them by name, such as ``company.name``.
    """
    for entry in entries:
        filled = _Filling(entry.place, values, problems)
        yield replace(
            entry,
            question=filled(entry.question),
            answer=filled(entry.answer),
            answers={code: filled(answer) for code, answer in entry.answers.items()},
            phrasings=tuple(map(filled, entry.phrasings)),
            links=tuple(map(filled, entry.links)),
        )


def fill_text(text: str, values: Mapping[str, str], problems: Problems, name: str) -> str:
    """Return a file's text with its fields filled in; those that are not known are noted."""
    if "{{" not in text:
        return text
    return "\n".join(
        _Filling(f"{name}:{number}", values, problems)(line)
        for number, line in enumerate(text.split("\n"), 1)
    )


class _Filling:
    """What fills in the fields of one entry's texts, or of one line of a page."""

    def __init__(self, place: str, values: Mapping[str, str], problems: Problems) -> None:
        self._place = place
        self._values = values
        self._problems = problems

    def __call__(self, text: str) -> str:
        put: Callable[[re.Match[str]], str] = self._value
        return _FIELD.sub(put, text)

    def _value(self, field: re.Match[str]) -> str:
        name = field[1]
        value = self._values.get(name)
        if value is None:
            self._problems.add(self._place, *self._problem(name))
        return value or ""

    def _problem(self, name: str) -> tuple[str, str]:
        """Return what is wrong, and what to do."""
        if name == "opening_hours":
            return (
                f"{{{{ {name} }}}} needs hours.yaml",
                "write it with: agentbot init --only hours.yaml",
            )
        if not self._values:
            return f"unknown fact {name!r}", "write company.yaml, and in it this fact"
        return f"unknown fact {name!r}", did_you_mean(name, self._values)
