"""What is not meant for customers: drafts, internal pages, archived rows, as is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from agentbot.pipeline.words import fold

_TRUE = frozenset({"true", "yes", "y", "1", "on", "x", "ja", "si", "oui", "sim"})
_FALSE = frozenset({"false", "no", "n", "0", "off", "nein", "non", "nao", "nee"})
_HIDES = frozenset(
    {"draft", "hidden", "hide", "private", "internal", "archived", "unlisted", "unpublished"}
    | {"deleted", "disabled", "deprecated", "entwurf", "intern"}
)
"""Names that hide where they are true."""
_SHOWS = frozenset({"published", "public", "visible", "active", "enabled", "live"})
"""Names that hide where they are false."""
_STATES = frozenset(
    {"status", "state", "visibility", "audience", "access", "workflow", "publish_status", "tags"}
)
"""Names whose value says it in a word."""
_HIDDEN_STATES = frozenset(
    {
        "draft",
        "drafts",
        "wip",
        "unpublished",
        "hidden",
        "private",
        "internal",
        "archived",
        "deleted",
    }
    | {"review", "inreview", "pending", "todo", "inactive", "disabled", "agents", "staff"}
    | {"entwurf", "intern", "borrador", "brouillon", "rascunho", "concept"}
)


_FROM = frozenset({"publishdate", "publish_date", "publish_at", "published_at", "publish_on"})
_UNTIL = frozenset({"expirydate", "expiry_date", "expires", "expires_at", "unpublishdate"})
"""Names of the first and the last day on which something is shown."""


def why_withheld(said: Mapping[str, Any], *, today: date | None = None) -> str:
    """Return what says that something is not for customers; ``""`` where nothing does.

    ``today`` is the day from which it is seen; None: this one.
    """
    now = today or datetime.now(UTC).date()
    for name, value in said.items():
        key = fold(str(name)).strip().replace(" ", "_")
        bare = key.removeprefix("is_").removeprefix("is")
        key = bare if bare in _HIDES | _SHOWS else key
        if (day := _day(value)) and ((key in _FROM and day > now) or (key in _UNTIL and day < now)):
            return f"{name} is {day}"
        values = value if isinstance(value, list | tuple) else [value]
        for one in values:
            word = fold(str(one)).strip().replace(" ", "")
            if (
                (key in _HIDES and word in _TRUE)
                or (key in _SHOWS and word in _FALSE)
                or (key in _STATES and word in _HIDDEN_STATES)
            ):
                return f"{name} is {str(one).lower()}"
    return ""


def _day(value: object) -> date | None:
    """Return the day that a value begins with, as in 2026-11-26T10:00; None where it is none."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
