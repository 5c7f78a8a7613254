"""``agentbot init``: the operator's own folder and .env, from a few questions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import typer

from agentbot.cli.example import trace_of_example
from agentbot.cli.exit_codes import EXIT_CONFIGURATION
from agentbot.cli.init.asking import Asking, loaded
from agentbot.cli.init.questions import Questions
from agentbot.cli.init.starter import FAQ, Answers, env_file, full_file, starter_files
from agentbot.config import read_variables
from agentbot.errors import ConfigurationError
from agentbot.pipeline.prompts import FILES, load_prompts
from agentbot.pipeline.schema import write_all
from agentbot.pipeline.words import did_you_mean

NAMES = (".env", *FILES, "faq", "schema")
"""What can be written, and named with ``--only``."""
_USUAL = tuple(name for name in NAMES if name != "system.md")
"""What is written unless asked otherwise. The instructions that are built in are enough."""
_OTHER_FOLDER = Path("my-prompts")
"""The folder that is written where ./prompts holds the example, as in agentbot's own sources."""


async def main(
    *, prompts: Path | None, only: tuple[str, ...], given: Mapping[str, str | None]
) -> int:
    """Ask, write what is not there yet, and check it. Nothing is ever overwritten."""
    wanted = _wanted(only)
    variables = read_variables()
    folder, why = _folder(prompts, variables)
    if why:
        typer.echo(why)
    asking = Asking(Questions(given), variables, folder, wanted)
    answers = await asking.answers()
    asking.questions.check()
    written = [*_write(folder, wanted, answers, explicit=bool(only))]
    if ".env" in wanted:
        written.append(_write_env(asking.env(folder)))
    for line in written:
        typer.echo(line)
    return _check(folder, variables)


def _wanted(only: tuple[str, ...]) -> tuple[str, ...]:
    for name in only:
        if name not in NAMES:
            raise typer.BadParameter(
                f"{name!r} is none of them: {did_you_mean(name, NAMES)}", param_hint="--only"
            )
    return only or _USUAL


def _folder(prompts: Path | None, variables: Mapping[str, str]) -> tuple[Path, str]:
    """Return the folder to write, and what to say of it: "" where it is the one expected."""
    if prompts is not None:
        return prompts, ""
    if chosen := variables.get("AGENTBOT_PROMPTS_DIR"):
        return Path(chosen), ""
    usual = Path("prompts")
    there = loaded(usual)
    if there is not None and trace_of_example(there):
        return _OTHER_FOLDER, f"./prompts holds the example, so yours is written to {_OTHER_FOLDER}"
    return usual, ""


def _write(
    folder: Path, wanted: tuple[str, ...], answers: Answers, *, explicit: bool
) -> Iterator[str]:
    """Write what is wanted and not there; yield a line on each file."""
    files = starter_files(answers)
    for name in wanted:
        if name == "schema":
            # Made from the program, not written by anybody: a new version brings new ones.
            with _told(folder / name):
                (folder / name).mkdir(parents=True, exist_ok=True)
                write_all(folder / name)
            yield f"wrote  {folder / name}/"
            continue
        place = FAQ if name == "faq" else name
        text = (full_file(name, answers) if explicit else None) or files.get(place)
        if text is not None:
            yield _write_new(folder / place, text)
        elif name == "hours.yaml" and explicit:
            yield f"none   {folder / name}: the account's own hours count"


def _write_new(path: Path, text: str, *, mode: int = 0o644) -> str:
    """Write a file that is not there, with these rights from the start; return what was done.

    What cannot be written whole is not left behind: the next `init` would keep it as it is.
    """
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            if not path.exists():
                problem = "is a link that leads nowhere"
                raise ConfigurationError(str(path), problem, "delete the link") from None
            return f"kept   {path}: it was there already"
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError:
            path.unlink()
            raise
    return f"wrote  {path}"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Raise ``ConfigurationError`` where the body cannot write ``path``."""
    try:
        yield
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        remedy = "name a folder that you may write to, and that has room"
        raise ConfigurationError(str(path), problem, remedy) from error


def _write_env(values: Mapping[str, str]) -> str:
    path = Path(".env")
    said = _write_new(path, env_file(values), mode=0o600)
    if said.startswith("wrote"):
        return f"{said} (for you alone: it may hold a password)"
    return f"{said}; it should say AGENTBOT_PROMPTS_DIR={values['AGENTBOT_PROMPTS_DIR']}"


def _check(folder: Path, variables: Mapping[str, str]) -> int:
    """Check the folder as it is now, and say what comes next; return the exit code."""
    try:
        load_prompts(folder)
    except ConfigurationError as error:
        typer.echo(f"{folder} cannot be used yet:\n{error}", err=True)
        return EXIT_CONFIGURATION
    known = read_variables()
    lacking = [name for name in ("URL", "EMAIL", "PASSWORD") if not known.get(f"PAPERCUPS_{name}")]
    typer.echo("\nNext:")
    if (folder / FAQ).exists():
        typer.echo(f"  write your answers into {folder / FAQ}")
    if lacking and not variables.get("PAPERCUPS_PASSWORD_FILE"):
        where = "fill in {} in .env" if Path(".env").exists() else "set {}"
        typer.echo("  " + where.format(", ".join(f"PAPERCUPS_{name}" for name in lacking)))
    typer.echo(f"  agentbot demo --prompts {folder}   # try it here")
    typer.echo("  agentbot doctor && agentbot run")
    return 0
