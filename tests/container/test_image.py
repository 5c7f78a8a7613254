"""The image as it is built from the Dockerfile and run: small, bare, unprivileged, answering."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.engine import BASE, INSTALL, PROGRAMS, ROOT, Engine, engine_in
from tests.container.lock import FOLDER, pins
from tests.container.trial import (
    USER_ID,
    bill_of_materials,
    imports_all,
    installed,
    tried,
    validated,
    weights,
)
from tests.support.optional import requires_programs

pytestmark = [pytest.mark.long, requires_programs(*PROGRAMS, install=INSTALL)]

IMAGES = {"agentbot": "", "agentbot-slim": "slim", "agentbot-mcp": "mcp"}
"""The Dockerfile's targets by the tag that they get here."""
STATE_AT = {"agentbot": "/data", "agentbot-slim": "/var/lib/agentbot", "agentbot-mcp": "/data"}
"""Where each keeps its state: today's place, or the one before it."""
_MOST_MEGABYTES = {"agentbot": 275.0, "agentbot-slim": 170.0, "agentbot-mcp": 310.0}
"""What an image may weigh over its base, in MB; what each part weighs: ``python -m
tests.container``."""
_READY_CPU_SECONDS = 3.0
"""Seconds of a processor from the start to being ready, the FAQ's first vectors among them: about
one is usual. On a processor that is idle that is the time that passes."""
_SOMEBODY = 4711
"""A user whom neither the image nor the machine knows."""
README = ROOT / "README.md"
_ABSENT = ("pip", "pip3", "gcc", "cc", "curl", "wget", "hatchling", "git")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return an engine with the base, which takes half a minute; nothing of it is left behind."""
    folder = tmp_path_factory.mktemp("engine")
    made = engine_in(folder)
    made.make_base()
    yield made
    shutil.rmtree(folder)


@pytest.fixture(scope="module", params=IMAGES)
def image(engine: Engine, request: pytest.FixtureRequest) -> str:
    """Return the tag of each image in turn, built: a minute the first, less the others."""
    tag: str = request.param
    engine.build(tag, target=IMAGES[tag])
    return tag


async def test_it_answers_without_rights_and_ends_when_told(
    engine: Engine, tmp_path: Path, image: str
) -> None:
    """Ready in 3 s, not root, nothing writable but its state, which the old path holds too."""
    trial = await tried(engine, image, tmp_path / image, state_at=STATE_AT[image])
    print(f"{image}: {trial}")

    assert "we ship to Norway" in trial.answer
    assert trial.ready_cpu_seconds < _READY_CPU_SECONDS
    assert trial.user_id == USER_ID
    assert trial.root_is_read_only
    assert trial.is_healthy
    assert trial.exit_code == 0
    assert trial.state.startswith(f"{USER_ID} ")


def documented_options(*, user: int, folder: Path) -> list[str]:
    """Return the options with which README says to run `init` in the image."""
    (line,) = re.findall(r"docker run (.+) agentbot init$", README.read_text(), re.MULTILINE)
    there = {"$(id -u)": str(user), "$PWD": str(folder), "-it": ""}
    for said, meant in there.items():
        assert said in line
        line = line.replace(said, meant)
    return shlex.split(line)


def test_what_it_writes_for_somebody_else_it_can_run_on(
    engine: Engine, tmp_path: Path, image: str
) -> None:
    """`init`, as README says to run it, writes files of whoever called it; `check` takes them."""
    os.chown(tmp_path, _SOMEBODY, _SOMEBODY)
    tmp_path.chmod(0o755)
    own = documented_options(user=_SOMEBODY, folder=tmp_path)
    answers = {"company": "Fjord & Fern", "language": "en", "hours": "always",
               "time-zone": "Europe/Oslo", "after-hours": "answer", "url": "http://127.0.0.1:9",
               "email": "bot@example.com", "password": "secret"}  # fmt: skip
    given = [f"--{name}={answer}" for name, answer in answers.items()]

    said = engine.say(image, "agentbot", "init", *given, options=own)
    mount = f"--volume={tmp_path / 'prompts'}:/prompts:ro"
    checked = engine.say(image, "agentbot", "check", options=(mount,))

    assert "prompts/faq/questions.yaml" in said
    assert {path.stat().st_uid for path in tmp_path.rglob("*")} == {_SOMEBODY}
    assert "ok" in checked


def test_it_holds_what_it_needs_and_says_what(engine: Engine, image: str) -> None:
    """The locked packages and nothing else, all listed in it; no tool that builds or fetches."""
    name = f"requirements-{IMAGES[image]}.txt" if IMAGES[image] else "requirements.txt"
    locked = pins((FOLDER / name).read_text())
    listed = {key.lower().replace("_", "-"): version
              for key, version in bill_of_materials(engine, image).items()}  # fmt: skip
    there = {key.lower().replace("_", "-"): version
             for key, version in installed(engine, image).items()}  # fmt: skip

    assert there == listed
    assert {key: version for key, version in there.items() if key != "agentbot"} == locked
    assert imports_all(engine, image)
    found = engine.say(image, "sh", "-c", f"command -v {' '.join(_ABSENT)} || true")
    assert found.split() == []


def test_its_bill_of_materials_is_valid(engine: Engine) -> None:
    """By CycloneDX's own schema; the stage that wrote it has been built for `slim` before."""
    engine.build("built-slim", target="built-slim")

    assert validated(engine, "built-slim") == "valid"


def test_it_weighs_no_more_than_its_contents(engine: Engine, image: str) -> None:
    """Over its base, whatever that weighs."""
    over = engine.megabytes(image) - engine.megabytes(BASE)

    assert over < _MOST_MEGABYTES[image], weights(engine, image)
