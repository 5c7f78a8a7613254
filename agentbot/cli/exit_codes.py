"""The exit code that stands for an error, and what an operator can do about it."""

from __future__ import annotations

from agentbot.errors import (
    AgentbotError,
    ApiError,
    ConfigurationError,
    LLMError,
    LoginRefused,
    RateLimited,
    ServerFailed,
    StateError,
    StateInUse,
    ToolFailed,
    TransportError,
    UpgradeRefused,
)

EXIT_FAILURE = 1
EXIT_UNREACHABLE = 69
EXIT_LOGIN_REFUSED = 77
EXIT_CONFIGURATION = 78
"""Above 1, the numbers are those of sysexits.h: EX_UNAVAILABLE, EX_NOPERM, EX_CONFIG."""

REMEDIES: tuple[tuple[type[AgentbotError], str], ...] = (
    (LoginRefused, "check PAPERCUPS_EMAIL and PAPERCUPS_PASSWORD by logging in to the dashboard"),
    (UpgradeRefused, "let the proxy before Papercups pass WebSockets at /socket/websocket"),
    (TransportError, "check PAPERCUPS_URL, the network, and whether Papercups is running"),
    (ServerFailed, "check that PAPERCUPS_URL is Papercups itself, and look into its log"),
    (RateLimited, "wait a while, and let fewer programs ask from here"),
    (ApiError, "check PAPERCUPS_URL, and that a proxy before Papercups lets this machine pass"),
    (StateInUse, "stop that process, or use postgresql:// to run several replicas"),
    (StateError, "check AGENTBOT_STATE_URL, and whether the disk or the database has room"),
    (ToolFailed, "check the url in tools.yaml, and whether that host may be reached from here"),
    (LLMError, "check OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL"),
)
"""What to do about an error, by its kind: the first that it is of."""


def remedy(error: AgentbotError) -> str:
    """Return what to do about ``error``; empty where its own text says all there is to say."""
    return next((text for kind, text in REMEDIES if isinstance(error, kind)), "")


def exit_code(error: AgentbotError) -> int:
    """Return the exit code that stands for ``error``."""
    match error:
        case ConfigurationError():
            return EXIT_CONFIGURATION
        case LoginRefused():
            return EXIT_LOGIN_REFUSED
        case TransportError():
            return EXIT_UNREACHABLE
    return EXIT_FAILURE
