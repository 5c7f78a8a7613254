"""A checkup tells of each thing that was tried (`cli/doctor/checkup.py`)."""

from __future__ import annotations

import re

import pytest

from agentbot.cli.doctor.checkup import (
    Check,
    CheckFailed,
    Line,
    NeedsALook,
    NotTried,
    go_through,
    print_line,
)
from agentbot.errors import ConfigurationError, LoginRefused, TransportError


async def _fine() -> str:
    return "all is well"


def _raising(error: Exception) -> Check:
    async def run() -> str:
        raise error

    return Check("it", run)


@pytest.mark.parametrize(
    ("check", "result", "what_to_do", "code"),
    [
        (Check("it", _fine), "ok", "", 0),
        (_raising(NotTried("there is none")), "-", "", 0),
        (_raising(NeedsALook("it ends soon", "renew it")), "warn", "renew it", 0),
        (_raising(CheckFailed("it is full", "make room")), "FAIL", "make room", 1),
        (_raising(ConfigurationError("X", "is no file", "name one")), "FAIL", "name one", 78),
        (_raising(PermissionError(13, "Permission denied", "/x")), "FAIL", "user reach", 1),
        (_raising(TransportError("http://x", "refused")), "FAIL", "PAPERCUPS_URL", 69),
        (_raising(LoginRefused("POST", "/", 401, "no")), "FAIL", "PAPERCUPS_PASSWORD", 77),
    ],
)
async def test_each_end_has_its_word_and_says_what_to_do(
    check: Check, result: str, what_to_do: str, code: int
) -> None:
    """A failure has the exit code of the command that would meet it; a doubt has none."""
    told: list[Line] = []
    lines = await go_through([check], told.append)
    assert lines == told
    assert (lines[0].result, lines[0].code) == (result, code)
    assert what_to_do in lines[0].what_to_do
    assert bool(what_to_do) == bool(lines[0].what_to_do)


async def test_what_fails_ends_nothing() -> None:
    """What comes after it is tried too."""
    lines = await go_through([_raising(CheckFailed("no", "yes")), Check("it", _fine)], print_line)
    assert [line.result for line in lines] == ["FAIL", "ok"]


async def test_what_has_to_wait_for_a_failure_is_not_tried() -> None:
    """So that one line names the cause; what needs nothing of it is tried all the same."""
    checks = [
        Check("dns", _raising(CheckFailed("no such name", "mend it")).run),
        Check("http", _fine, after=("dns",)),
        Check("login", _fine, after=("http",)),
        Check("tools", _fine),
    ]
    lines = await go_through(checks, print_line)
    assert [line.result for line in lines] == ["FAIL", "-", "-", "ok"]
    assert [line.found for line in lines[1:3]] == ["dns comes first", "http comes first"]


def test_a_line_fits_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is broken between words, and its first word has a colour."""
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "60"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_line(Line("role", "warn", "this is told at some length " * 4, "do something " * 9, 1))
    shown = capsys.readouterr().out
    assert "\x1b[" in shown
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in shown.splitlines()) <= 60


def test_a_line_is_plain_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """What to do stands below it, and a time only where something was found."""
    print_line(Line("tls", "warn", "ends in 3 days", "renew it", 12))
    print_line(Line("disk", "ok", "much", "", 3))
    print_line(Line("dns", "-", "no name", "", 0))
    assert capsys.readouterr().out.splitlines() == [
        "warn tls: ends in 3 days",
        "     what to do: renew it",
        "ok   disk: much (3 ms)",
        "-    dns: not tried: no name",
    ]


def test_data_for_programs_say_the_same() -> None:
    """In words of their own, that are no signs."""
    data = [
        Line("it", result, "found", "", 1).as_data()["result"] for result in ("ok", "FAIL", "-")
    ]
    assert data == ["ok", "fail", "not_tried"]
