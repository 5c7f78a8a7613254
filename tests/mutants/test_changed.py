"""Proves :mod:`tests.mutants.changed`: the commit, and the lines that are new since another."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.mutants.changed import head, lines_since


def git(folder: Path, *args: str) -> None:
    """Run git in the folder, as somebody."""
    name = ("-c", "user.name=Vera", "-c", "user.email=vera@example.com")
    subprocess.run(["git", *name, *args], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a work tree with one commit: a file of four lines."""
    git(tmp_path, "init")
    (tmp_path / "a.py").write_text("one\ntwo\nthree\nfour\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "Begin")
    return tmp_path


def test_changed_and_added_lines_are_found(tree: Path) -> None:
    """A line that was only deleted leaves none; several hunks are put together."""
    (tree / "a.py").write_text("one\nTWO\nfour\nfive\nsix\n")
    assert lines_since("HEAD", "a.py", root=tree) == {2, 4, 5}


def test_an_unchanged_file_has_none_and_a_new_one_has_all(tree: Path) -> None:
    """A file counts as soon as git knows of it."""
    (tree / "b.py").write_text("one\ntwo\n")
    git(tree, "add", "b.py")
    assert lines_since("HEAD", "a.py", root=tree) == set()
    assert lines_since("HEAD", "b.py", root=tree) == {1, 2}


def test_an_unknown_commit_is_an_error(tree: Path) -> None:
    """It must not pass for a tree without changes."""
    with pytest.raises(subprocess.CalledProcessError):
        lines_since("nothing", "a.py", root=tree)


def test_the_commit_is_known_by_all_its_digits(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each has its own; where there is none, that is an error."""
    before = head(root=tree)
    git(tree, "commit", "--allow-empty", "-m", "Go on")
    assert len(before) == len(head(root=tree)) == 40
    assert before != head(root=tree)
    with pytest.raises(subprocess.CalledProcessError):
        head(root=tmp_path_factory.mktemp("no-tree"))
