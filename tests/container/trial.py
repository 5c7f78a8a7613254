"""An image tried in earnest: a bot in a container answers on a devserver, and is stopped."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from agentbot.devserver.server import DEMO_PASSWORD
from tests.container.engine import ROOT, Engine
from tests.support.stage import LiveStage, reply_to, staged
from tests.support.timing import TIMEOUT_SCALE

USER_ID = 10001
"""The Dockerfile's user."""
SBOM = "/opt/agentbot/share/sbom/agentbot.cdx.json"
"""Where the image's bill of materials stands in it."""

_LOOK_SECONDS = 0.02
_GIVE_UP_AFTER = 300.0 * TIMEOUT_SCALE
"""Seconds after which something hangs: without layers, the image is copied for each container."""

_WEIGH = """
import pathlib, json, sys
site = next(pathlib.Path("/opt/agentbot/lib").glob("python3*")) / "site-packages"
files = lambda place: [place] if place.is_file() else filter(pathlib.Path.is_file, place.rglob("*"))
weigh = lambda place: sum(file.stat().st_size for file in files(place))
print(json.dumps({place.name: weigh(place) for place in site.iterdir()}))
"""
_INSTALLED = """
import json
from importlib.metadata import distributions
print(json.dumps({d.name: d.version for d in distributions()}))
"""
_IMPORT_ALL = """
import importlib, pkgutil, agentbot
for module in pkgutil.walk_packages(agentbot.__path__, "agentbot."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print("imported")
"""
_VALIDATE = """
import json, pathlib, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = pathlib.Path(sys.argv[1]).read_text()
version = SchemaVersion.from_version(json.loads(text)["specVersion"])
print(JsonStrictValidator(version).validate_str(text) or "valid")
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one run of an image has shown. Times in seconds."""

    ready_seconds: float
    """From the start of its process."""
    ready_cpu_seconds: float
    """What the processor had done by then: the same on a busy machine."""
    stop_seconds: float
    exit_code: int
    user_id: int
    root_is_read_only: bool
    answer: str
    is_healthy: bool
    state: str
    """The owner and mode of the state's file, as ``10001 0o600``; empty where there is none."""


def _state_folder(folder: Path) -> Path:
    (state := folder / "state").mkdir(parents=True)
    os.chown(state, USER_ID, USER_ID)
    return state


@contextmanager
def _log(place: Path) -> Iterator[int]:
    with place.open("wb") as file:
        yield file.fileno()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def tried(
    engine: Engine, image: str, folder: Path, *, state_at: str = "/data",
    settings: Mapping[str, str] | None = None,
) -> Trial:  # fmt: skip
    """Run the image with its state mounted at ``state_at``; ask it something; stop it.

    Raises `AssertionError` where it ends early, and `TimeoutError` where it never gets ready.
    """
    state = _state_folder(folder)
    name, port = f"agentbot-{os.getpid()}-{folder.name}", _free_port()
    volumes = {"/prompts:ro": ROOT / "prompts", state_at: state}
    async with staged() as stage:
        own = _settings(stage, port) | dict(settings or {})
        with _log(folder / "log") as log:
            process = await asyncio.to_thread(
                engine.start_container, image, name=name, volumes=volumes, settings=own, log=log,
                pid_file=folder / "pid",
            )  # fmt: skip
            try:
                await _ready(process, port, folder / "log")
                pid = await asyncio.to_thread(_read_number, folder / "pid")
                cost = _cost(pid)
                return await _asked(_Container(engine, process, image, pid, state), stage, cost)
            finally:
                if process.poll() is None:
                    await asyncio.to_thread(engine.run, "podman", "rm", "--force", name, code=None)
                await asyncio.to_thread(process.wait)


def _settings(stage: LiveStage, port: int) -> dict[str, str]:
    return {
        "PAPERCUPS_URL": stage.url,
        "PAPERCUPS_EMAIL": stage.bot_user.email,
        "PAPERCUPS_PASSWORD": DEMO_PASSWORD,
        "AGENTBOT_HTTP__PORT": str(port),
        "LOG_FORMAT": "json",
    }


