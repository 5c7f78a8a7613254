"""Settings: connections, secrets and limits. What the bot says stands in the prompts folder.

The groups within ``Settings`` stand in ``groups.py``.
"""

from agentbot.config.environment import (
    Variable,
    is_folder,
    load_settings,
    read_variables,
    shipped_prompts_dir,
    variables,
)
from agentbot.config.settings import PapercupsLogin, Settings

__all__ = [
    "PapercupsLogin",
    "Settings",
    "Variable",
    "is_folder",
    "load_settings",
    "read_variables",
    "shipped_prompts_dir",
    "variables",
]
