"""A file's place tells what it may touch."""

from __future__ import annotations

from pathlib import Path

import pytest

import agentbot
from tests.support.floors import FLOORS, ROOMS, circles, violations


def test_imports_point_downward_only() -> None:
    """No file of agentbot imports what its floor may not."""
    found = violations(Path(agentbot.__file__).parent)

    assert not found, "\n".join(found)


def test_every_folder_has_its_floor() -> None:
    """A new folder must be given its place before it can import anything."""
    package = Path(agentbot.__file__).parent
    places = {path.stem for path in package.iterdir() if path.suffix == ".py" or path.is_dir()}

    assert places - {"__pycache__", "py", "_prompts"} <= set(FLOORS)


@pytest.mark.parametrize("place", ROOMS)
def test_every_room_has_its_step(place: str) -> None:
    """Where a folder's rooms stand in steps, all of them do, and none that is not there."""
    folder = Path(agentbot.__file__).parent / place
    rooms = {path.stem for path in folder.glob("*.py")}
    rooms |= {path.parent.name for path in folder.glob("*/__init__.py")}

    assert rooms - {"__init__"} == {room for step in ROOMS[place] for room in step}


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("phoenix/socket.py", "from agentbot.papercups.models import Shout"),
        ("phoenix/socket.py", "import asyncio"),
        ("phoenix/presence.py", "from datetime import datetime"),
        ("papercups/rest.py", "import agentbot.state.store"),
        ("papercups/agent.py", "import websockets"),
        ("phoenix/driver.py", "from websockets.client import ClientProtocol"),
        ("pipeline/turn.py", "from agentbot.papercups import models"),
        ("pipeline/turn.py", "from agentbot import bot"),
        ("pipeline/turn.py", "def late():\n    from agentbot.config import Settings"),
        ("state/store.py", "from agentbot.pipeline.turn import Turn"),
        ("ops/health.py", "from agentbot.bot.bot import Bot"),
        ("bot/bot.py", "from agentbot.devserver import app"),
        ("bot/bot.py", "from agentbot.phoenix.socket import Socket"),
        ("bot/bot.py", "import httpx2"),
        ("papercups/api.py", "from tenacity import AsyncRetrying"),
        ("bot/bot.py", "from . import turns"),
        ("devserver/app.py", "from agentbot.papercups.models import Shout"),
        ("devserver/app.py", "from agentbot.phoenix.socket import Socket"),
        ("devserver/store/memory.py", "from agentbot.devserver.backend import Backend"),
        ("devserver/rest/http.py", "from agentbot.devserver.realtime.socket import ServerSocket"),
        ("devserver/backend.py", "from agentbot.devserver import server"),
        ("devserver/attic.py", "from agentbot.devserver.store import views"),
        ("pipeline/checks/parsing/days.py", "import agentbot.pipeline.checks.safety.leaks"),
        ("pipeline/checks/safety/acts.py", "import agentbot.pipeline.checks.consistency.roles"),
        ("pipeline/checks/judging/judge.py", "from agentbot.pipeline.checks import checker"),
        ("pipeline/checks/attic.py", "from agentbot.pipeline.checks.parsing import days"),
        ("errors.py", "import agentbot.config"),
        ("config/settings.py", "from agentbot.ops.logging import Redactor"),
        ("attic/new.py", "from agentbot.errors import AgentbotError"),
    ],
)
def test_an_import_upward_is_found(tmp_path: Path, place: str, source: str) -> None:
    """Each rule can fail, and says where."""
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)

    (found,) = violations(tmp_path)

    assert found.startswith(f"{place}:{len(source.splitlines())}: imports ")


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("cli/run.py", "from agentbot.devserver.app import build"),
        ("bot/bot.py", "from agentbot.papercups.agent import AgentSession"),
        ("bot/bot.py", "import asyncio"),
        ("devserver/app.py", "from agentbot.phoenix.frames import decode"),
        ("devserver/app.py", "from agentbot.phoenix import frames"),
        ("devserver/rest/http.py", "from agentbot.devserver.rest.paging import page_of"),
        ("devserver/realtime/socket.py", "from agentbot.devserver.store import views"),
        ("papercups/rest.py", "import httpx2"),
        ("phoenix/client.py", "from websockets.client import ClientProtocol"),
        ("ops/metrics.py", "from agentbot import __version__"),
        ("pipeline/turn.py", "from agentbot.pipeline import turn"),
        ("pipeline/turn.py", "from agentbot.pipeline.checks.checker import Checker"),
        ("pipeline/checks/judging/judge.py", "from agentbot.pipeline.checks.parsing import days"),
        ("pipeline/checks/safety/acts.py", "from agentbot.pipeline.checks.safety import leaks"),
        ("pipeline/checks/draft.py", "from agentbot.pipeline.knowledge.passage import Passage"),
    ],
)
def test_an_import_downward_passes(tmp_path: Path, place: str, source: str) -> None:
    """What the design allows is not complained about."""
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)

    assert violations(tmp_path) == []


def test_rooms_stand_in_no_circle() -> None:
    """Within a floor, rooms and the modules beside them can be read one after the other."""
    found = circles(Path(agentbot.__file__).parent)

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ({"bot/a/x.py": "bot.b.y", "bot/b/y.py": "bot.c", "bot/c.py": "errors"}, []),
        ({"bot/a/x.py": "bot.b.y", "bot/b/z.py": "bot.a.w"}, ["bot/a ↔ bot/b"]),
        (
            {"bot/a/x.py": "bot.b", "bot/b/y.py": "bot.c", "bot/c.py": "bot.a.x"},
            ["bot/a ↔ bot/b ↔ bot/c"],
        ),
        ({"bot/a.py": "bot.b", "bot/b.py": "bot.a"}, ["bot/a ↔ bot/b"]),
        ({"bot/a/x.py": "bot.a.y", "bot/a/y.py": "bot.a.x"}, []),
        ({"bot/a/x.py": "ops.b", "ops/b.py": "bot.a.x"}, []),
    ],
    ids=str,
)
def test_a_circle_of_rooms_is_found(
    tmp_path: Path, imports: dict[str, str], found: list[str]
) -> None:
    """Of two or more, of rooms and modules; what is inside a room is its own business."""
    for place, imported in imports.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"import agentbot.{imported}")

    assert circles(tmp_path) == found
