"""Proves ``agentbot/cli/running.py``: whatever a command meets is a line and an exit code."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from agentbot.cli.running import guarded
from tests.support.environment import bare_environ


def _run(
    redirected: str, *args: str, before: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    command = f'{before} exec "$0" -m agentbot "$@" {redirected}'
    return subprocess.run(  # noqa: S603 - our own interpreter
        ["/bin/sh", "-c", command, sys.executable, *args],
        env=bare_environ() | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_printed_onto_a_full_disk_is_told_in_one_line() -> None:
    """And the exit code says that it failed."""
    ran = _run("> /dev/full", "version")
    assert ran.stderr == "agentbot: what is printed cannot be written: No space left on device\n"
    assert ran.returncode == 1


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_a_command_needs_nobody_who_reads_it(closed: str) -> None:
    """A service manager may have closed what it prints to."""
    ran = _run(closed, "version")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_what_a_terminal_has_no_sign_for_is_written_out() -> None:
    """A price in euros on a terminal of Latin-1 is no reason to end."""
    question = ("ask", "Do you ship to Norway?")
    ran = _run("", *question, PYTHONIOENCODING="latin-1", AGENTBOT_FAQ__EMBEDDINGS="none")
    assert ran.returncode == 0, ran.stderr
    assert r"costs \u20ac9" in ran.stdout


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    """Another terminal may have deleted it."""
    ran = _run("", "check", before=f"mkdir {tmp_path}/x; cd {tmp_path}/x; rmdir {tmp_path}/x;")
    assert ran.stderr.splitlines()[-1] == (
        "agentbot: this folder is gone, or may not be entered (go into another one: cd)"
    )
    assert ran.returncode == 78


def test_a_path_in_the_way_is_named_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever command looks at it, and whatever the system says of it."""

    def command() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "closed/table.csv")

    with pytest.raises(SystemExit) as ended:
        guarded(command)
    assert ended.value.code == 78
    assert capsys.readouterr().err == (
        "agentbot: closed/table.csv: cannot be used: Permission denied"
        " (let the user that runs agentbot reach it, or name another place)\n"
    )


def test_other_errors_of_the_system_show_where_they_come_from() -> None:
    """Nobody's mistake but ours."""

    def command() -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "part")

    with pytest.raises(FileNotFoundError):
        guarded(command)


@pytest.mark.parametrize(
    "arguments",
    [("ask", "caf\udce9"), ("init", "--company", "\udce9"), ("ask", "Hi", "--name", "\udce9")],
)
def test_bytes_that_are_no_text_are_refused(arguments: tuple[str, ...]) -> None:
    """As a shell of another encoding hands them on, before anything is written of them."""
    ran = _run("", *arguments)
    assert (ran.returncode, ran.stdout) == (78, "")
    assert "is not text in this terminal's encoding (use UTF-8: LANG=C.UTF-8)" in ran.stderr


def test_nobody_is_asked_on_a_closed_input(tmp_path: Path) -> None:
    """A service manager may have closed it."""
    ran = _run("<&-", "init", before=f"cd {tmp_path};")
    assert ran.returncode == 2
    assert "there is no terminal to ask on" in ran.stderr


@pytest.mark.parametrize("days", ["inf", "1e300"])
@pytest.mark.parametrize("command", [("state", "prune"), ("report", "gaps")])
def test_days_that_no_calendar_has_are_refused(command: tuple[str, str], days: str) -> None:
    """A hundred years are enough."""
    ran = _run("", *command, "--days", days)
    assert ran.returncode == 2
    assert "Invalid value for '--days'" in ran.stderr


def test_ctrl_c_while_a_command_is_loaded_ends_it_without_a_word(tmp_path: Path) -> None:
    """That takes a moment, in which somebody may see their slip."""
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")
    ran = _run("", "version", PYTHONPATH=f"{Path.cwd()}:{tmp_path}")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "")
