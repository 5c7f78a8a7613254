"""The page docs/five-minutes.md is walked, and prints what it says that it prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.walk import Step, blocks, masked, walk

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "five-minutes.md").read_text(encoding="utf-8")
_QUICKLY = {"AGENTBOT_FAQ__EMBEDDINGS": "none", "AGENTBOT_TURNS__IDLE_SECONDS": "0.1"}
"""Settings that spare a second here and there, and change nothing that is printed."""


async def test_the_page_prints_what_it_says(tmp_path: Path) -> None:
    """Each command, one after the other, in an empty folder, up to the answer of a running bot."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for step, printed in await walk(_PAGE, folder, _QUICKLY):
        found, shown = masked(printed).splitlines(), masked(step.shown).splitlines()
        if step.command == "agentbot run":  # its parts start side by side
            found, shown = sorted(found), sorted(shown)
        assert found == shown, step.command


def test_the_page_installs_as_the_readme_does() -> None:
    """That line is run by CI, in a clean clone (`.ci/run`)."""
    (line,) = re.findall(r"^\$ (python3 .*)$", _PAGE, flags=re.MULTILINE)
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    assert f"\n{line} && .venv/bin/agentbot demo\n" in readme


def test_every_step_of_the_page_is_walked() -> None:
    """The commands that an operator needs up to the first answer, in their order."""
    commands = [one.command for one in blocks(_PAGE) if isinstance(one, Step)]
    words = [re.sub(r".* \| ", "", command).split()[1] for command in commands]
    assert words == ["devserver", "init", "check", "doctor", "run", "chat", "ask"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ok  login (8 ms)", "ok login (120 ms)", True),
        ("ok  login (8 ms)", "FAIL login (8 ms)", False),
        ("at http://127.0.0.1:4000/", "at http://127.0.0.1:41234/", True),
        ("99.4% sure (nearest: returns)", "71% sure (nearest: shipping)", False),
    ],
)
def test_only_what_moves_is_masked(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a row
    """Times and ports, and not what a step found."""
    assert (masked(one) == masked(other)) is same
