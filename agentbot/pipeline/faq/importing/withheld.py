"""What is not meant for customers: drafts, internal pages, archived rows, as is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentbot.pipeline.words import fold

_TRUE = frozenset({"true", "yes", "y", "1", "on", "x", "ja", "si", "oui", "sim"})
_FALSE = frozenset({"false", "no", "n", "0", "off", "nein", "non", "nao", "nee"})
_HIDES = frozenset(
    {"draft", "is_draft", "hidden", "is_hidden", "hide", "private", "is_private", "internal"}
    | {"is_internal", "archived", "is_archived", "unlisted", "unpublished", "deleted", "disabled"}
    | {"deprecated", "entwurf", "intern"}
)
"""Names that hide where they are true."""
_SHOWS = frozenset(
    {"published", "is_published", "public", "is_public", "visible", "active", "enabled", "live"}
)
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


def why_withheld(said: Mapping[str, Any]) -> str:
    """Return what says that something is not for customers; ``""`` where nothing does."""
    for name, value in said.items():
        key = fold(str(name)).strip().replace(" ", "_")
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
