"""What stands on this machine is looked at, and nothing is made (`cli/doctor/here.py`)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from agentbot.cli.doctor.checkup import CheckFailed, NeedsALook, NotTried
from agentbot.cli.doctor.here import ChecksHere
from agentbot.config import load_settings
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.ops.health import serve_health
from tests.support.folders import DEFAULT


def here(**settings: str) -> ChecksHere:
    """Return the checks with these settings."""
    return ChecksHere(load_settings({"AGENTBOT_PROMPTS_DIR": str(DEFAULT), **settings}))


async def test_a_full_disk_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its state could not be written. Folders that are not there yet are looked for above."""
    settings = {
        "AGENTBOT_STATE_URL": f"sqlite:///{tmp_path}/state.db",
        "AGENTBOT_FAQ__CACHE_DIR": str(tmp_path / "not" / "yet"),
    }
    assert "free in" in await here(**settings).disk()
    usage = shutil.disk_usage(tmp_path)._replace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage)
    with pytest.raises(CheckFailed, match=f"5 MB free in {tmp_path}"):
        await here(**settings).disk()


async def test_a_bot_that_runs_is_asked_how_it_is() -> None:
    """Ready, waiting, or with something to look at."""
    waiting, warnings = {"socket": "not joined"}, {"prompts": "broken"}
    async with serve_health(
        host="127.0.0.1",
        port=0,
        registry=CollectorRegistry(),
        not_ready=lambda: dict(waiting),
        warnings=lambda: dict(warnings),
    ) as url:
        everywhere, port = "0.0.0.0", url.rpartition(":")[2]  # noqa: S104 - nobody listens there
        asked = here(AGENTBOT_HTTP__HOST=everywhere, AGENTBOT_HTTP__PORT=port)
        with pytest.raises(CheckFailed, match="waits for socket: not joined"):
            await asked.running()
        waiting.clear()
        with pytest.raises(NeedsALook) as look:
            await asked.running()
        assert look.value.what_to_do == "prompts: broken"
        warnings.clear()
        assert await asked.running() == f"ready at {url}"
    with pytest.raises(NotTried, match="none answers"):
        await asked.running()
    with pytest.raises(NotTried, match="is 0"):
        await here(AGENTBOT_HTTP__PORT="0").running()


async def test_somebody_else_on_the_port_is_told() -> None:
    """Before the bot's start fails by it."""
    async with serve(DevServer()) as url:
        with pytest.raises(CheckFailed, match="something else than agentbot"):
            await here(AGENTBOT_HTTP__PORT=url.rpartition(":")[2]).running()
