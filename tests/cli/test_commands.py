"""The commands as an operator meets them: what they print, and how they exit."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from pathlib import Path

import orjson
import pytest
from llmock.pytest_plugin import LLMock

from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer
from agentbot.devserver.store.records import WorkingHours
from agentbot.pipeline.faq.judging.calibration import Calibration
from tests.support.environment import bare_environ
from tests.support.folders import DEFAULT, folder
from tests.support.model import in_form
from tests.support.timing import within
from tests.support.warm_commands import WARM, Ran

_GIVE_UP_AFTER = 60.0
"""Seconds, scaled, in which a process must have done its work."""


async def agentbot(*arguments: str, cwd: Path, **environ: str) -> Ran:
    """Run the command in a warm process, with nothing of this machine's settings.

    Its FAQ goes by words alone, unless a setting says otherwise: no test here is about meaning.
    """
    settings = {
        "AGENTBOT_PROMPTS_DIR": str(DEFAULT),
        "AGENTBOT_FAQ__EMBEDDINGS": "none",
        **environ,
    }
    return await asyncio.to_thread(WARM.run, *arguments, cwd=cwd, environ=settings)


def login(url: str, **changes: str) -> dict[str, str]:
    """Return the environment that logs in at ``url``."""
    return {
        "PAPERCUPS_URL": url,
        "PAPERCUPS_EMAIL": "bot@example.com",
        "PAPERCUPS_PASSWORD": DEMO_PASSWORD,
        **changes,
    }


async def test_demo_answers_one_question_with_its_reason(tmp_path: Path) -> None:
    """No key, no network, no browser: the reply, its reason, exit 0."""
    ran = await agentbot("demo", "--once", "Do you ship to Norway?", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "we ship to Norway" in ran.out
    assert "replied by rule shipping-norway" in ran.out
    assert "Traceback" not in ran.err


def _without_notes(said: str) -> str:
    """Return what was said without the lines that only tell of a slow machine."""
    return "".join(line for line in said.splitlines(keepends=True) if not line.startswith("note: "))


@pytest.mark.parametrize("arguments", [("check",), ("check", "--prompts", "nowhere"), ("frob",)])
async def test_in_a_process_of_its_own_it_is_the_same(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """What is printed, where, and the exit code: so the other tests may use the warm process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agentbot", *arguments),
        cwd=tmp_path,
        env={**bare_environ(), "AGENTBOT_FAQ__EMBEDDINGS": "none"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with within(_GIVE_UP_AFTER):
        out, err = await process.communicate()
    warm = await agentbot(*arguments, cwd=tmp_path, AGENTBOT_PROMPTS_DIR="")
    alone = (out.decode(), _without_notes(err.decode()), process.returncode)
    assert alone == (warm.out, _without_notes(warm.err), warm.code)
    assert warm.out + warm.err


async def test_the_help_names_every_command(tmp_path: Path) -> None:
    """What there is, a newcomer finds."""
    ran = await agentbot("--help", cwd=tmp_path)
    assert ran.code == 0
    for command in ("run", "demo", "devserver", "check", "doctor", "chat", "ask", "eval", "report"):
        assert command in ran.out


async def test_no_command_prints_a_secret_of_the_settings(tmp_path: Path) -> None:
    """Neither to stdout nor to stderr, wherever it comes from."""
    place = tmp_path / "sk-verysecretkey123"
    shutil.copytree(DEFAULT, place)
    key = {"OPENAI_API_KEY": "sk-verysecretkey123\n"}
    ran = await agentbot("check", "--prompts", str(place), cwd=tmp_path, **key)
    assert ran.code == 0, ran.err
    assert "[redacted]" in ran.out
    failed = await agentbot("check", "--prompts", f"{place}-2", cwd=tmp_path, **key)
    assert failed.code == 78
    assert "[redacted]" in failed.err
    assert "sk-very" not in ran.out + ran.err + failed.out + failed.err


async def test_a_time_for_the_model_that_a_turn_does_not_have_is_warned_of(tmp_path: Path) -> None:
    """The setting alone would look as if it were heeded."""
    changes = {"OPENAI_API_KEY": "sk-test", "AGENTBOT_LLM__TIMEOUT_SECONDS": "60"}
    ran = await agentbot("check", cwd=tmp_path, **changes)
    assert ran.code == 0, ran.err
    assert "AGENTBOT_LLM__TIMEOUT_SECONDS=60 is cut short" in ran.out
    ran = await agentbot("check", cwd=tmp_path, **changes, AGENTBOT_TURNS__DEADLINE_SECONDS="90")
    assert "cut short" not in ran.out


async def test_strict_makes_a_warning_fail(tmp_path: Path) -> None:
    """For CI; the same is printed, and a folder without warnings is good."""
    changes = {"OPENAI_API_KEY": "sk-test", "AGENTBOT_LLM__TIMEOUT_SECONDS": "60"}
    ran = await agentbot("check", "--strict", cwd=tmp_path, **changes)
    assert ran.code == 78
    assert "cut short" in ran.out
    own = folder(tmp_path, rules="rules: []\n", company="name: Own\n", system="You are kind.")
    ran = await agentbot("check", "--strict", "--json", "--prompts", str(own), cwd=tmp_path)
    found = orjson.loads(ran.out)
    assert (ran.code, found["warnings"], found["rules"]) == (0, [], 0)
    assert found["responders"] == ["rules", "otherwise"]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--at", "0001-01-01 00:00", "--at: '0001-01-01 00:00' is not a time (write"),
        ("--at", "9999-12-31 23:59", "--at: '9999-12-31 23:59' is not a time (write"),
        ("--at", "noon", "--at: 'noon' is not a time (write"),
        ("--time-zone", "Oslo", "--time-zone: there is no time zone 'Oslo' (write one such as"),
    ],
)
async def test_a_situation_that_there_is_not_is_refused(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    """In one line, where it would be left out or counted with otherwise, and before all else."""
    ran = await agentbot("ask", "?", option, value, "--prompts", "nowhere", cwd=tmp_path)
    assert ran.code == 78
    assert ran.err.startswith(f"agentbot: {said}")
    assert len(ran.err.splitlines()) == 1


async def test_what_is_asked_is_told_as_json_too(tmp_path: Path) -> None:
    """The decision, and every step that led to it."""
    ran = await agentbot("ask", "Do you ship to Norway?", "--json", cwd=tmp_path)
    found = orjson.loads(ran.out)
    assert (found["outcome"], found["by"], found["source"]) == ("reply", "rule", "shipping-norway")
    assert {"guard/closed", "rules"} <= {step["name"] for step in found["why"]}


async def test_embeddings_that_fail_are_warned_of_and_those_refused_end_it(tmp_path: Path) -> None:
    """A server that is away comes back; a wrong key does not mend itself."""
    answers: list[tuple[int, str]] = [(503, "busy"), (401, "no such key: sk-verysecretkey123")]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        status, said = answers[0]
        head = f"HTTP/1.1 {status} No\r\ncontent-length: {len(said)}\r\nconnection: close\r\n\r\n"
        writer.write((head + said).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    changes = {
        "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
        "OPENAI_API_KEY": "sk-verysecretkey123",
        "AGENTBOT_FAQ__EMBEDDINGS": "provider",
        "AGENTBOT_FAQ__CACHE_DIR": str(tmp_path),
    }
    async with server:
        ran = await agentbot("check", cwd=tmp_path, **changes)
        assert ran.code == 0, ran.err
        assert "the FAQ goes by words alone for now: server: no embeddings: 503: busy" in ran.out
        answers.pop(0)
        ran = await agentbot("check", cwd=tmp_path, **changes)
    assert ran.code == 78
    assert "AGENTBOT_FAQ__EMBEDDINGS: the provider refuses" in ran.err
    assert "no such key: [redacted]" in ran.err


async def test_check_says_what_it_read(tmp_path: Path) -> None:
    """A good folder: counts, and exit 0."""
    ran = await agentbot("check", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "settings: ok" in ran.out
    assert "FAQ entries, 2 pages of 5 pieces, responders" in ran.out


@pytest.mark.parametrize(
    ("rules", "place", "hint"),
    [
        ("rules:\n  - id: a\n    reply: 'x'\n    wenn: 'true'\n", "rules.yaml:4", "when"),
        ("rules:\n  - id: a\n    when: txt == 'x'\n    reply: x\n", "rules.yaml:3", "text"),
        ("rules:\n  - id: a\n    reply: '{{ custmer.name }}'\n", "rules.yaml:3", "customer"),
        ("rules:\n  - id: a\n    reply: '{{ text'\n", "rules.yaml:3", ""),
        ("rules:\n  - id: a\n   reply: x\n", "rules.yaml:3", ""),
        ("rules:\n  - id: a\n    matches: '(a'\n    reply: x\n", "rules.yaml:3", ""),
    ],
)
async def test_a_broken_folder_is_named_by_file_and_line(
    tmp_path: Path, rules: str, place: str, hint: str
) -> None:
    """File, line, what is wrong and what to write instead; exit 78; never a traceback."""
    broken = folder(tmp_path, rules=rules)
    ran = await agentbot("check", "--prompts", str(broken), cwd=tmp_path)
    assert ran.code == 78
    assert place in ran.err
    assert hint in ran.err
    assert "Traceback" not in ran.err


async def test_ask_shows_why_each_rule_does_not_fire(tmp_path: Path) -> None:
    """The decision first, then every guard and rule with its reason."""
    ran = await agentbot(
        "ask", "I want to talk to a human", "--at", "2026-12-24 22:10", cwd=tmp_path
    )
    assert ran.code == 0, ran.err
    assert "handoff (by rule human)" in ran.out
    assert "rules/urgent" in ran.out
    assert "the text holds none of" in ran.out


async def test_ask_calls_an_offer_by_its_name(tmp_path: Path) -> None:
    """Its questions stand in the text and on the buttons."""
    asked = ("ask", "refund and delivery", "--prompts", str(DEFAULT))
    ran = await agentbot(*asked, cwd=tmp_path, AGENTBOT_FAQ__EMBEDDINGS="none")
    assert ran.out.startswith("offered (by faq): faq_unsure")
    assert "- When do I get my money back?" in ran.out
    assert "[ When do I get my money back? ]" in ran.out
    found = ran.out.partition("\nfound:\n")[2].splitlines()
    assert found[0].split()[0] in {"refund-time", "delivery-time"}
    assert found[0].split()[1].startswith("0.")


async def test_ask_says_what_the_faq_cannot_do(tmp_path: Path) -> None:
    """A calibration that is not used, say: else nobody knows why it is less sure than it was."""
    prompts = folder(tmp_path / "prompts", texts="language: en")
    (prompts / "faq").mkdir(exist_ok=True)
    (prompts / "faq" / "a.md").write_text("# Do you ship?\n\nYes.\n", encoding="utf-8")
    kept = Calibration(
        made_on="2026-11-26",
        questions=20,
        answerable=20,
        search="another",
        judge="0",
        slope=1.0,
        shift=0.0,
        bars={},
        entries=frozenset(),
    )
    (prompts / "faq-calibration.yaml").write_text(kept.text(), encoding="utf-8")
    ran = await agentbot("ask", "Do you ship?", "--prompts", str(prompts), cwd=tmp_path)
    assert "note: faq-calibration.yaml: this file is not used" in ran.err
    assert "Yes." in ran.out


async def test_ask_asks_the_language_model_too(tmp_path: Path, llmock: LLMock) -> None:
    """Where neither rules nor FAQ answer; with its sources, what the checks found, and the cost."""
    gate = "If money was taken without an order, the bank lets it go by itself within a few days."
    named = in_form(gate, sources=["payment-failed"])
    invented = in_form("Your fern gets €500 back.", sources=["payment-failed"])
    llmock.reply(named).reply(invented)
    asked = ("ask", "Will the bank let my fern go?", "--prompts", str(DEFAULT))
    model = {
        "OPENAI_BASE_URL": llmock.base_url(),
        "OPENAI_MODEL": "gpt-4o",
        "AGENTBOT_FAQ__CACHE_DIR": str(tmp_path / "cache"),
    }
    ran = await agentbot(*asked, cwd=tmp_path, **model)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("reply (by llm payment-failed): llm: the model answered\n")
    assert f"{gate}\n\nsources: payment-failed\n" in ran.out
    assert re.search(r"model: openai: gpt-4o, \d+ tokens read and \d+ written, \$0\.0", ran.out)
    ran = await agentbot(*asked, cwd=tmp_path, **model)
    assert ran.code == 0
    assert ran.out.startswith("handoff (by llm): llm_checks: ")
    assert "500" in ran.out.splitlines()[0]
    for options in (("--llm", "none"), ()):
        ran = await agentbot(*asked, *options, cwd=tmp_path, **(model if options else {}))
        assert "model: none" in ran.out
    assert len(llmock.requests) == 2


async def test_ask_and_check_tell_of_a_language_model(tmp_path: Path) -> None:
    """Ask says that it was not needed; check lists it where it is set."""
    asked = ("ask", "Do you ship to Norway?", "--prompts", str(DEFAULT))
    words = {"AGENTBOT_FAQ__EMBEDDINGS": "none"}
    ran = await agentbot(*asked, cwd=tmp_path, OPENAI_API_KEY="sk-x", **words)
    assert re.search(r"\nmodel: openai: \S+, not asked\n", ran.out)
    checked = ("check", "--prompts", str(DEFAULT))
    with_model = await agentbot(*checked, cwd=tmp_path, OPENAI_API_KEY="sk-x", **words)
    assert "responders rules, faq, llm, otherwise" in " ".join(with_model.out.split())
    alone = await agentbot(*checked, cwd=tmp_path, **words)
    assert "responders rules, faq, otherwise" in " ".join(alone.out.split())


async def test_ask_takes_the_hours_of_the_account_where_it_can(tmp_path: Path) -> None:
    """Where it cannot, it says that it counts as always open: an after-hours rule never fires."""
    prompts = folder(
        tmp_path / "prompts",
        rules="rules: [{id: h, reply: '{% if inside_hours %}open{% else %}shut{% endif %}'}]",
    )
    asked = ("ask", "?!", "--at", "2026-11-28 03:00", "--prompts", str(prompts))
    alone = await agentbot(*asked, cwd=tmp_path)
    assert "open" in alone.out.splitlines()
    assert "no opening hours are known" in alone.err
    server = DevServer()
    account, _, _ = server.seed()
    account.time_zone = "Europe/Oslo"
    account.working_hours = (WorkingHours("weekdays", 540, 1020),)
    async with serve(server) as url:
        ran = await agentbot(*asked, cwd=tmp_path, **login(url))
    assert "shut" in ran.out.splitlines()
    assert "no opening hours are known" not in ran.err


async def test_the_version_is_said_both_ways(tmp_path: Path) -> None:
    """As a command and as an option."""
    command, option = (
        await agentbot("version", cwd=tmp_path),
        await agentbot("--version", cwd=tmp_path),
    )
    assert command.out == option.out
    assert command.out.startswith("agentbot ")


async def test_a_wrong_password_exits_77_with_one_line(tmp_path: Path) -> None:
    """Login refused: no traceback, no log of retries, what to check."""
    server = DevServer()
    server.seed()
    async with serve(server) as url:
        environ = login(url, PAPERCUPS_PASSWORD="wrong", AGENTBOT_HTTP__PORT="0")
        ran = await agentbot("run", cwd=tmp_path, **environ)
        doctored = await agentbot("doctor", cwd=tmp_path, **environ)
    assert ran.code == 77
    lines = [line for line in ran.err.splitlines() if line.startswith("agentbot:")]
    assert len(lines) == 1
    assert "PAPERCUPS_PASSWORD" in lines[0]
    assert "Traceback" not in ran.err
    assert doctored.code == 77
    assert "FAIL login" in doctored.out


async def test_doctor_is_content_with_a_good_server(tmp_path: Path) -> None:
    """Each line ok, and the language model not tried where none is set."""
    server = DevServer()
    server.seed()
    async with serve(server) as url:
        ran = await agentbot("doctor", cwd=tmp_path, **login(url))
    assert ran.code == 0, ran.out + ran.err
    for name in ("state", "http", "clock", "login", "account", "socket", "seen from outside"):
        assert f"ok   {name}: " in ran.out
    assert "language model: not tried" in ran.out
    assert "tools: not tried: tools.yaml declares none" in ran.out


async def test_doctor_waits_until_the_bot_is_seen(tmp_path: Path) -> None:
    """The room is empty at first, as on most connections to a real server."""
    server = DevServer()
    server.seed()
    late = server.faults.appear_late(0.5)
    async with serve(server) as url:
        ran = await agentbot("doctor", cwd=tmp_path, **login(url))
    assert ran.code == 0, ran.out + ran.err
    assert "ok   presence: the bot is seen online" in ran.out
    assert late.hits == 1


@pytest.mark.parametrize("command", ["run", "doctor"])
async def test_missing_settings_exit_78(tmp_path: Path, command: str) -> None:
    """All that is missing, by name."""
    ran = await agentbot(command, cwd=tmp_path)
    assert ran.code == 78
    assert "PAPERCUPS_URL, PAPERCUPS_EMAIL, PAPERCUPS_PASSWORD" in ran.out + ran.err


@pytest.mark.parametrize(("command", "code"), [("run", 78), ("doctor", 78), ("check", 0)])
async def test_the_example_is_for_no_real_customers(
    tmp_path: Path, command: str, code: int
) -> None:
    """In an empty folder nothing but the example is there: refused, before anything connects."""
    environ = login("http://papercups.invalid", AGENTBOT_PROMPTS_DIR="", AGENTBOT_HTTP__PORT="0")
    ran = await agentbot(command, cwd=tmp_path, **environ)
    assert ran.code == code, ran.out + ran.err
    assert "agentbot init" in ran.out + ran.err
    assert not (tmp_path / "agentbot.db").exists() or command == "doctor"


async def test_doctor_says_that_nobody_is_there(tmp_path: Path) -> None:
    """Unreachable: exit 69, and what to check."""
    ran = await agentbot("doctor", cwd=tmp_path, **login("http://127.0.0.1:1"))
    assert ran.code == 69
    assert "PAPERCUPS_URL" in ran.out


async def test_doctor_says_that_it_is_not_papercups(tmp_path: Path) -> None:
    """A server that speaks HTML is named as such."""
    server = DevServer()
    server.seed()
    server.faults.answer(
        status=200, body="<html>welcome</html>", content_type="text/html", method="POST"
    )
    async with serve(server) as url:
        ran = await agentbot("doctor", cwd=tmp_path, **login(url))
    assert ran.code == 1
    assert "FAIL login" in ran.out
    assert "PAPERCUPS_URL" in ran.out


async def test_eval_faq_prints_what_the_questions_show(tmp_path: Path) -> None:
    """Precision, coverage and abstentions of a file of questions."""
    questions = tmp_path / "questions.jsonl"
    lines = [
        {"text": "What is your return policy?", "faq": "returns"},
        {"text": "Why is the sky blue?", "faq": None},
    ]
    questions.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    ran = await agentbot("eval", "faq", str(questions), cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "precision" in ran.out
    assert "coverage" in ran.out
    assert "*    90%" in ran.out
    assert "99%" in ran.out


async def test_the_journal_is_exported_reported_pruned_and_forgotten(tmp_path: Path) -> None:
    """What a bot left behind can be read and erased beside it."""
    server = DevServer()
    account, bot, _ = server.seed()
    customer = server.store.add_customer({"account_id": account.id, "name": "Vera"})
    conversation = server.store.add_conversation(
        {"account_id": account.id, "customer_id": customer.id}
    )
    server.store.add_message(
        {
            "account_id": account.id,
            "conversation_id": conversation.id,
            "customer_id": customer.id,
            "body": "Which fern suits a dark bathroom?",
        }
    )
    async with serve(server) as url:
        environ = login(url, AGENTBOT_HTTP__PORT="0", AGENTBOT_CATCH_UP__SETTLE_SECONDS="0.2")
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "agentbot",
            "run",
            cwd=tmp_path,
            env={**bare_environ(), "AGENTBOT_PROMPTS_DIR": str(DEFAULT), **environ},
            stderr=asyncio.subprocess.PIPE,
        )
        async with within(_GIVE_UP_AFTER):
            while not any(m.type == "bot" for m in server.store.messages.values()):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        running.terminate()
        _, log = await running.communicate()
        assert running.returncode == 0, log.decode()
        exported = await agentbot("state", "export", cwd=tmp_path, **environ)
        gaps = await agentbot("report", "gaps", cwd=tmp_path, **environ)
        forgotten = await agentbot("state", "forget", customer.id, cwd=tmp_path, **environ)
        empty = await agentbot("state", "export", cwd=tmp_path, **environ)
    [record] = [orjson.loads(line) for line in exported.out.splitlines()]
    assert record["question"] == "Which fern suits a dark bathroom?"
    assert "1 questions" in gaps.out
    assert "dark bathroom" in gaps.out
    assert forgotten.code == 0, forgotten.err
    assert empty.out == ""
    assert bot.email not in exported.out


async def test_help_pages_become_faq_entries(tmp_path: Path) -> None:
    """What is printed is a file for prompts/faq that loads."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "shipping.md").write_text("# How long does shipping take?\n\nThree days.\n")
    ran = await agentbot("faq", "import", str(pages), cwd=tmp_path)
    assert ran.code == 0, ran.err
    made = folder(tmp_path)
    (made / "faq").mkdir(exist_ok=True)
    (made / "faq" / "imported.yaml").write_text(ran.out)
    checked = await agentbot("check", "--prompts", str(made), cwd=tmp_path)
    assert checked.code == 0, checked.err
    assert "1 FAQ entries" in checked.out
