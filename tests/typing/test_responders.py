"""mypy and pyright accept a proper responder of one's own, and refuse a wrong one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CONFIG = HERE / "pyrightconfig.json"

_IGNORE = re.compile(r"  # (type|pyright): ignore\[.*")


def check(checker: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a type checker, as strict as it can be, over the folder's files."""
    files = [str(path) for path in sorted(folder.glob("[!_]*.py")) if path.name[:5] != "test_"]
    commands = {
        "mypy": ["mypy", "--strict", f"--config-file={ROOT / 'pyproject.toml'}", *files],
        "pyright": ["basedpyright", "--pythonpath", sys.executable, "-p", str(folder)],
    }
    return subprocess.run(  # noqa: S603 - installed with us
        [sys.executable, "-m", *commands[checker]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def lines_refused(said: str, name: str) -> set[int]:
    """Return the numbers of the file's lines of which a type checker has complained."""
    return {int(number) for number in re.findall(rf"{re.escape(name)}:(\d+).*error", said)}


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_what_is_right_is_accepted_and_what_is_wrong_refused(checker: str) -> None:
    """``accepted.py`` has no error, ``refused.py`` one wherever it says so, and no other."""
    ran = check(checker, HERE)

    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_each_refusal_is_an_error_of_its_own(checker: str, tmp_path: Path) -> None:
    """Without the marks the checker complains of these lines."""
    lines = (HERE / "refused.py").read_text().splitlines()
    wrong = {number for number, line in enumerate(lines, 1) if _IGNORE.search(line)}
    (tmp_path / "refused.py").write_text("\n".join(_IGNORE.sub("", line) for line in lines) + "\n")
    config = CONFIG.read_text().replace('"../.."', f'"{ROOT}"')
    (tmp_path / "pyrightconfig.json").write_text(config)

    ran = check(checker, tmp_path)

    assert ran.returncode == 1
    assert wrong
    assert lines_refused(ran.stdout, "refused.py") == wrong


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_the_documented_responder_is_accepted(checker: str, tmp_path: Path) -> None:
    """As it stands there, and as a member of the pipeline."""
    page = (ROOT / "docs" / "responders.md").read_text()
    (code,) = re.findall(r"<!-- example: responder -->\n```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "shop.py").write_text(
        f"{code}\n\nfrom agentbot.pipeline.responder import Responder\n\n"
        "responder: Responder = StoreFinder()\n"
    )
    config = CONFIG.read_text().replace('"../.."', f'"{ROOT}"')
    (tmp_path / "pyrightconfig.json").write_text(config)

    ran = check(checker, tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
