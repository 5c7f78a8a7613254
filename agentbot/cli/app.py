"""The command line: its commands.

A command's module is imported when the command runs: what one needs does not slow down another.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from agentbot import __version__
from agentbot.cli.running import guarded, run_module

app = typer.Typer(
    name="agentbot",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # boxes around the help take as long to load as all the rest
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)

PromptsOption = Annotated[
    Path | None,
    typer.Option("--prompts", help="The prompts folder; else AGENTBOT_PROMPTS_DIR or ./prompts."),
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")]


def main() -> None:
    """Run the command line: see :func:`agentbot.cli.running.guarded`."""
    guarded(app)


def _run(module: str, *args: Any, **options: Any) -> None:
    """Run the ``main`` of ``agentbot.cli.<module>``, and exit as it says."""
    if code := run_module(module, *args, **options):
        raise typer.Exit(code)


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
    """Answer customers, until stopped. Settings come from the environment and .env."""
    _run("run")


@app.command()
def init(
    *,
    company: Annotated[str | None, typer.Option(help="The company's name.")] = None,
    language: Annotated[str | None, typer.Option(help="en, de, fr, es, pt, nl, it or pl.")] = None,
    url: Annotated[str | None, typer.Option(help="Papercups' address.")] = None,
    email: Annotated[str | None, typer.Option(help="The login of the bot's account.")] = None,
    password: Annotated[
        str | None, typer.Option(help="Its password; better in PAPERCUPS_PASSWORD.")
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
        str | None, typer.Option(help="A webhook that is told of hand-overs.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Write this file alone, in full: texts.yaml, hours.yaml, faq, schema …"),
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(help="The folder to write; else AGENTBOT_PROMPTS_DIR or ./prompts."),
    ] = None,
) -> None:
    """Write your own prompts folder and .env, from a few questions. Nothing is overwritten."""
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
    _run("init.command", prompts=prompts, only=tuple(only or ()), given=given)


@app.command()
def demo(
    once: Annotated[
        str | None,
        typer.Option(help="Ask this one question, print the reply and its reason, and exit."),
    ] = None,
    llm: Annotated[
        Literal["auto", "local", "none"],
        typer.Option(help="auto: where OPENAI_* is set; local: a real tiny model; none."),
    ] = "auto",
    port: Annotated[int, typer.Option(help="Port of the page; 0 takes a free one.")] = 4000,
    prompts: PromptsOption = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,  # noqa: FBT002 - a flag
) -> None:
    """Try it: an embedded Papercups-compatible server, the bot, and a chat page. No key needed."""
    _run("demo", once=once, llm=llm, port=port, prompts=prompts, browser=browser)


@app.command()
def devserver(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 4000,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
) -> None:
    """Run the embedded Papercups-compatible server alone: REST and socket, in memory."""
    _run("devserver", host=host, port=port)


@app.command()
def check(prompts: PromptsOption = None) -> None:
    """Check settings and prompts, offline: every problem with its place and a remedy."""
    _run("check", prompts=prompts)


@app.command()
def doctor(prompts: PromptsOption = None, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Try all that the bot needs, beside a running bot too: each line is ok, or says what to do.

    On this machine: prompts, state, disk, a running bot. On the way: names, TLS, HTTP, clocks. At
    Papercups: login, role, account, hours, socket, joins, presence, other bots. Then the tools of
    tools.yaml and the language model, which is asked for one word.
    """
    _run("doctor.command", prompts=prompts, as_json=as_json)


@app.command()
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
) -> None:
    """Show what the bot would answer, which rule fires, and why the others do not.

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
    _run(
        "ask",
        question,
        at=at,
        prompts=prompts,
        conversation=conversation,
        llm=llm,
        situation=situation,
    )


@app.command()
def chat(
    account: Annotated[
        str | None, typer.Option(help="The account's id; else that of the bot's login.")
    ] = None,
    name: Annotated[str, typer.Option(help="The customer's name.")] = "Visitor",
    email: Annotated[str | None, typer.Option(help="The customer's e-mail address.")] = None,
    wait: Annotated[
        float, typer.Option(min=0.0, help="Seconds to wait for the last answer at the end.")
    ] = 60.0,
) -> None:
    """Be a customer, in the terminal: what is typed is said, what is answered is printed."""
    _run("chat", account=account, name=name, email=email, wait=wait)


@app.command()
def version() -> None:
    """Print the version."""
    _print_version(True)  # noqa: FBT003 - see there


eval_app = typer.Typer(no_args_is_help=True, help="Measure decisions on recorded questions.")
app.add_typer(eval_app, name="eval")


@eval_app.command("faq")
def eval_faq(
    questions: Annotated[
        Path, typer.Argument(help='JSON lines {"text": …, "faq": id or null}, or CSV text,faq.')
    ],
    precision: Annotated[
        float | None, typer.Option(min=0.5, max=0.999, help="Else faq.precision of policy.yaml.")
    ] = None,
    prompts: PromptsOption = None,
    *,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Keep what the questions teach, in faq-calibration.yaml beside faq/."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Measure FAQ answers: precision, coverage, what other bars would give, the worst confusions.

    With --keep the bot goes by these questions from then on: they should be like your customers',
    those that no entry answers among them.
    """
    _run("eval_faq", questions, precision=precision, prompts=prompts, keep=keep, as_json=as_json)


faq_app = typer.Typer(no_args_is_help=True, help="The FAQ's entries.")
app.add_typer(faq_app, name="faq")


@faq_app.command("import")
def faq_import(
    source: Annotated[Path, typer.Argument(help="A CSV file, or help pages: one, or a folder.")],
    pages: Annotated[
        Path | None,
        typer.Option(help="Put the pages there as they are, such as into prompts/pages."),
    ] = None,
    overwrite: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--overwrite", help="Write over pages that are there already.")
    ] = False,
    dry_run: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--dry-run", help="Only say which pages would be written.")
    ] = False,
) -> None:
    """Turn a CSV file or help pages into entries, printed as YAML for prompts/faq/."""
    _run("faq_import", source, pages=pages, overwrite=overwrite, dry_run=dry_run)


report_app = typer.Typer(no_args_is_help=True, help="Reports from the journal.")
app.add_typer(report_app, name="report")


@report_app.command("gaps")
def report_gaps(
    days: Annotated[float, typer.Option(min=0.01, help="How far back to look.")] = 30.0,
    most: Annotated[int, typer.Option(min=1, help="How many groups to list.")] = 20,
) -> None:
    """List the questions that nothing answered, grouped: what to write next."""
    _run("report_gaps", days=days, most=most)


state_app = typer.Typer(no_args_is_help=True, help="The journal and what is kept of customers.")
app.add_typer(state_app, name="state")


@state_app.command("prune")
def state_prune(
    days: Annotated[
        float | None, typer.Option(min=0.01, help="Else AGENTBOT_STATE__RETENTION_DAYS.")
    ] = None,
) -> None:
    """Delete what is older than the retention."""
    _run("state", "prune", days=days)


@state_app.command("export")
def state_export() -> None:
    """Print the journal as JSON lines, oldest first."""
    _run("state", "export")


@state_app.command("forget")
def state_forget(
    customer_id: Annotated[str, typer.Argument(help="The customer's id.")],
) -> None:
    """Erase a customer's data from every table."""
    _run("state", "forget", customer_id=customer_id)
