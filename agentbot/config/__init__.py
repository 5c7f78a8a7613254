"""Settings: connections, secrets and limits. What the bot says stands in the prompts folder."""

from agentbot.config.environment import (
    Variable,
    is_folder,
    load_settings,
    read_variables,
    shipped_prompts_dir,
    variables,
)
from agentbot.config.groups import (
    CatchUpSettings,
    DrainSettings,
    FaqSettings,
    HttpSettings,
    LLMSettings,
    NotifySettings,
    ReceiptsSettings,
    ReplySettings,
    RestSettings,
    SocketSettings,
    StateSettings,
    TracesSettings,
    TurnsSettings,
)
from agentbot.config.settings import PapercupsLogin, Settings

__all__ = [
    "CatchUpSettings",
    "DrainSettings",
    "FaqSettings",
    "HttpSettings",
    "LLMSettings",
    "NotifySettings",
    "PapercupsLogin",
    "ReceiptsSettings",
    "ReplySettings",
    "RestSettings",
    "Settings",
    "SocketSettings",
    "StateSettings",
    "TracesSettings",
    "TurnsSettings",
    "Variable",
    "is_folder",
    "load_settings",
    "read_variables",
    "shipped_prompts_dir",
    "variables",
]
