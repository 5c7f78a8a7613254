"""A checkup: one thing after the other is tried, and a line says what was found."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from agentbot.cli.exit_codes import EXIT_FAILURE, exit_code, remedy
from agentbot.cli.output import print_head
from agentbot.cli.progress import said_if_slow
from agentbot.errors import AgentbotError, ConfigurationError, DataException

Result = Literal["ok", "warn", "FAIL", "-"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try: ``run`` returns what was found, or raises.

    It is not tried where one of ``after``, which come before it, has failed or was not reached for
    such a reason: the line that fails is to be the one that names the cause.
    """

    name: str
    run: Callable[[], Awaitable[str]]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What came of a check. ``-``: it was not tried; ``code`` is the exit code of a failure."""

    check: str
    result: Result
    found: str
    what_to_do: str
    milliseconds: int
    code: int = 0

    def as_data(self) -> dict[str, object]:
        """Return the line as ``--json`` prints it."""
        result = {"FAIL": "fail", "-": "not_tried"}.get(self.result, self.result)
        return {
            "check": self.check,
            "result": result,
            "found": self.found,
            "what_to_do": self.what_to_do,
            "milliseconds": self.milliseconds,
        }


class NotTried(Exception):
    """What must come first has failed, or there is nothing to check."""


@dataclass(eq=False)
class NeedsALook(DataException):
    """The bot works so, but somebody should do something about it."""

    found: str
    what_to_do: str

    def __str__(self) -> str:
        """Return what was found alone: what to do stands on a line of its own."""
        return self.found


@dataclass(eq=False)
class CheckFailed(AgentbotError):
    """The bot does not work so. ``remedy`` says what to do about it."""

    problem: str
    remedy: str

    def __str__(self) -> str:
        """Return the problem alone: what to do stands on a line of its own."""
        return self.problem


async def go_through(checks: Iterable[Check], tell: Callable[[Line], None]) -> list[Line]:
    """Try one thing after the other; ``tell`` of each as soon as it is known; return all."""
    lines: list[Line] = []
    out_of_reach: set[str] = set()
    for check in checks:
        if first := next((name for name in check.after if name in out_of_reach), None):
            line = Line(check.name, "-", f"{first} comes first", "", 0)
        else:
            with said_if_slow(f"still trying: {check.name}"):
                line = await _tried(check)
        if first or line.result == "FAIL":
            out_of_reach.add(check.name)
        tell(line)
        lines.append(line)
    return lines


async def _tried(check: Check) -> Line:
    began = time.perf_counter()
    code, what_to_do = 0, ""
    result: Result = "ok"
    try:
        found = await check.run()
    except NotTried as reason:
        result, found = "-", str(reason)
    except NeedsALook as look:
        result, found, what_to_do = "warn", str(look), look.what_to_do
    except CheckFailed as failed:
        result, found, what_to_do, code = "FAIL", failed.problem, failed.remedy, exit_code(failed)
    except ConfigurationError as wrong:
        found, what_to_do = f"{wrong.place}: {wrong.problem}", wrong.remedy
        result, code = "FAIL", exit_code(wrong)
    except AgentbotError as error:
        result, found, what_to_do, code = "FAIL", str(error), remedy(error), exit_code(error)
    except OSError as error:  # a folder that may not be looked into; the other checks go on
        result, found, code = "FAIL", str(error), EXIT_FAILURE
        what_to_do = "let agentbot's user reach what is named there"
    milliseconds = round((time.perf_counter() - began) * 1000)
    return Line(check.name, result, found, what_to_do, milliseconds, code)


def print_line(line: Line) -> None:
    """Print a line, and below it what to do."""
    took = f" ({line.milliseconds} ms)" if line.result == "ok" else ""
    not_tried = "not tried: " if line.result == "-" else ""
    print_head(f"{line.result:<5}", f"{line.check}: {not_tried}{line.found}{took}")
    if line.what_to_do:
        print_head("", f"     what to do: {line.what_to_do}")
