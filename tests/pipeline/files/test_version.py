"""The folder's version: it follows what its files hold, and settled ones are not read again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentbot.pipeline.files.version import content_version


def write(path: Path, text: str, *, age: float = 100.0) -> None:
    """Write a file that seems to have been changed so many seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))


def test_it_follows_names_and_content(tmp_path: Path) -> None:
    """Of all that is read, in folders too; not of schemas and pictures."""
    write(tmp_path / "rules.yaml", "a")
    seen = [content_version(tmp_path)]
    assert len(seen[0]) == 12
    for name in ("pages/sub/a.md", "faq/b.yaml", "pages/sub/c.md"):
        write(tmp_path / name, "x")
        seen.append(content_version(tmp_path))
    (tmp_path / "pages" / "sub" / "c.md").rename(tmp_path / "pages" / "d.md")
    seen.append(content_version(tmp_path))
    assert len(set(seen)) == len(seen)
    for name in ("schema/rules.md", "pages/a.png", "notes.txt"):
        write(tmp_path / name, "x")
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    assert content_version(tmp_path) == seen[-1]


def test_an_edit_at_once_is_seen(tmp_path: Path) -> None:
    """Though size and time of the file may be the same."""
    path = tmp_path / "rules.yaml"
    seen = set()
    for text in ("a", "b", "c"):
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1, 1))
        seen.add(content_version(tmp_path))
    assert len(seen) == 3


def test_what_has_settled_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand pages are looked at every other second."""
    path = tmp_path / "rules.yaml"
    path.write_text("a", encoding="utf-8")
    monkeypatch.setattr("agentbot.pipeline.files.version._SETTLED", -(10**9))
    before = content_version(tmp_path)
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"never")
    assert content_version(tmp_path) == before
    monkeypatch.setattr("agentbot.pipeline.files.version._MOST_KNOWN", 0)
    write(tmp_path / "texts.yaml", "b")
    assert content_version(tmp_path) != before
