"""Shorthand: a text may stand for a mapping, and editors are told so."""

from __future__ import annotations

from typing import ClassVar

import pytest
from pydantic import ValidationError

from agentbot.pipeline.files.shorthand import TextOrMapping


class Button(TextOrMapping):
    """A mapping with a key that a text alone stands for, and a text that means another."""

    short_for = "text"
    instead: ClassVar[dict[str, dict[str, object]]] = {"nothing": {"text": "", "hidden": True}}

    text: str
    hidden: bool = False


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Yes", Button(text="Yes")),
        ({"text": "Yes", "hidden": True}, Button(text="Yes", hidden=True)),
        ("nothing", Button(text="", hidden=True)),
    ],
)
def test_a_text_stands_for_one_key(written: object, read: Button) -> None:
    """Whatever else may be said needs the mapping, or a text that means one."""
    assert Button.model_validate(written) == read


def test_anything_else_is_refused() -> None:
    """As where nothing may be written shorter."""
    with pytest.raises(ValidationError):
        Button.model_validate(["Yes"])


def test_editors_are_told_of_both_forms() -> None:
    """By the schema."""
    forms = Button.model_json_schema()["anyOf"]
    assert [form["type"] for form in forms] == ["string", "object"]
