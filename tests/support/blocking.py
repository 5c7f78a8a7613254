"""A call that blocks the event loop fails the test that makes it.

While one waits for a disk, a socket or a lock, every conversation waits with it. blockbuster wraps
what can block (``time.sleep``, files, sockets in blocking mode, SQLite, locks) and raises where our
code gets there from a running loop. Code that catches all errors may swallow that one: each is
written down too, and the test fails at its end.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import blockbuster
import blockbuster.blockbuster
import pytest

PLACES = ("bot/", "papercups/", "cli/", "e2e/")
"""The folders under tests/ whose tests are watched: the layers that live on one event loop."""

_ANY = None
_READING = ("os.", "io.")

ALLOWED: tuple[tuple[tuple[str, ...], tuple[str, ...], str | None, str], ...] = (
    (
        ("sqlite3.", "os."),
        ("agentbot/state/sqlite/database.py",),
        _ANY,
        "one local file, one transaction for each batch: a thread would cost ten times the call",
    ),
    (
        _READING,
        ("agentbot/papercups/api.py",),
        _ANY,
        "certificates are read once, when the client is made: before anybody can wait",
    ),
    (
        _READING,
        ("agentbot/config/environment.py",),
        _ANY,
        "settings are read once, before the command does anything",
    ),
    (
        _READING,
        ("holidays/holiday_base.py",),
        _ANY,
        "a year's public holidays are found once, in a millisecond, and kept",
    ),
    (
        _READING,
        (
            "agentbot/cli/doctor/here.py",
            "agentbot/cli/doctor/models.py",
            "agentbot/cli/doctor/network.py",
            "agentbot/cli/doctor/told.py",
            "agentbot/cli/init/asking.py",
        ),
        _ANY,
        "nobody else lives on that loop",
    ),
    (
        ("sqlite3.", "os.", "io."),
        (
            "agentbot/state/postgres/copy.py",
            "agentbot/state/sqlite/copy.py",
            "agentbot/state/sqlite/rows.py",
        ),
        _ANY,
        "an operator's command alone makes copies, on a loop of its own",
    ),
    (
        _READING,
        ("agentbot/pipeline/llm/kept_dialect.py",),
        "recall",
        "one small file, read before the bot lives",
    ),
    (_READING, ("agentbot/cli/local_llm.py",), _ANY, "the model is found before the bot lives"),
    (
        _READING,
        ("zoneinfo/_tzpath.py", "zoneinfo/_common.py"),
        _ANY,
        "a time zone is read once, and kept",
    ),
    (
        ("threading.Lock.",),
        ("coverage/collector.py",),
        "lock_data",
        "only where coverage is measured: another thread may just have reached a new file",
    ),
    (_READING, ("tests/support/stage.py",), "start_bot", "prompts are read before the bot lives"),
    (_READING, ("tests/support/bot_parts.py",), "pipeline_of", "prompts are read before it lives"),
    (
        _READING,
        ("tests/simulation/scripted.py",),
        "pipeline",
        "prompts are read before the bot lives",
    ),
)
"""What may block, in which files and function, and why."""


class _AnyFunction(frozenset[str]):
    """Every function of a file: blockbuster asks for their names."""

    def __contains__(self, name: object) -> bool:
        return True


def is_watched(item: pytest.Item, tests: Path) -> bool:
    """Say whether blocking calls fail this test."""
    return item.path.is_relative_to(tests) and (
        item.path.relative_to(tests).as_posix().startswith(PLACES)
    )


@contextmanager
def blocking_calls(package: str = "agentbot") -> Iterator[list[str]]:
    """Yield the blocking calls that ``package`` makes on an event loop, as they come."""
    found: list[str] = []

    class Noted(blockbuster.BlockingError):
        def __init__(self, func: str) -> None:
            super().__init__(func)
            found.append(f"{func} {_caller(package)}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blockbuster.blockbuster, "BlockingError", Noted)
        with blockbuster.blockbuster_ctx(package) as watch:
            for prefixes, files, function, _why in ALLOWED:
                for name, watched in watch.functions.items():
                    if name.startswith(prefixes):
                        for file in files:
                            watched.can_block_in(file, [function] if function else _AnyFunction())
            yield found


def _caller(package: str) -> str:
    """Return where in ``package`` the call was made: the innermost of its lines."""
    for frame in reversed(traceback.extract_stack()):
        if f"/{package}/" in frame.filename:
            return f"at {package}/{frame.filename.rpartition(f'/{package}/')[2]}:{frame.lineno}"
    return ""
