"""The commands that have commands of their own: ``eval``, ``faq``, ``report`` and ``state``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentbot.cli.command import JsonOption, PromptsOption, examples, run_command

_MOST_DAYS = 36_500.0
"""Days: a hundred years, longer than any journal, and dates can still be counted from there."""

eval_app = typer.Typer(no_args_is_help=True, help="Measure decisions on recorded questions.")


@eval_app.command("faq", epilog=examples("agentbot eval faq questions.jsonl --keep"))
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
    """Measure FAQ answers on labelled questions.

    Printed are precision, coverage, what other bars would give, and the worst confusions. With
    --keep the bot goes by these questions from then on: they should be like your customers', those
    that no entry answers among them.
    """
    run_command(
        "eval_faq", questions, precision=precision, prompts=prompts, keep=keep, as_json=as_json
    )


faq_app = typer.Typer(no_args_is_help=True, help="The FAQ's entries.")


@faq_app.command(
    "import",
    epilog=examples(
        "agentbot faq import table.csv > prompts/faq/more.yaml",
        "agentbot faq import help-centre --pages prompts/pages",
    ),
)
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
    """Turn tables and help pages into entries.

    They are printed as YAML, for prompts/faq/.
    """
    run_command("faq_import", source, pages=pages, overwrite=overwrite, dry_run=dry_run)


report_app = typer.Typer(no_args_is_help=True, help="Reports from the journal.")


@report_app.command("gaps", epilog=examples("agentbot report gaps --days 7"))
def report_gaps(
    days: Annotated[
        float, typer.Option(min=0.01, max=_MOST_DAYS, help="How far back to look, in days.")
    ] = 30.0,
    most: Annotated[int, typer.Option(min=1, help="How many groups to list.")] = 20,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """List what nothing answered: what to write.

    Questions of the journal, like ones together, the most frequent first. AGENTBOT_STATE_URL says
    where the journal is.
    """
    run_command("report_gaps", days=days, most=most, as_json=as_json)


state_app = typer.Typer(
    no_args_is_help=True,
    help="The journal and what is kept of customers.\n\nAGENTBOT_STATE_URL says where that is.",
)


@state_app.command("prune")
def state_prune(
    days: Annotated[
        float | None,
        typer.Option(min=0.01, max=_MOST_DAYS, help="Else AGENTBOT_STATE__RETENTION_DAYS."),
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Delete what is older than the retention.

    The bot does so too, once a day.
    """
    run_command("state", "prune", days=days, as_json=as_json)


@state_app.command("export", epilog=examples("agentbot state export > journal.jsonl"))
def state_export() -> None:
    """Print the journal as JSON lines.

    A turn a line, oldest first: what was asked, what was said, why, and what it has cost.
    """
    run_command("state", "export")


@state_app.command("backup", epilog=examples("agentbot state backup copy.db"))
def state_backup(
    file: Annotated[Path, typer.Argument(help="The copy to make.")],
    overwrite: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--overwrite", help="Replace the file that is there.")
    ] = False,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Copy the state, and verify the copy.

    That is what AGENTBOT_STATE_URL names, as it is at one moment: the bot may go on. The copy is an
    SQLite state, of PostgreSQL too. It holds what customers wrote, and is for this user alone.
    """
    run_command("state_copy", "backup", file, overwrite=overwrite, as_json=as_json)


@state_app.command("restore", epilog=examples("agentbot state restore copy.db"))
def state_restore(
    file: Annotated[Path, typer.Argument(help="A copy that `state backup` made.")],
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Put a copy back, once it is verified.

    It goes where AGENTBOT_STATE_URL says; stop the bot first. A file that stood there is kept
    beside it; a PostgreSQL must be empty. Either takes a copy of the other. What was answered since
    the copy is found again on the server, and not answered twice.
    """
    run_command("state_copy", "restore", file, as_json=as_json)


@state_app.command("forget")
def state_forget(
    customer_id: Annotated[str, typer.Argument(help="The customer's id.")],
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Erase a customer's data from every table.

    Papercups is asked for their conversations where PAPERCUPS_* is set; what stands on Papercups
    itself stays.
    """
    run_command("state", "forget", customer_id=customer_id, as_json=as_json)


GROUPS = {"eval": eval_app, "faq": faq_app, "report": report_app, "state": state_app}
"""Each group by its name."""
