"""The help of every command (`app.py`, `groups.py`): whole, narrow, and with the variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from agentbot.cli.app import app
from agentbot.config import variables
from tests.cli.test_commands import agentbot

_NARROW = 60
"""Columns of a terminal beside an editor."""
_OF_SETTINGS = {
    "--prompts": "AGENTBOT_PROMPTS_DIR",
    "--url": "PAPERCUPS_URL",
    "--email": "PAPERCUPS_EMAIL",
    "--password": "PAPERCUPS_PASSWORD",
    "--notify-url": "AGENTBOT_NOTIFY__URL",
    "--account": "PAPERCUPS_EMAIL",
    "--llm": "OPENAI_",
}
"""Options that stand for a setting, and how its variable begins."""
_OF_CUSTOMERS = {("ask",), ("chat",)}
"""Commands whose --email is the customer's, and no setting."""


def commands() -> Iterator[tuple[str, ...]]:
    """Yield every command's words, the groups among them."""
    yield ()
    for name, command in getattr(get_command(app), "commands", {}).items():
        yield (name,)
        yield from ((name, inner) for inner in getattr(command, "commands", {}))


def help_of(*words: str, columns: int = 100) -> str:
    """Return a command's help on a terminal of this width."""
    width = columns - 2  # on a terminal click leaves as many empty
    done = CliRunner().invoke(app, [*words, "--help"], terminal_width=width, prog_name="agentbot")
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_the_help_fits_a_narrow_terminal(words: tuple[str, ...]) -> None:
    """No line is longer, no summary is cut short, and nothing is coloured in a pipe."""
    narrow = help_of(*words, columns=_NARROW)
    assert max(map(len, narrow.splitlines())) <= _NARROW
    assert "..." not in narrow.replace("[ARGS]...", "")
    assert "\x1b" not in narrow


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_each_option_is_explained_with_its_variable(words: tuple[str, ...]) -> None:
    """What it does, and from where the same is read where it is left out."""
    text = help_of(*words)
    known = {variable.name for variable in variables()}
    assert set(re.findall(r"\b(?:AGENTBOT|PAPERCUPS)_[A-Z_]*[A-Z]", text)) <= known
    options = re.split(r"\n(?=  -)", text.partition("\nOptions:")[2])
    for option in (" ".join(one.split()) for one in options if one.strip()):
        name = re.match(r"(?:-h, )?(--[\w-]+)", option)
        assert name, option
        assert len(option.split()) > len(name[0].split()) + 1, f"{words}: {option} says nothing"
        if name[1] in _OF_SETTINGS and words not in _OF_CUSTOMERS:
            assert _OF_SETTINGS[name[1]] in option, f"{words}: {option}"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("agentbot st", "state"),
        ("agentbot state re", "restore"),
        ("agentbot check --st", "--strict"),
        ("agentbot ask --llm lo", "local"),
    ],
)
async def test_a_shell_completes_commands_and_options(
    tmp_path: Path, typed: str, offered: str
) -> None:
    """As the script asks that `agentbot --install-completion` puts into the shell's start."""
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    ran = await agentbot(cwd=tmp_path, _AGENTBOT_COMPLETE="complete_bash", **asked)
    assert ran.out.split() == [offered], ran.err


@pytest.mark.parametrize(
    ("shell", "place"),
    [
        ("bash", ".bash_completions/agentbot.sh"),
        ("zsh", ".zfunc/_agentbot"),
        ("fish", ".config/fish/completions/agentbot.fish"),
    ],
)
async def test_each_shell_can_be_taught_and_is_answered(
    tmp_path: Path, shell: str, place: str
) -> None:
    """What is put there asks agentbot by a variable, and gets what can follow."""
    chosen = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    ran = await agentbot("--install-completion", shell, cwd=tmp_path, **chosen)
    assert ran.code == 0, ran.err
    assert f"{shell} completion installed" in ran.out
    assert f"_AGENTBOT_COMPLETE=complete_{shell}" in (tmp_path / place).read_text("utf-8")
    typed = {
        "COMP_WORDS": "agentbot state re",
        "COMP_CWORD": "2",
        "_TYPER_COMPLETE_ARGS": "agentbot state re",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    answered = await agentbot(cwd=tmp_path, _AGENTBOT_COMPLETE=f"complete_{shell}", **typed)
    assert "restore" in answered.out
    assert "backup" not in answered.out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nope", "No such command 'nope'"),
        ("runn", "Did you mean 'run'?"),
        ("check --strikt", "(Possible options: --strict)"),
        ("devserver --port 99999", "less than or equal to 65535"),
        ("demo --port -1", "greater than or equal to 0"),
        ("chat --wait soon", "a valid number"),
        ("ask Hello --llm huge", "'auto', 'local', 'none'"),
        ("state backup", "Missing argument 'file'"),
    ],
)
def test_a_wrong_command_line_is_told_and_exits_2(typed: str, said: str) -> None:
    """Nothing is begun, and the line says which help to ask for."""
    done = CliRunner().invoke(app, typed.split(), prog_name="agentbot")
    assert done.exit_code == 2
    assert said in done.output
    assert re.search(r"Try 'agentbot( \w+)* -h' for help\.", done.output)
