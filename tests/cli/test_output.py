"""``output.py``: rows fit a terminal of any width, and are plain lines in a pipe."""

from __future__ import annotations

import json
import os
import re

import pytest

from agentbot.cli.output import print_head, print_json, print_rows, print_text

ROWS = [
    ("rules/human", "no", "the text holds none of: human, real person, representative"),
    ("rules/a-rule-with-a-rather-long-name", "fires", "all conditions hold (rules.yaml:39)"),
]
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let standard output pass for a terminal in colour."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return monkeypatch


def test_a_pipe_gets_a_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    """However long, without colour: other programs read it."""
    print_rows(ROWS, widths=(28, 10))
    print_head("reply", " (by rule human)")
    out = capsys.readouterr().out
    assert out.splitlines() == [
        f"  {'rules/human':<28} {'no':<10} {ROWS[0][2]}",
        f"  {ROWS[1][0]} {'fires':<10} {ROWS[1][2]}",
        "reply (by rule human)",
    ]


@pytest.mark.parametrize("columns", [40, 60, 79, 120])
def test_a_terminal_gets_no_broken_words(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: int
) -> None:
    """No line is wider than the terminal, and every word stands whole in one of them."""
    terminal.setenv("COLUMNS", str(columns))
    print_rows(ROWS, widths=(28, 10))
    print_head("ok   ", " ".join(row[2] for row in ROWS))
    print_text(" ".join(row[2] for row in ROWS))
    out = capsys.readouterr().out
    assert "\x1b[" in out, "there is colour"
    plain = _ESCAPE.sub("", out)
    assert max(map(len, plain.splitlines())) <= columns
    words = plain.split()
    assert all(word in words for row in ROWS for part in row for word in part.split())


@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_a_terminal_would_obey_is_written_out(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_terminal: bool
) -> None:
    """Whoever wrote it: an account's name, a server, a customer."""
    if not is_terminal:
        terminal.delenv("FORCE_COLOR")
    print_rows([("name", "no", "a \x1b[31mb")], widths=(4, 2))
    print_head("ok", " c \x1b]0;title\x07d")
    print_text("e\x1b[2Jf")
    plain = _ESCAPE.sub("", capsys.readouterr().out) if is_terminal else capsys.readouterr().out
    assert "a \\u001b[31mb" in plain
    assert "c \\u001b]0;title\\u0007d" in plain
    assert "e\\u001b[2Jf" in plain
    assert "\x1b" not in plain


def test_what_goes_on_of_a_line_is_indented(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that the words at the beginning can be read down."""
    terminal.setenv("COLUMNS", "30")
    print_head("ok   ", "state: sqlite, no file yet, it is made")
    assert _ESCAPE.sub("", capsys.readouterr().out).splitlines() == [
        "ok   state: sqlite, no ",
        "     file yet, it is made",
    ]


def test_a_text_stays_as_it_is_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like rich's markup is the customer's or the operator's own."""
    print_text("[bold]not markup[/bold] :smile:")
    assert capsys.readouterr().out == "[bold]not markup[/bold] :smile:\n"


def test_a_text_stays_as_it_is_on_a_terminal(
    terminal: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There too."""
    del terminal
    print_text("[bold]not markup[/bold] :smile:")
    assert "[bold]not markup[/bold] :smile:" in _ESCAPE.sub("", capsys.readouterr().out)


def test_a_path_that_is_no_text_is_printed_as_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A folder of another encoding is named so that a program finds it."""
    data = {"prompts": os.fsdecode(b"/srv/\xe8"), "rules": 3}
    print_json(data)
    assert json.loads(capsys.readouterr().out) == data
