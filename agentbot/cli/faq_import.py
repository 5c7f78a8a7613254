"""``agentbot faq import``: FAQ entries from a CSV file or help pages, or the pages themselves."""

from __future__ import annotations

import sys
from pathlib import Path

from agentbot.cli.progress import said_if_slow
from agentbot.config import load_settings
from agentbot.errors import ConfigurationError
from agentbot.ops.redaction import REDACTED, redact, use_secrets
from agentbot.pipeline.faq.importing.pages import HTML, MARKDOWN, import_help_pages
from agentbot.pipeline.faq.importing.rows import import_csv
from agentbot.pipeline.faq.importing.written import to_yaml
from agentbot.pipeline.knowledge.importing import ImportedPage, import_pages


def main(
    source: Path, *, pages: Path | None = None, overwrite: bool = False, dry_run: bool = False
) -> int:
    """Print the entries as YAML, for a file in ``prompts/faq/``; what was left out on stderr.

    With ``pages`` the help pages are put into that folder as they are; those that are there already
    are kept, unless they are to be written over.
    """
    if not source.exists():
        raise ConfigurationError(str(source), "there is no such file or folder", "name one")
    _learn_secrets()
    are_pages = source.is_dir() or source.suffix.lower() in MARKDOWN | HTML
    if pages is not None:
        return _put(source, pages, overwrite=overwrite, dry_run=dry_run, are_pages=are_pages)
    for option, is_given in (("--overwrite", overwrite), ("--dry-run", dry_run)):
        if is_given:
            raise ConfigurationError(option, "entries are printed only", "name a folder: --pages")
    with said_if_slow(f"still reading {source}"):
        imported = import_help_pages(source) if are_pages else import_csv(source)
    for note in imported.notes:
        sys.stderr.write(f"{note}\n")
    if not imported.entries:
        raise ConfigurationError(
            str(source),
            "holds no entry to import",
            "name a CSV file with question and answer, or pages in markdown or HTML",
        )
    text = to_yaml(imported.entries)
    if redact(text) != text:
        sys.stderr.write(f"a secret of your settings stood there: {REDACTED} takes its place\n")
    sys.stdout.write(redact(text))
    sys.stderr.write(f"{len(imported.entries)} entries\n")  # one too: programs read it
    return 0


def _learn_secrets() -> None:
    """Let no secret of the settings out, which are not needed here otherwise."""
    try:
        use_secrets(load_settings().secrets())
    except ConfigurationError as error:
        sys.stderr.write(f"note: secrets are not looked for in what is imported: {error}\n")


def _put(source: Path, folder: Path, *, overwrite: bool, dry_run: bool, are_pages: bool) -> int:
    """Write the pages into ``folder``, and say of each what was done."""
    with said_if_slow(f"still reading {source}"):
        imported = import_pages(source) if are_pages else None
    for note in imported.notes if imported else ():
        sys.stderr.write(f"{note}\n")
    if imported is None or not imported.pages:
        what = "holds no page to import"
        raise ConfigurationError(str(source), what, "name pages in markdown or HTML, or a folder")
    for page in imported.pages:
        sys.stdout.write(f"{_write(page, folder, overwrite=overwrite, dry_run=dry_run)}\n")
    sys.stderr.write(f"{len(imported.pages)} pages\n")  # one too: programs read it
    return 0


def _write(page: ImportedPage, folder: Path, *, overwrite: bool, dry_run: bool) -> str:
    """Write a page, unless it is there; return what was done, or would be."""
    path = folder / page.name
    if redact(page.text) != page.text:
        return f"left   {path}: it holds a secret of your settings; take it out of the page"
    text = page.text.encode("utf-8", "replace")
    try:
        there = path.read_bytes() if path.exists() else None
        if there == text:
            return f"same   {path}"
        if there is not None and not overwrite:
            return f"kept   {path}: it was there already; --overwrite writes over it"
        if dry_run:
            return f"would write {path}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise ConfigurationError(str(path), what, "name a folder that you may write to") from error
    return f"wrote  {path}"
