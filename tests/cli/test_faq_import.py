"""`agentbot faq import`, cli/faq_import.py: entries on stdout, what was left out on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentbot.cli.faq_import import main
from agentbot.errors import ConfigurationError
from agentbot.ops.redaction import use_secrets
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


def put(source: Path, pages: Path, **options: bool) -> int:
    """Put pages into a folder."""
    return main(source, pages=pages, **options)


def test_pages_are_put_there_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written over without being told, and nothing at all in a dry run."""
    (tmp_path / "help").mkdir()
    (tmp_path / "help" / "care.html").write_text("<h1>Care</h1><p>By hand.</p>", "utf-8")
    (tmp_path / "help" / "draft.md").write_text("---\ndraft: true\n---\nx", "utf-8")
    pages = tmp_path / "prompts" / "pages"
    put(tmp_path / "help", pages, dry_run=True)
    assert not pages.exists()
    assert capsys.readouterr().out == f"would write {pages / 'care.md'}\n"
    put(tmp_path / "help", pages)
    out, err = capsys.readouterr()
    assert out == f"wrote  {pages / 'care.md'}\n"
    assert "draft is true" in err
    assert err.endswith("1 pages\n")
    put(tmp_path / "help", pages)
    assert capsys.readouterr().out == f"same   {pages / 'care.md'}\n"
    (pages / "care.md").write_text("Mine.", "utf-8")
    put(tmp_path / "help", pages)
    assert capsys.readouterr().out.startswith(f"kept   {pages / 'care.md'}: ")
    assert (pages / "care.md").read_text("utf-8") == "Mine."
    put(tmp_path / "help" / "care.html", pages, overwrite=True)
    assert (pages / "care.md").read_text("utf-8") == "---\ntitle: Care\n---\n# Care\n\nBy hand.\n"


def test_pages_that_cannot_be_put_there_are_said(tmp_path: Path) -> None:
    """A table holds none, and a file is no folder; entries are not written at all."""
    table = tmp_path / "faq.csv"
    table.write_text("question,answer\na?,b\n", "utf-8")
    page = tmp_path / "a.md"
    page.write_text("x", "utf-8")
    with pytest.raises(ConfigurationError, match="holds no page"):
        put(table, tmp_path / "pages")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        put(page, table)
    with pytest.raises(ConfigurationError, match="--dry-run"):
        main(page, dry_run=True)


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Set a key, and forget it at the end."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-Zr4Tn8")
    yield "sk-planted-Zr4Tn8"
    use_secrets(())


def test_a_secret_of_the_settings_is_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    """Whoever pasted it into the table is told."""
    (tmp_path / "faq.csv").write_text(f"question,answer\nThe key?,It is {secret}.\n", "utf-8")
    assert main(tmp_path / "faq.csv") == 0
    out, err = capsys.readouterr()
    assert "It is [redacted]." in out
    assert "a secret of your settings stood there" in err
    assert secret not in out + err


def test_a_page_with_a_secret_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    """It would be shown to customers."""
    (tmp_path / "key.md").write_text(f"# The key\n\nIt is {secret}.\n", "utf-8")
    assert put(tmp_path / "key.md", tmp_path / "pages") == 0
    out, _ = capsys.readouterr()
    assert out.startswith("left   ")
    assert "take it out" in out
    assert not (tmp_path / "pages").exists()


def test_settings_that_are_wrong_do_not_hold_it_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are not needed for it; what that means is said."""
    monkeypatch.setenv("AGENTBOT_MODE", "sideways")
    (tmp_path / "faq.csv").write_text("question,answer\nDo you ship?,Yes.\n", "utf-8")
    assert main(tmp_path / "faq.csv") == 0
    assert (
        "secrets are not looked for in what is imported: AGENTBOT_MODE" in capsys.readouterr().err
    )
