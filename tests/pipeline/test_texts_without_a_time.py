"""What ships says nothing about a time that nobody knows: an account may have no next opening."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from agentbot.pipeline import prompts as prompts_module
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.known_facts import ROOTS, sample_facts
from tests.support.folders import DEFAULT

_LANGUAGES = Path(prompts_module.__file__).parent / "languages"
_REFERS_TO_A_TIME = re.compile(
    r"\b(then|dann|alors|entonces|então|dan|wtedy|allora)\b", re.IGNORECASE
)
"""Words for a moment that was named before, in the languages of the shipped texts."""
_LEFT_A_GAP = re.compile(r" [ .,]")
"""What a field leaves behind that was filled with nothing. French has spaces before other signs."""


def _texts(value: object, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{at}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{at}[{index}]")


def _shipped() -> list[tuple[str, str]]:
    """Return the texts that name the time of the next opening, with their places."""
    files = (*DEFAULT.glob("*.yaml"), *_LANGUAGES.glob("*.yaml"))
    return [
        (place, text)
        for path in sorted(files)
        for place, text in _texts(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
        if "reopens_at" in text
    ]


def test_some_shipped_texts_name_the_time() -> None:
    """Else the test below would prove nothing."""
    assert len(_shipped()) >= 3


@pytest.mark.parametrize(("place", "text"), _shipped())
@pytest.mark.parametrize("nobody_online", [True, False])
def test_without_a_next_opening_no_text_refers_to_it(
    place: str, text: str, *, nobody_online: bool
) -> None:
    """No "then" for a time that was never named, and no gap where it would stand."""
    facts = {
        **sample_facts(),
        "reopens_at": "",
        "inside_hours": False,
        "outside_hours": True,
        "nobody_online": nobody_online,
    }
    said = Template(text, ROOTS).render(facts)
    assert said
    assert not _REFERS_TO_A_TIME.search(said), (place, said)
    assert not _LEFT_A_GAP.search(said), (place, said)
