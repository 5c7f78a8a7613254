"""`agentbot init` asks, writes what is not there, and leaves a bot that answers."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import stat
import sys
import time
from pathlib import Path

import pytest

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.devserver.store.records import WorkingHours
from agentbot.pipeline.prompts import load_prompts
from tests.cli.test_commands import agentbot, login
from tests.support.environment import bare_environ
from tests.support.timing import TIMEOUT_SCALE, within

ENGLISH = ("init", "--company", "Tea House")
_GIVE_UP_AFTER = 60.0
"""Seconds, scaled, in which a command on a terminal must ask its next question."""


def contents(folder: Path) -> dict[Path, bytes]:
    """Return what a folder's files hold."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in files}


async def test_a_first_folder_is_written_checked_and_told(tmp_path: Path) -> None:
    """With what comes next; the password is for its owner alone."""
    ran = await agentbot(
        *ENGLISH,
        "--url=https://papercups.example.com",
        "--hours=mon-fri 9-17",
        "--time-zone=europe/oslo",
        "--holidays=no",
        cwd=tmp_path,
        AGENTBOT_PROMPTS_DIR="",
    )
    assert ran.code == 0, ran.err
    prompts = await asyncio.to_thread(load_prompts, tmp_path / "prompts")
    assert prompts.company.name == "Tea House"
    assert prompts.hours is not None
    assert str(prompts.hours.default.zone) == "Europe/Oslo"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert "fill in PAPERCUPS_EMAIL, PAPERCUPS_PASSWORD in .env" in ran.out
    checked = await agentbot("check", cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    assert checked.code == 0, checked.err
    assert "warning" not in checked.out


async def test_what_cannot_be_written_is_told_and_not_left_in_part(tmp_path: Path) -> None:
    """A file cut short would be kept by the next `init`, and a bot would read it."""
    limited = ("import resource, sys", "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))")
    started = ("from agentbot.cli import main", "main()")
    # Other files would be cut short too: what is reached is not measured, and nothing compiled is
    # kept, for all of this tree would be read from that.
    environ = {
        name: value for name, value in bare_environ().items() if not name.startswith("COVERAGE_")
    } | {"PYTHONDONTWRITEBYTECODE": "1"}
    ran = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "\n".join((*limited, *started)), *ENGLISH, "--language=en"),
        cwd=tmp_path,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with within(_GIVE_UP_AFTER):
        _, err = await ran.communicate()
    assert ran.returncode == 78
    last = err.decode().splitlines()[-1]
    assert last.startswith("agentbot: prompts/rules.yaml: cannot be written: File too large (name")
    assert not (tmp_path / "prompts" / "rules.yaml").exists()


