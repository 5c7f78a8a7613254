"""`agentbot faq import`, cli/faq_import.py: entries on stdout, what was left out on stderr."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.cli.faq_import import main
from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import load_faq


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("faq.csv", "question,answer,draft\nDo you ship?,Yes.,no\nNext year?,x,yes\n"),
        ("page.md", "# Do you ship?\n\nYes.\n"),
        ("page.html", "<h1>Do you ship?</h1><p>Yes.</p>"),
    ],
)
def test_what_is_printed_loads_as_a_faq(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    """Of a table as of a page; the count, and what was left out, do not get into it."""
    (tmp_path / name).write_text(text, "utf-8")
    assert main(tmp_path / name) == 0
    out, err = capsys.readouterr()
    folder = tmp_path / "faq"
    folder.mkdir()
    (folder / "faq.yaml").write_text(out, "utf-8")
    assert [(entry.id, entry.answer) for entry in load_faq(folder)] == [("do-you-ship", "Yes.")]
    assert err.endswith("1 entries\n")
    assert ("draft is yes" in err) == (name == "faq.csv")


def test_nothing_to_import_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was passed over is named first."""
    (tmp_path / "guide.rst").write_text("Guide\n", "utf-8")
    with pytest.raises(ConfigurationError, match="holds no entry"):
        main(tmp_path)
    assert "guide.rst" in capsys.readouterr().err
    with pytest.raises(ConfigurationError, match="no such file"):
        main(tmp_path / "none")
