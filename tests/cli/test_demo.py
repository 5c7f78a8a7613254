"""The demo tells the story of the folder that it is given, and of no other."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from pathlib import Path

import httpx2

from tests.cli.test_commands import agentbot
from tests.support.environment import bare_environ
from tests.support.folders import DEFAULT
from tests.support.timing import within

_GIVE_UP_AFTER = 60.0
"""Seconds, scaled, in which the demo must be there."""
FOREIGN = re.compile("Fjord|Fern|Norway|Bergen|Acme|Vera")
"""What belongs to the example shop, or to the dev server's own account."""


def mine(tmp_path: Path, company: str) -> Path:
    """Return a small folder of one's own."""
    folder = tmp_path / "mine"
    (folder / "faq").mkdir(parents=True)
    (folder / "company.yaml").write_text(company, encoding="utf-8")
    (folder / "faq" / "open.md").write_text("# Is there oolong?\n\nPlenty.\n", encoding="utf-8")
    hours = "time_zone: Asia/Tokyo\nweek: {everyday: [9:00-12:00, 13:00-17:00]}\n"
    (folder / "hours.yaml").write_text(hours, encoding="utf-8")
    return folder


async def config_of(folder: Path, tmp_path: Path) -> tuple[str, str]:
    """Start the demo on a folder; return what its page is told, and all that it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agentbot", "demo", "--port", "0", "--no-browser"),
        *("--prompts", str(folder)),
        cwd=tmp_path,
        env={**bare_environ(), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        async with within(_GIVE_UP_AFTER):
            line = await process.stdout.readuntil(b"Ctrl-C")
            found = re.search(rb"http://\S+/", line)
            assert found, line
            async with httpx2.AsyncClient(trust_env=False) as client:
                config = await client.get(found[0].decode() + "demo/config")
    finally:
        process.send_signal(signal.SIGTERM)
        rest = await process.stdout.read()
        await process.wait()
    return config.text, (line + rest).decode()


async def test_name_and_questions_come_from_the_folder(tmp_path: Path) -> None:
    """Nothing of the example is on the page, nor in the log."""
    company = 'name: Tea House\nsamples: ["Have you got kettles?"]\n'
    config, printed = await config_of(mine(tmp_path, company), tmp_path)
    assert '"company_name":"Tea House"' in config
    assert '"name":"Tea House Bot"' in config
    assert '"samples":["Have you got kettles?"]' in config
    assert not FOREIGN.search(config + printed)


async def test_a_folder_that_names_nothing_gets_plain_words(tmp_path: Path) -> None:
    """And the questions of its FAQ."""
    config, printed = await config_of(mine(tmp_path, "# to be written\n"), tmp_path)
    assert '"company_name":"Your company"' in config
    assert '"samples":["Is there oolong?"]' in config
    assert not FOREIGN.search(config + printed)


async def test_the_example_is_the_example(tmp_path: Path) -> None:
    """With questions that its rules answer."""
    config, _ = await config_of(DEFAULT, tmp_path)
    assert "Fjord & Fern" in config
    assert "Do you ship to Norway?" in config


async def test_one_question_is_asked_of_ones_own_folder(tmp_path: Path) -> None:
    """By a visitor without a name."""
    folder = mine(tmp_path, "name: Tea House\n")
    rule = "rules:\n  - {id: a, matches: oolong, reply: '{{ company.name }}: {{ opening_hours }}."
    (folder / "rules.yaml").write_text(rule + " {{ customer.name }}'}\n", encoding="utf-8")
    ran = await agentbot("demo", "--once", "oolong?", "--prompts", str(folder), cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert ran.out.startswith(
        "Tea House: Monday\N{EN DASH}Sunday 9:00\N{EN DASH}12:00 + 13:00\N{EN DASH}17:00.\n"
    )
