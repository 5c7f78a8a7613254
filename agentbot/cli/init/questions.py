"""Questions to whoever sets the bot up: on a terminal, or answered by options without one.

Every question has an option. An answer is read the same way wherever it comes from; on a terminal
a wrong one is asked again, as an option it ends the command with exit 2.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TextIO, TypeVar

import typer

T = TypeVar("T")


def _asked_on(stream: TextIO | None) -> bool:
    """Say whether somebody may type there; a service manager may have closed it."""
    return stream is not None and stream.isatty()


@dataclass(slots=True)
class Questions:
    """What asks. ``given`` holds the options that were written, by name, such as ``company``.

    Without a terminal, what is needed and missing is collected: see :meth:`check`.
    """

    given: Mapping[str, str | None]
    terminal: bool = field(default_factory=lambda: _asked_on(sys.stdin) and sys.stdout.isatty())
    missing: list[str] = field(default_factory=list)

    def ask(
        self,
        option: str,
        text: str,
        read: Callable[[str], T],
        *,
        default: str | None = None,
        hidden: bool = False,
        needed: str = "",
    ) -> T | None:
        """Return the answer to ``text``, as ``read`` makes it of what was written.

        ``read`` raises ``ValueError`` for what it cannot take. Without a terminal ``default``
        counts; where there is none, None is returned, and the option is noted as missing if
        ``needed`` says what it is.
        """

        def checked(written: str) -> T:
            try:
                return read(written.strip())
            except ValueError as error:
                raise typer.BadParameter(str(error), param_hint=f"--{option}") from error

        written = self.given.get(option)
        if written is not None:
            return checked(written)
        if self.terminal:
            answer: T = typer.prompt(
                text,
                default=default,
                value_proc=checked,
                hide_input=hidden,
                show_default=bool(default),
            )
            return answer
        if default is not None:
            return checked(default)
        if needed:
            self.missing.append(f"--{option} ({needed})")
        return None

    def check(self) -> None:
        """Raise a usage error that names every option which is missing."""
        if self.missing:
            raise typer.BadParameter(
                "there is no terminal to ask on, so these options are needed: "
                + ", ".join(self.missing)
            )
