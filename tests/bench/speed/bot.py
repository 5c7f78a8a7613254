"""The bot as it is shipped, a real process: what it is set to, and what starts it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.bench.speed import shop
from tests.bench.speed.account import EMAIL, PASSWORD
from tests.bench.speed.processes import Process
from tests.bench.speed.sides import Starter

IN_MEMORY = "sqlite:///:memory:"
"""A state that is gone with the process: what the claims' durability costs is left out."""
SQLITE = "sqlite:///state.db"
"""The state as it is by default: a file, each claim committed before its reply."""

_SETTINGS: Mapping[str, str] = {
    "PAPERCUPS_EMAIL": EMAIL,
    "PAPERCUPS_PASSWORD": PASSWORD,
    "LOG_FORMAT": "json",
    "AGENTBOT_HTTP__PORT": "0",
    # A bot waits for a customer's further messages, which is no work: the bars leave it out.
    "AGENTBOT_TURNS__IDLE_SECONDS": "0",
    "AGENTBOT_FAQ__EMBEDDINGS": "none",
}
_UNPACED: Mapping[str, str] = {
    # The pace of REST and of joins protects a real server; this one is never to be the bottleneck.
    "AGENTBOT_REST__REQUESTS_PER_SECOND": "100000",
    "AGENTBOT_SOCKET__JOINS_PER_SECOND": "10000",
}
_NOTHING: Mapping[str, str] = {}


def settings(url: str, state: str, prompts: Path) -> dict[str, str]:
    """Return the environment of a bot for the load server at ``url``."""
    return {
        **_SETTINGS,
        "PAPERCUPS_URL": url,
        "AGENTBOT_STATE_URL": state,
        "AGENTBOT_PROMPTS_DIR": str(prompts),
    }


def bot(
    state: str,
    *,
    profile: Path | None = None,
    rules: int = shop.RULES,
    entries: int = shop.ENTRIES,
    is_paced: bool = False,
    others: Mapping[str, str] = _NOTHING,
) -> Starter:
    """Return what starts a bot with this state. ``profile``: where its samples are written.

    ``is_paced``: it asks and joins no faster than by default. ``others`` are more settings.
    """

    def start(url: str, folder: Path, core: int) -> Process:
        prompts = shop.write(folder / "prompts", rule_count=rules, entry_count=entries)
        sampled = () if profile is None else ("tests.bench.speed.sampled", str(profile))
        module, *arguments = (*sampled, "run") if sampled else ("agentbot", "run")
        return Process.python(
            module,
            *arguments,
            core=core,
            log=folder / "client.log",
            environment={
                **settings(url, state, prompts),
                **({} if is_paced else _UNPACED),
                **others,
            },
            folder=folder,
        )

    return start
