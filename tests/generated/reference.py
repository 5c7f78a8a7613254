"""The reference pages, read off the code: settings, commands, exit codes, metrics, facts."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from typer.main import get_command

from agentbot.cli import exit_codes
from agentbot.cli.app import app
from agentbot.config import Variable, settings, variables
from agentbot.ops.metrics import Metrics
from agentbot.pipeline.known_facts import FACTS

_WRITTEN = "Written by `python -m tests.generated` from the code.\n"


def _cell(text: object) -> str:
    """Return a text as it may stand in a cell of a table."""
    return " ".join(str(text).replace("|", "\\|").replace("``", "`").split())


def _table(head: str, rows: Iterable[tuple[object, ...]]) -> str:
    columns = head.split("|")
    lines = ["| " + " | ".join(map(str.strip, columns)) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


# Settings.


@cache
def _documented(module: str) -> dict[tuple[str, str], str]:
    """Return what stands below each field of each class of a module, by class and field."""
    found: dict[tuple[str, str], str] = {}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    for group in [node for node in tree.body if isinstance(node, ast.ClassDef)]:
        for field, below in zip(group.body, group.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                match below:
                    case ast.Expr(value=ast.Constant(value=str(text))):
                        found[group.name, field.target.id] = inspect.cleandoc(text)
    return found


def _about(variable: Variable) -> str:
    group: type = settings.Settings
    if len(variable.path) > 1:
        kind = settings.Settings.model_fields[variable.path[0]].annotation
        assert isinstance(kind, type)
        group = kind
    return _documented(group.__module__).get((group.__name__, variable.path[-1]), "")


def _default(variable: Variable) -> str:
    value = variable.field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value == "" or variable.field.is_required():
        return ""
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, Path):
        return "the example"
    return f"`{value}`"


def settings_page() -> str:
    """Return the page of the settings. Raises `AssertionError` where one has no words."""
    rows = []
    for variable in variables():
        about = _about(variable)
        assert about, f"{variable.name} has no docstring in agentbot/config"
        secret = " Secret: may stand in the file that `" + variable.name + "_FILE` names."
        rows.append((
            f"`{variable.name}`", _default(variable), about + secret * variable.is_secret,
        ))  # fmt: skip
    return (
        f"# Settings\n\n{_WRITTEN}"
        "They come from the environment, and from `.env` where the environment has none. A name\n"
        "that begins as these do and is not one of them is refused.\n\n"
        + _table("setting | default | meaning", rows)
    )


# Commands.


def _commands(command: Any, words: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer's own
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{words} {name}")


def _parameters(command: Any) -> Iterator[tuple[object, ...]]:  # noqa: ANN401 - typer's own
    context = command.context_class(command)
    for parameter in command.params:
        if (record := parameter.get_help_record(context)) is not None:
            names, about = record
            yield f"`{names}`", about
        elif parameter.param_type_name == "argument":
            yield f"`{parameter.make_metavar(context)}`", getattr(parameter, "help", "") or ""


def commands_page() -> str:
    """Return the page of the commands."""
    parts = []
    for words, command in _commands(get_command(app), "agentbot"):
        parameters = list(_parameters(command))
        part = f"## {words}\n\n{inspect.cleandoc(command.help or '')}\n"
        if parameters:
            part += "\n" + _table("option | meaning", parameters)
        parts.append(part + _examples(command.epilog or ""))
    return f"# Commands\n\n{_WRITTEN}`agentbot COMMAND --help` says the same.\n\n" + "\n".join(
        parts
    )


def _examples(epilog: str) -> str:
    """Return the commands that stand at a help's end, as a block."""
    _, mark, lines = epilog.partition("\b\n")
    return f"\n```sh\n{lines}\n```\n" if mark else ""


# Exit codes.

_MEANINGS = {
    0: ("", "done; of `run`: stopped by SIGTERM or SIGINT, with the replies in flight sent"),
    exit_codes.EXIT_FAILURE: ("EXIT_FAILURE", "failed; the line on stderr says why"),
    2: ("", "the command line is wrong: no such command or option, or no such value of one"),
    exit_codes.EXIT_UNREACHABLE: (
        "EXIT_UNREACHABLE",
        "Papercups cannot be reached; `run` waits for it instead",
    ),
    exit_codes.EXIT_LOGIN_REFUSED: ("EXIT_LOGIN_REFUSED", "Papercups refuses the login"),
    exit_codes.EXIT_CONFIGURATION: (
        "EXIT_CONFIGURATION",
        "a setting, a prompts file or a file that was named is wrong, or not there",
    ),
}


def exit_codes_page() -> str:
    """Return the page of the exit codes. Raises `AssertionError` where one has no words here."""
    named = {name for name in vars(exit_codes) if name.startswith("EXIT_")}
    assert named == {name for name, _ in _MEANINGS.values() if name}
    remedies = [(f"`{kind.__name__}`", text) for kind, text in exit_codes.REMEDIES]
    return (
        f"# Exit codes\n\n{_WRITTEN}\n"
        + _table("code | meaning", [(f"`{code}`", text) for code, (_, text) in _MEANINGS.items()])
        + "\nA process manager may start agentbot again after 1 and 69; after 77 and 78 somebody\n"
        "has to change something first. What each kind of error asks for:\n\n"
        + _table("error | what to do", remedies)
    )


# Metrics.


def metrics_page() -> str:
    """Return the page of the metrics."""
    metrics = Metrics()
    rows = []
    for family in metrics.registry.collect():
        labels = ", ".join(f"`{name}`" for name in metrics.labels.get(family.name, ()))
        name = family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")
        rows.append((f"`{name}`", family.type, labels, family.documentation))
    return (
        f"# Metrics\n\n{_WRITTEN}`/metrics` serves them in Prometheus' format. A label takes at"
        " most 50 values; what\ncomes after counts as `other`.\n\n"
        + _table("metric | type | labels | meaning", sorted(rows))
    )


# Facts.


def facts_page() -> str:
    """Return the page of the facts."""
    rows = [(f"`{fact.name}`", fact.type, fact.about, f"`{fact.sample!r}`") for fact in FACTS]
    return (
        f"# Facts\n\n{_WRITTEN}What conditions in `rules.yaml` may ask for, and texts may say with"
        " `{{ … }}`. None is ever null:\nan unknown text is `''`.\n\n"
        + _table("fact | type | meaning | such as", rows)
    )
