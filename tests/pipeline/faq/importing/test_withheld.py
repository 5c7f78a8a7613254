"""What is not for customers, pipeline/faq/importing/withheld.py: by fields, columns and tags."""

from __future__ import annotations

from datetime import date
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


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"publishDate": "2026-12-01"}, "publishDate is 2026-12-01"),
        ({"publish_date": date(2027, 1, 1)}, "publish_date is 2027-01-01"),
        ({"publishDate": "2026-11-26T10:00:00Z"}, ""),
        ({"expiryDate": "2026-11-25"}, "expiryDate is 2026-11-25"),
        ({"expires": "2026-11-26"}, ""),
        ({"date": "2099-01-01", "publishDate": "soon"}, ""),
        ({"isDraft": "true"}, "isDraft is true"),
        ({"is_public": "false"}, "is_public is false"),
    ],
)
def test_a_page_is_shown_on_its_days(said: dict[str, object], why: str) -> None:
    """Neither before the day on which it is published, nor after its last one."""
    assert why_withheld(said, today=date(2026, 11, 26)) == why
