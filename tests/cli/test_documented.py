"""Every command that README.md and docs/ show is run as it stands there (`cli/app.py`)."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DevServer
from agentbot.state.sqlite.copy import back_up
from tests.cli.test_commands import agentbot, login
from tests.cli.test_eval_faq import ASKED, ENTRIES
from tests.state.test_copy import opened, settle
from tests.support.folders import DEFAULT
from tests.support.folders import folder as own_folder

_ROOT = Path(__file__).parents[2]
_PAGES = [
    _ROOT / "README.md",
    *sorted((_ROOT / "docs").glob("*.md")),
    _ROOT / "docs" / "reference" / "commands.md",  # the examples of every --help
]

_WALKED = _ROOT / "docs" / "five-minutes.md"
"""A page whose commands are run in their order, by `test_five_minutes.py`."""
_ELSEWHERE = {
    "run": "test_five_minutes.py",
    "devserver": "test_five_minutes.py",
    "chat": "test_chat.py",
    "demo --llm": "test_demo.py",
    "--install-completion": "test_help.py",
}
"""Commands that stay, or need a bot that answers, a model, or somebody's shell: the module named
beside runs them. The README's first line is run by CI (`.ci/run`)."""
_STANDS_FOR = {
    "COMMAND": "run",
    "FILE": "questions.jsonl",
    "CUSTOMER_ID": "ann",
    "…": "Do you ship to Norway?",
}
"""Words of the pages in the place of a reader's own."""


def _shown_on(page: Path) -> Iterator[str]:
    """Yield what follows "agentbot" wherever the page shows a command, without its comment."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    fence = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
    shown = [block for kind, block in fence.findall(text) if kind in {"sh", "console"}]
    shown += re.findall(r"`((?:echo [^`]*)?agentbot [^`]*)`", fence.sub("", text))
    for line in "\n".join(shown).splitlines():
        for part in re.split(r"&&|\\?\|", line.partition("#")[0]):
            found = re.match(r"\s*(?:\$ )?(?:[\w./]*/bin/)?agentbot ([^\s>][^>]*)", part)
            if found:
                yield " ".join(found[1].split())


COMMANDS = sorted({command for page in _PAGES for command in _shown_on(page)})


def test_the_pages_show_most_commands() -> None:
    """So that this module looks where it means to look."""
    words = {command.split()[0] for command in COMMANDS}
    assert words >= {
        "init",
        "run",
        "demo",
        "check",
        "doctor",
        "ask",
        "chat",
        "eval",
        "faq",
        "state",
    }
    assert all((Path(__file__).parent / module).exists() for module in _ELSEWHERE.values())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds all which the pages speak of."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(DEFAULT, folder / "prompts")
    mine = own_folder(folder / "own", rules="rules: []\n", company="name: Tea House\n")
    (mine / "faq").mkdir()
    (mine / "faq" / "all.yaml").write_text(ENTRIES, "utf-8")
    (mine / "system.md").write_text("Be kind.", "utf-8")
    (folder / "help-centre").mkdir()
    (folder / "help-centre" / "care.md").write_text("# Care\n\nWash it by hand.\n", "utf-8")
    asked = "".join(json.dumps(one) + "\n" for one in ASKED)
    (folder / "questions.jsonl").write_text(asked, "utf-8")
    (folder / "table.csv").write_text("question,answer\nDo you ship?,Yes.\n", "utf-8")
    before = re.search(
        r"before\.yaml +# (messages: .*)", (_ROOT / "docs" / "prompts-folder.md").read_text("utf-8")
    )
    assert before
    (folder / "before.yaml").write_text(before[1], "utf-8")

    async def make_state() -> None:
        store = await opened(folder / "agentbot.db")
        await settle(store, "a")
        await store.close()
        await asyncio.to_thread(back_up, folder / "agentbot.db", folder / "copy.db")

    asyncio.run(make_state())
    return folder


def to_run() -> list[tuple[str, ...]]:
    """Return the words of the commands that are run here, each once."""
    walked = set(_shown_on(_WALKED)) | {"demo"}
    here = [one for one in COMMANDS if not one.startswith(tuple(_ELSEWHERE)) and one not in walked]
    return sorted({tuple(_STANDS_FOR.get(word, word) for word in shlex.split(one)) for one in here})


@pytest.mark.parametrize("command", to_run(), ids=" ".join)
async def test_it_does_what_it_says(desk: Path, command: tuple[str, ...], tmp_path: Path) -> None:
    """As it stands on the page, in a folder where what it names is there: exit 0."""
    words = list(command)
    match words:
        case ["ask"]:
            words += ["Do you ship?"]
        case ["demo", *_]:
            words += ["--once", "Do you ship?"]
        case ["faq", "import", "questions.jsonl"]:
            words = ["faq", "import", "help-centre"]
        case ["state", "backup" | "restore" as what, _]:
            words = ["state", what, "copy.db" if what == "restore" else str(tmp_path / "b")]
        case ["init", *_] if "--company" not in words:
            words += ["--company", "Tea House", "--prompts", "new"]
    server = DevServer()
    server.seed()
    async with serve(server) as url:
        words = [word.replace("http://127.0.0.1:4000", url) for word in words]
        settings = {"AGENTBOT_PROMPTS_DIR": "", "AGENTBOT_HTTP__PORT": "0", "HOME": str(desk)}
        if words[0] in {"doctor", "eval"} or "--strict" in words:  # they refuse the example
            settings["AGENTBOT_PROMPTS_DIR"] = str(desk / "own" / "prompts")
        ran = await agentbot(*words, cwd=desk, **login(url, **settings))
    assert ran.code == 0, ran.out + ran.err
