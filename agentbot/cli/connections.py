"""What the settings name, ready to be used: Papercups' REST as the bot's user, and the store."""

from __future__ import annotations

from agentbot.cli.compose import new_holder, utc_now
from agentbot.config import PapercupsLogin, Settings
from agentbot.papercups.rest import AgentRest
from agentbot.papercups.url import PapercupsUrl
from agentbot.state.opening import open_store
from agentbot.state.store import Store


def agent_rest(login: PapercupsLogin) -> AgentRest:
    """Return REST as this user; it logs in with its first request. Close it."""
    return AgentRest(
        PapercupsUrl.parse(login.url),
        email=login.email,
        password=login.password.get_secret_value(),
    )


def settings_store(settings: Settings, *, url: str | None = None, exclusive: bool = True) -> Store:
    """Return the store that the settings name, not opened yet; ``url`` replaces theirs.

    For ``exclusive`` see :func:`agentbot.state.opening.open_store`.
    """
    return open_store(
        url if url is not None else settings.state_url.get_secret_value(),
        holder=new_holder(),
        lease=settings.state.lease,
        clock=utc_now,
        exclusive=exclusive,
    )
