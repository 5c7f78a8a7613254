"""The changelog, and the fragments in ``changes/`` that its next release is made of."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.optional import requires_packages

_ROOT = Path(__file__).parents[1]
_FRAGMENTS = sorted(set((_ROOT / "changes").iterdir()) - {_ROOT / "changes" / "README.md"})
_WIDTH = 120
"""Characters of a line at most, as in the changelog."""

pytestmark = requires_packages("towncrier", install="pip install -c constraints.txt '.[lint]'")


def draft(folder: Path) -> subprocess.CompletedProcess[str]:
    """Let towncrier say what the next release would be."""
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "1.2.3"]
    return subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=folder, capture_output=True, text=True, check=False
    )


def flaws(text: str) -> list[str]:
    """Return what is wrong with a fragment's text."""
    checks = {
        "it is no sentence: it has neither a capital nor a name first": r"[A-Z`*\[(]",
        "it does not end with a period and a line's end": r"(?s).*[.)]\n\Z",
        "it is an item or a heading already": r"(?![-#] )",
        "it has an empty line": r"(?s)(?!.*\n\s*\n)",
        "a line is too long": rf"(?:.{{0,{_WIDTH}}}\n)*\Z",
    }
    return [flaw for flaw, pattern in checks.items() if not re.match(pattern, text)]


@pytest.mark.parametrize("fragment", _FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_an_entry(fragment: Path) -> None:
    """One entry of the changelog, as it will stand there, under a name that is no issue's."""
    text = fragment.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://)([^)#]+)", text)

    assert fragment.name.startswith("+")
    assert flaws(text) == []
    assert [link for link in links if not (_ROOT / link).exists()] == [], "as from CHANGELOG.md"


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("`check` warns.\n", ""),
        ("A file a change\n(see there).\n", ""),
        ("a slip.\n", "no sentence"),
        ("A slip\n", "period"),
        ("A slip.", "line's end"),
        ("- A slip.\n", "item"),
        ("# A slip.\n", "heading"),
        ("One.\n\nTwo.\n", "empty line"),
        (f"A {'x' * _WIDTH}.\n", "too long"),
    ],
)
def test_each_flaw_is_found(text: str, flaw: str) -> None:
    """And nothing else is one."""
    found = flaws(text)

    assert (any(flaw in one for one in found)) if flaw else found == []


def test_the_next_release_can_be_written() -> None:
    """It has every fragment, under the kind of its name."""
    written = draft(_ROOT)

    assert written.returncode == 0, written.stderr
    assert written.stdout.startswith("## [1.2.3] - ")
    parts = re.split(r"^### (\w+)\n", written.stdout, flags=re.MULTILINE)
    kinds = dict(zip(parts[1::2], parts[2::2], strict=True))
    for fragment in _FRAGMENTS:
        *_, kind, _ending = fragment.name.split(".")
        assert f"- {fragment.read_text(encoding='utf-8').strip()}" in kinds[kind.title()].replace(
            "\n  ", "\n"
        )


def test_a_name_that_says_no_kind_is_refused(tmp_path: Path) -> None:
    """It would be left out of the release without a word."""
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(_ROOT / name, tmp_path / name)
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "+slip.addded.md").write_text("A slip.\n")
    written = draft(tmp_path)

    assert written.returncode != 0
    assert "+slip.addded.md" in written.stderr + written.stdout


def test_the_changelog_has_a_place_for_the_next_release() -> None:
    """Above all others; what stood there before there were fragments is kept."""
    text = (_ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    head, _, releases = text.partition("<!-- releases -->\n")

    assert "## " not in head
    assert "\n## Before the first release\n\n### Added\n" in releases