async def _ready(process: subprocess.Popen[str], port: int, log: Path) -> None:
    async with (
        asyncio.timeout(_GIVE_UP_AFTER),
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        while process.poll() is None:
            try:
                if (await http.get("/readyz")).status_code == httpx2.codes.OK:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(_LOOK_SECONDS)
    said = await asyncio.to_thread(log.read_text)
    raise AssertionError(f"ended with {process.returncode} before ready:\n{said}")


@dataclass(frozen=True, slots=True)
class _Container:
    engine: Engine
    process: subprocess.Popen[str]
    image: str
    pid: int
    state: Path


async def _asked(container: _Container, stage: LiveStage, cost: tuple[float, float]) -> Trial:
    pid = container.pid
    customer = await stage.customer()
    await customer.shout("Do you ship to Norway?")
    answer = (await reply_to(customer)).body or ""
    check = await asyncio.to_thread(_health_check, container)
    user_id, read_only = _user_id(pid), _root_is_read_only(pid)
    began = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    code = await asyncio.to_thread(container.process.wait, _GIVE_UP_AFTER)
    return Trial(
        ready_seconds=cost[0], ready_cpu_seconds=cost[1], stop_seconds=time.monotonic() - began,
        exit_code=code, user_id=user_id, root_is_read_only=read_only, answer=answer,
        is_healthy=check, state=_owner(container.state / "agentbot.db"),
    )  # fmt: skip


def _read_number(place: Path) -> int:
    return int(place.read_text())


def _owner(place: Path) -> str:
    if not place.exists():
        return ""
    status = place.stat()
    return f"{status.st_uid} {status.st_mode & 0o777:#o}"


def _user_id(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("Uid:")]
    return int(line.split()[1])


def _root_is_read_only(pid: int) -> bool:
    mounts = [line.split() for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines()]
    (options,) = [mount[5] for mount in mounts if mount[4] == "/"]
    return "ro" in options.split(",")


def _cost(pid: int) -> tuple[float, float]:
    """Return how long the process has lived, and how much a processor has worked for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    up = float(Path("/proc/uptime").read_text().split()[0])
    return up - int(fields[19]) / ticks, (int(fields[11]) + int(fields[12])) / ticks


def _health_check(container: _Container) -> bool:
    """Run the image's own check in the container's namespaces, with its environment."""
    described = json.loads(container.engine.run("podman", "image", "inspect", container.image))[0]
    pid = container.pid
    kind, *command = described["Healthcheck"]["Test"]
    assert kind == "CMD"
    variables = Path(f"/proc/{pid}/environ").read_text().split("\0")
    done = subprocess.run(  # noqa: S603 - the image's own check
        ["nsenter", f"--target={pid}", "--mount", "--net", "--root", "env", "-i",  # noqa: S607
         *filter(None, variables), *command], check=False, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode == 0 or _failed(done.stderr, shlex.join(command))


def _failed(said: str, command: str) -> bool:
    print(f"{command}:\n{said}")
    return False


def weights(engine: Engine, image: str) -> dict[str, float]:
    """Return the MB (of a million bytes) of each package in the image, the heaviest first."""
    sizes: dict[str, int] = json.loads(engine.say(image, "python", "-c", _WEIGH))
    heaviest = sorted(sizes, key=lambda name: -sizes[name])
    return {name: sizes[name] / 1_000_000 for name in heaviest}


def installed(engine: Engine, image: str) -> dict[str, str]:
    """Return the versions of what is installed in the image, by package."""
    found: dict[str, str] = json.loads(engine.say(image, "python", "-c", _INSTALLED))
    return found


def bill_of_materials(engine: Engine, image: str) -> dict[str, str]:
    """Return the versions that the image's bill of materials names, by package."""
    bill = json.loads(engine.say(image, "cat", SBOM))
    assert bill["bomFormat"] == "CycloneDX"
    return {component["name"]: component["version"] for component in bill["components"]}


def imports_all(engine: Engine, image: str) -> bool:
    """Say whether each module of agentbot can be imported in the image."""
    return "imported" in engine.say(image, "python", "-c", _IMPORT_ALL)


def validated(engine: Engine, stage: str) -> str:
    """Return "valid" where the bill of materials is, else what is wrong with it.

    ``stage`` is an image of the Dockerfile's stage that has made it: the tools are there still.
    """
    bill = SBOM.replace("/opt/agentbot", "/app")
    return engine.say(stage, "/build/bin/python", "-c", _VALIDATE, bill).strip()
