"""The command line: its commands, and how an error becomes a line and an exit code.

A command's module is imported when the command runs: what one needs does not slow down another.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from agentbot import __version__
from agentbot.cli.command import JsonOption, PromptsOption, examples, run_command
from agentbot.cli.groups import GROUPS
from agentbot.cli.running import guarded

_LAST_PORT = 65535
"""The highest number of a TCP port: it has 16 bits."""

app = typer.Typer(
    name="agentbot",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # boxes around the help take as long to load as all the rest
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog=(
        "Begin with `agentbot demo`. For a bot of your own: init, check, doctor, run. Each has more"
        " to say, and examples, in its own --help."
    ),
)


def main() -> None:
    """Run the command line: see :func:`agentbot.cli.running.guarded`."""
    guarded(partial(app, prog_name="agentbot"))  # as `python -m agentbot` too


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"agentbot {__version__}")
        raise typer.Exit


@app.callback()
def _every_command(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Answer customers in Papercups live chat: rules first, then FAQ, then an LLM."""


@app.command()
def run() -> None:
    """Answer customers, until stopped.

    Settings come from the environment and from .env: PAPERCUPS_URL, PAPERCUPS_EMAIL and
    PAPERCUPS_PASSWORD are needed; AGENTBOT_PROMPTS_DIR, AGENTBOT_MODE (reply, suggest, dry_run),
    AGENTBOT_STATE_URL, AGENTBOT_HTTP__PORT, OPENAI_API_KEY, OPENAI_BASE_URL and LOG_LEVEL are those
    most often wanted; .env.example lists all. SIGTERM and Ctrl-C finish the turns that have begun,
    SIGHUP reads the prompts again.
    """
    run_command("run")


@app.command(epilog=examples('agentbot init --company "Nordlys Books" --language en'))
def init(
    *,
    company: Annotated[str | None, typer.Option(help="The company's name.")] = None,
    language: Annotated[str | None, typer.Option(help="en, de, fr, es, pt, nl, it or pl.")] = None,
    url: Annotated[str | None, typer.Option(help="Papercups' address; else PAPERCUPS_URL.")] = None,
    email: Annotated[str | None, typer.Option(help="Its login; else PAPERCUPS_EMAIL.")] = None,
    password: Annotated[
        str | None,
        typer.Option(help="Its password; better in PAPERCUPS_PASSWORD, which others cannot see."),
    ] = None,
    hours: Annotated[
        str | None,
        typer.Option(
            help='"mon-fri 9:00-17:00, sat 10:00-14:00", always, or account (Papercups\').'
        ),
    ] = None,
    time_zone: Annotated[str | None, typer.Option(help="Of --hours: Europe/Oslo.")] = None,
    holidays: Annotated[str | None, typer.Option(help="A country's code, such as NO.")] = None,
    region: Annotated[str | None, typer.Option(help="Its part, such as BY.")] = None,
    after_hours: Annotated[str | None, typer.Option(help="answer, notice or window.")] = None,
    notify_url: Annotated[
        str | None,
        typer.Option(help="A webhook that is told of hand-overs; for AGENTBOT_NOTIFY__URL."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<file>",
            help="Write this file alone, in full: texts.yaml, hours.yaml, faq, schema …",
        ),
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(help="The folder to write; else AGENTBOT_PROMPTS_DIR or ./prompts."),
    ] = None,
) -> None:
    """Write your own prompts folder and .env.

    A few questions are asked; each has an option, for scripts. Nothing is overwritten.
    """
    given = {
        "company": company,
        "language": language,
        "url": url,
        "email": email,
        "password": password,
        "hours": hours,
        "time-zone": time_zone,
        "holidays": holidays,
        "region": region,
        "after-hours": after_hours,
        "notify-url": notify_url,
    }
    run_command("init.command", prompts=prompts, only=tuple(only or ()), given=given)


@app.command(
    epilog=examples(
        'agentbot demo --once "Do you ship to Norway?"', "agentbot demo --prompts prompts"
    )
)
def demo(
    once: Annotated[
        str | None,
        typer.Option(help="Ask this one question, print the reply and its reason, and exit."),
    ] = None,
    llm: Annotated[
        Literal["auto", "local", "none"],
        typer.Option(help="auto: where OPENAI_* is set; local: a real tiny model; none."),
    ] = "auto",
    port: Annotated[
        int, typer.Option(min=0, max=_LAST_PORT, help="Port of the page; 0 takes a free one.")
    ] = 4000,
    prompts: PromptsOption = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,  # noqa: FBT002 - a flag
) -> None:
    """Try it here: server, bot and chat page.

    The server speaks as Papercups does, and lives as long as the command. No key is needed.
    """
    run_command("demo", once=once, llm=llm, port=port, prompts=prompts, browser=browser)


