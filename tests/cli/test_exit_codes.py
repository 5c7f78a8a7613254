"""Proves ``agentbot/cli/exit_codes.py``: each error is told once, with what to do about it."""

from __future__ import annotations

import pytest

from agentbot.cli.exit_codes import remedy
from agentbot.errors import (
    AgentbotError,
    ApiError,
    ConfigurationError,
    LoginRefused,
    NotFound,
    RateLimited,
    ServerFailed,
    StateInUse,
    StateUnavailable,
    TransportError,
)


@pytest.mark.parametrize(
    ("error", "what_to_do"),
    [
        (LoginRefused("POST", "/api/session", 401), "PAPERCUPS_PASSWORD"),
        (RateLimited("GET", "/api/me", 429), "wait a while"),
        (ApiError("POST", "/api/session", 403), "proxy before Papercups"),
        (NotFound("GET", "/api/me", 404), "proxy before Papercups"),
        (ServerFailed("GET", "/api/me", 500), "is Papercups itself"),
        (TransportError("http://papercups", "refused"), "whether Papercups is running"),
        (StateUnavailable("sqlite:///a.db", "disk full"), "has room"),
        (StateInUse("sqlite:///a.db", "bot-1"), "stop that process, or use postgresql://"),
    ],
)
def test_an_error_has_its_remedy_once(error: AgentbotError, what_to_do: str) -> None:
    """The nearest kind's; the text itself says nothing of it."""
    assert what_to_do in remedy(error)
    assert "stop" not in str(error)


def test_what_names_its_own_remedy_has_no_other() -> None:
    """A place, a problem and what to write say all there is to say."""
    assert remedy(ConfigurationError("AGENTBOT_X", "is wrong", "write 5")) == ""
