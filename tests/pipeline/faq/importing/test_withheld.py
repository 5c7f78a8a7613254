"""What is not for customers, pipeline/faq/importing/withheld.py: by fields, columns and tags."""

from __future__ import annotations

from typing import Any

import pytest

from agentbot.pipeline.faq.importing.withheld import why_withheld


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"draft": True}, "draft is true"),
        ({"Draft": "yes"}, "Draft is yes"),
        ({"published": False}, "published is false"),
        ({"Is Public": "No"}, "Is Public is no"),
        ({"status": "In review"}, "status is in review"),
        ({"visibility": "Internal"}, "visibility is internal"),
        ({"tags": ["tea", "draft"]}, "tags is draft"),
        ({"hidden": 1}, "hidden is 1"),
    ],
)
def test_what_hides_is_named(said: dict[str, Any], why: str) -> None:
    """In any case, and whatever the type."""
    assert why_withheld(said) == why


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"draft": False, "published": True, "status": "published", "tags": ["tea"]},
        {"draft": "", "published": "", "title": "draft", "order": 0},
        {"status": None, "hidden": None},
    ],
)
def test_other_fields_hide_nothing(said: dict[str, Any]) -> None:
    """Nor do empty ones."""
    assert not why_withheld(said)