async def test_what_is_missing_without_a_terminal_is_told_at_once(tmp_path: Path) -> None:
    """Exit 2, every option by name, and nothing is written."""
    ran = await agentbot("init", "--hours", "mon 9-17", cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    assert ran.code == 2
    said = " ".join(ran.err.replace("│", " ").split())
    assert "--company (its name)" in said
    assert "--time-zone" in said
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("language", "xx", "en, de, fr"),
        ("hours", "someday 9-17", "is no day"),
        ("time-zone", "Europe/Olso", "Europe/Oslo"),
        ("holidays", "XX", "not known"),
        ("after-hours", "sleep", "answer, notice, window"),
        ("url", "papercups", "https://"),
        ("email", "bot", "e-mail address"),
        ("only", "text.yaml", "texts.yaml"),
    ],
)
async def test_a_wrong_option_is_named(tmp_path: Path, option: str, value: str, said: str) -> None:
    """With what it may be; exit 2."""
    given = {"hours": "mon 9-17", "time-zone": "Europe/Oslo", option: value}
    options = [f"--{name}={text}" for name, text in given.items()]
    ran = await agentbot(*ENGLISH, *options, cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    assert ran.code == 2
    assert f"--{option}" in ran.err
    assert said in " ".join(ran.err.replace("│", " ").split())
    assert contents(tmp_path) == {}


async def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    """Its value is taken without asking, so nobody has looked at it."""
    ran = await agentbot(*ENGLISH, cwd=tmp_path, AGENTBOT_PROMPTS_DIR="", PAPERCUPS_URL="shop")
    assert ran.code == 78
    assert "PAPERCUPS_URL: write a web address" in ran.err


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A second time all is kept, and said to be; so is a file that is not ours."""
    (tmp_path / ".env").write_text("PAPERCUPS_URL=http://localhost:1\n", encoding="utf-8")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "rules.yaml").write_text("rules: []\n", encoding="utf-8")
    ran = await agentbot(*ENGLISH, cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    assert ran.code == 0, ran.err
    assert "kept   prompts/rules.yaml" in ran.out
    assert "kept   .env" in ran.out
    assert (tmp_path / "prompts" / "rules.yaml").read_text(encoding="utf-8") == "rules: []\n"
    before = contents(tmp_path)
    again = await agentbot("init", "--company", "Other", cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    assert again.code == 0, again.err
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("texts.yaml", ["--language=fr"]),
        ("policy.yaml", []),
        ("system.md", []),
        ("rules.yaml", []),
        ("company.yaml", ["--company=Tea House"]),
        ("hours.yaml", ["--hours=mon 9-17", "--time-zone=Europe/Oslo"]),
        ("faq", []),
        ("schema", []),
    ],
)
async def test_one_file_can_be_written_alone(tmp_path: Path, name: str, options: list[str]) -> None:
    """With the questions that it needs, and no others."""
    ran = await agentbot("init", "--only", name, *options, cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    assert "wrote" in ran.out, ran.err
    assert {path.parts[:2] for path in contents(tmp_path)} == {("prompts", name)}


async def test_beside_the_example_another_folder_is_written(tmp_path: Path) -> None:
    """As in agentbot's own sources, where ./prompts is the example; .env says which one counts."""
    (tmp_path / "prompts").mkdir()
    company = "name: Fjord & Fern\n"
    (tmp_path / "prompts" / "company.yaml").write_text(company, encoding="utf-8")
    ran = await agentbot(*ENGLISH, cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    assert ran.code == 0, ran.err
    assert "AGENTBOT_PROMPTS_DIR=./my-prompts" in (tmp_path / ".env").read_text(encoding="utf-8")
    mine = await asyncio.to_thread(load_prompts, tmp_path / "my-prompts")
    assert mine.company.name == "Tea House"


async def test_the_account_tells_name_and_hours_and_the_bot_then_answers(tmp_path: Path) -> None:
    """From nothing to an answer: init, run, and a customer's question."""
    server = DevServer()
    account, _, _ = server.seed()
    account.company_name, account.time_zone = "Kettle & Co", "Europe/Oslo"
    account.working_hours = (WorkingHours("everyday", 0, 1440),)
    async with serve(server) as url:
        options = [f"--url={url}", "--email=bot@example.com", f"--password={DEMO_PASSWORD}"]
        ran = await agentbot(
            "init", *options, "--holidays=NO", cwd=tmp_path, AGENTBOT_PROMPTS_DIR=""
        )
        assert ran.code == 0, ran.err
        prompts = await asyncio.to_thread(load_prompts, tmp_path / "prompts")
        assert prompts.company.name == "Kettle & Co"
        assert prompts.hours is not None
        assert len(prompts.hours.default.week[6]) == 1
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agentbot", "run"),
            cwd=tmp_path,
            env={**bare_environ(), "AGENTBOT_HTTP__PORT": "0"},
            stderr=asyncio.subprocess.PIPE,
        )
        customer = server.store.add_customer({"account_id": account.id, "name": "Vera"})
        conversation = server.store.add_conversation(
            {"account_id": account.id, "customer_id": customer.id}
        )
        server.store.add_message(
            {
                "account_id": account.id,
                "conversation_id": conversation.id,
                "customer_id": customer.id,
                "body": "When are you open?",
            }
        )
        async with within(_GIVE_UP_AFTER):
            while not any(m.type == "bot" for m in server.store.messages.values()):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        running.terminate()
        _, log = await running.communicate()
    [answer] = [m.body for m in server.store.messages.values() if m.type == "bot"]
    assert "0:00" in (answer or ""), log.decode()


async def test_a_login_that_fails_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    """The folder is good without it."""
    options = login("http://127.0.0.1:1", AGENTBOT_PROMPTS_DIR="")
    ran = await agentbot(*ENGLISH, cwd=tmp_path, **options)
    assert ran.code == 0, ran.err
    assert "The account cannot be read" in ran.out
    assert DEMO_PASSWORD in (tmp_path / ".env").read_text(encoding="utf-8")
    assert DEMO_PASSWORD not in ran.out + ran.err


def test_on_a_terminal_it_asks_and_asks_again_what_was_wrong(tmp_path: Path) -> None:
    """Every question, with what Enter means; the password is not shown."""
    typed = ["", "", "", "Tea House", "xx", "de", "mo-fr 9-17", "Europe/Berlin", "de", "by"]
    output = _on_a_terminal([*typed, "", ""], tmp_path)
    assert "there is no 'xx'" in output
    assert "Opening hours (account: those in Papercups), always, or such as" in output
    prompts = load_prompts(tmp_path / "prompts")
    assert prompts.texts.language == "de"
    assert prompts.hours is not None
    assert "region: BY" in (tmp_path / "prompts" / "hours.yaml").read_text(encoding="utf-8")


def test_enter_leaves_the_hours_to_the_account(tmp_path: Path) -> None:
    """Known or not: no question is asked for ever."""
    output = _on_a_terminal(["", "", "", "Tea House", "", "", "", ""], tmp_path)
    assert output.count("Opening hours") == 1
    assert not (tmp_path / "prompts" / "hours.yaml").exists()


def _on_a_terminal(typed: list[str], cwd: Path) -> str:
    """Run init on a terminal, type a line whenever it waits for one; return all that was shown."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(  # noqa: S606 - our own command
            sys.executable,
            [sys.executable, "-m", "agentbot", "init"],
            {**bare_environ(), "TERM": "dumb", "COLUMNS": "200"},
        )
    shown, waiting = b"", list(typed)
    until = time.monotonic() + _GIVE_UP_AFTER * TIMEOUT_SCALE
    try:
        while time.monotonic() < until:
            if not select.select([terminal], [], [], 0.2)[0]:
                if waiting and shown.rstrip(b" ").endswith((b":", b"]")):
                    os.write(terminal, waiting.pop(0).encode() + b"\n")
                    shown += b"\n"
                continue
            try:
                part = os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
    finally:
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown.decode()
    assert waiting == [], shown.decode()
    return shown.decode()


async def test_a_link_that_leads_nowhere_is_no_file_to_keep(tmp_path: Path) -> None:
    """What was to be written, the login among it, would be in no file at all."""
    (tmp_path / ".env").symlink_to(tmp_path / "gone")
    ran = await agentbot(*ENGLISH, cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    assert ran.code == 78
    assert ".env: is a link that leads nowhere (delete the link)" in ran.err
