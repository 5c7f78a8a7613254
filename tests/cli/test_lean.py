"""A bot loads no library that only a terminal needs (agentbot/cli/lean.py)."""

from __future__ import annotations

import subprocess
import sys

_RUN = """
import sys
from agentbot.cli import running
from agentbot.cli.lean import load_structlog
load_structlog()
load_structlog()
import agentbot.cli.run
import agentbot.pipeline.llm.openai_chat
unwanted = {"rich", "pygments", "openai", "prompt_toolkit", "numpy", "aiohttp", "typer"}
print(sorted(unwanted & sys.modules.keys()))
import rich.console
from structlog.dev import plain_traceback
"""
_HOLIDAYS = """
import sys
from datetime import date
from agentbot.pipeline.hours.public_holidays import PublicHolidays
assert date(2026, 5, 17) in PublicHolidays("NO").of_year(2026)
print(sorted(name for name in sys.modules if name.startswith("holidays.countries.")))
"""
_AFTER_RICH = """
import sys
import rich
from agentbot.cli.lean import load_structlog
load_structlog()
print("structlog" in sys.modules, sys.modules["rich"] is rich)
"""
_HELP = """
import sys
from contextlib import suppress
sys.argv = ["agentbot", "--help"]
from agentbot.cli import main
with suppress(SystemExit):
    main()
print(sorted({"rich", "pygments", "asyncio", "structlog", "pydantic"} & sys.modules.keys()))
"""


def _last_line(script: str) -> str:
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return ran.stdout.splitlines()[-1]


def test_a_bot_loads_neither_colours_nor_a_provider() -> None:
    """Nor vectors, as long as nothing asks for them; what wants rich then gets it."""
    assert _last_line(_RUN) == "[]"


def test_a_country_is_loaded_without_all_others() -> None:
    """The package of countries imports each of 250 where it is run."""
    assert _last_line(_HOLIDAYS) == "['holidays.countries.norway']"


def test_where_rich_is_loaded_already_it_stays() -> None:
    """Somebody uses it: structlog may too."""
    assert _last_line(_AFTER_RICH) == "False True"


def test_the_help_loads_nothing_but_the_commands() -> None:
    """It is what a newcomer waits for first."""
    assert _last_line(_HELP) == "[]"
