"""What commands share: how each runs its module, and options that many have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from agentbot.cli.running import run_module
from agentbot.errors import ConfigurationError

PromptsOption = Annotated[
    Path | None,
    typer.Option("--prompts", help="The prompts folder; else AGENTBOT_PROMPTS_DIR or ./prompts."),
]


def examples(*lines: str) -> str:
    """Return what stands at a help's end: commands as they are typed, a line each."""
    return "\n".join(["Examples:", "", "\b", *lines])


JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")]


def run_command(module: str, *args: Any, **options: Any) -> None:
    """Run the ``main`` of ``agentbot.cli.<module>``, and exit as it says.

    Raises ``ConfigurationError`` for a text that is none: nothing could send or store it.
    """
    for text in _texts((args, options)):
        if not _is_text(text):
            raise ConfigurationError(
                ascii(text), "is not text in this terminal's encoding", "use UTF-8: LANG=C.UTF-8"
            )
    if code := run_module(module, *args, **options):
        raise typer.Exit(code)


def _texts(value: object) -> Iterator[str]:
    """Yield the texts that were written as arguments; a path may hold any bytes."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, tuple):
        for inner in value:
            yield from _texts(inner)
    elif is_dataclass(value):
        yield from _texts(tuple(getattr(value, one.name) for one in fields(value)))


def _is_text(text: str) -> bool:
    """Say whether all of it are characters: bytes of another encoding come in as halves of them."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