@app.command()
def devserver(
    port: Annotated[
        int, typer.Option(min=0, max=_LAST_PORT, help="Port to listen on; 0 takes a free one.")
    ] = 4000,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
) -> None:
    """Serve as Papercups does, in memory.

    REST and socket, for bots and programs that are tried out. It prints how to log in.
    """
    run_command("devserver", host=host, port=port)


@app.command(epilog=examples("agentbot check --strict"))
def check(
    prompts: PromptsOption = None,
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 78 where there is a warning, for CI.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check settings and prompts, offline.

    Every problem is told with its place, and what to write instead.
    """
    run_command("check", prompts=prompts, strict=strict, as_json=as_json)


@app.command(epilog=examples("agentbot doctor --json"))
def doctor(prompts: PromptsOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Try all that the bot needs, online.

    Each line is ok, or says what to do; a bot that runs is not disturbed. On this machine: prompts,
    state, disk, a running bot. On the way: names, TLS, HTTP, clocks. At Papercups: login, role,
    account, hours, socket, joins, presence, other bots. Then the tools of tools.yaml, the language
    model, which is asked for one word, the webhook and the collector of traces.
    """
    run_command("doctor.command", prompts=prompts, as_json=as_json)


@app.command(
    epilog=examples(
        'agentbot ask "Do you ship?" --at "2026-12-24 22:10"',
        'agentbot ask "And there?" --conversation before.yaml',
    )
)
def ask(
    question: Annotated[
        str | None,
        typer.Argument(help="What a customer would write; may be left out with --conversation."),
    ] = None,
    *,
    at: Annotated[
        str | None, typer.Option(help='When, such as "2026-12-24 22:10", in the hours\' time zone.')
    ] = None,
    agents_online: Annotated[int, typer.Option(min=0, help="How many people are online.")] = 0,
    name: Annotated[str | None, typer.Option(help="The customer's name.")] = None,
    email: Annotated[str | None, typer.Option(help="The customer's e-mail address.")] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="The customer's time zone, such as Europe/Oslo.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="How they write: chat, email, sms. Else chat.")
    ] = None,
    attachments: Annotated[int, typer.Option(min=0, help="How many files they send along.")] = 0,
    conversation: Annotated[
        Path | None,
        typer.Option(help="A YAML file: messages (customer, person, bot), customer, source, tags."),
    ] = None,
    llm: Annotated[
        Literal["auto", "local", "none"],
        typer.Option(help="auto: where OPENAI_* is set; local: a real tiny model; none."),
    ] = "auto",
    prompts: PromptsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the bot would answer, and why.

    The language model is asked where rules and FAQ have no answer: its act, its sources, what the
    checks found, and what it has cost are shown. Opening hours come from hours.yaml, else from the
    account where PAPERCUPS_* is set.
    """
    from agentbot.cli.situation import Situation  # noqa: PLC0415 - see the module's docstring

    situation = Situation(
        now=datetime.now(UTC),
        agents_online=agents_online,
        name=name,
        email=email,
        time_zone=time_zone,
        source=source,
        attachments=attachments,
    )
    run_command(
        "ask",
        question,
        at=at,
        prompts=prompts,
        conversation=conversation,
        llm=llm,
        situation=situation,
        as_json=as_json,
    )


@app.command(epilog=examples('echo "Do you ship?" | agentbot chat'))
def chat(
    account: Annotated[
        str | None, typer.Option(help="The account's id; else that of PAPERCUPS_EMAIL.")
    ] = None,
    name: Annotated[str, typer.Option(help="The customer's name.")] = "Visitor",
    email: Annotated[str | None, typer.Option(help="The customer's e-mail address.")] = None,
    wait: Annotated[
        float, typer.Option(min=0.0, help="Seconds to wait for the last answer at the end.")
    ] = 60.0,
) -> None:
    """Be a customer, in the terminal.

    What is typed is said, what is answered is printed; in a pipe each line is one message. It is
    said to the Papercups of PAPERCUPS_URL, in a conversation of its own.
    """
    run_command("chat", account=account, name=name, email=email, wait=wait)


@app.command()
def version() -> None:
    """Print the version."""
    _print_version(True)  # noqa: FBT003 - see there


for _name, _group in GROUPS.items():
    app.add_typer(_group, name=_name)
