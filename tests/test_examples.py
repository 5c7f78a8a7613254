"""Every Python example in README.md, docs/ and docstrings runs, and prints what is shown.

A page's examples run in their order, in one namespace; a ``text`` block after one shows what it
prints. In a docstring, ``>>>`` is an example.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from sybil import Document, Example
from sybil.document import PythonDocStringDocument
from sybil.evaluators.python import PythonEvaluator
from sybil.example import SybilFailure
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.markdown import CodeBlockParser

from tests.support.logs import logging_restored

_ROOT = Path(__file__).parents[1]


def _having(mark: str, paths: Iterator[Path]) -> list[Path]:
    return sorted(path for path in paths if mark in path.read_text("utf-8"))


_PAGES = [
    *_having("```python", _ROOT.glob("*.md")),
    *_having("```python", (_ROOT / "docs").rglob("*.md")),
]
_MODULES = _having(">>> ", (_ROOT / "agentbot").rglob("*.py"))


class _Reader:
    """What runs a page's examples, and compares what they print with what is shown."""

    def __init__(self) -> None:
        self._run = PythonEvaluator()
        self._printed = ""

    def run(self, example: Example) -> str:
        """Run an example; what the one before has printed must have been shown by now."""
        if untold := self.left():
            return untold
        out = io.StringIO()
        with redirect_stdout(out):
            self._run(example)
        self._printed = out.getvalue()
        return ""

    def compare(self, example: Example) -> str:
        """Compare what an example has printed with the block after it."""
        printed, self._printed = self._printed, ""
        shown = str(example.parsed)
        return "" if printed in {"", shown} else f"shown is\n{shown}and printed was\n{printed}"

    def left(self) -> str:
        """Return what was printed and is shown nowhere."""
        return f"nowhere shown: {self._printed}" if self._printed else ""


def run_page(page: Path) -> int:
    """Run a page's examples; return how many there are. What they raise is raised."""
    reader = _Reader()
    parsers = CodeBlockParser("python", reader.run), CodeBlockParser("text", reader.compare)
    examples = list(Document.parse(str(page), *parsers).examples())
    for example in examples:
        example.evaluate()
    assert reader.left() == ""
    return len(examples)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """Leave the log as it was: an example sets it up, as a program does."""
    with logging_restored():
        yield


@pytest.mark.parametrize("page", _PAGES, ids=lambda path: path.name)
def test_a_pages_examples_run(page: Path) -> None:
    """From the first to the last, and print what the page shows."""
    assert run_page(page) > 0


@pytest.mark.parametrize("module", _MODULES, ids=lambda path: path.stem)
def test_a_modules_examples_hold(module: Path) -> None:
    """Each gives what stands under it."""
    examples = list(PythonDocStringDocument.parse(str(module), DocTestParser()).examples())
    for example in examples:
        example.evaluate()
    assert examples


def test_examples_are_found() -> None:
    """So that this module looks where it means to look."""
    assert {page.name for page in _PAGES} >= {"responders.md", "embedding.md", "client.md"}
    assert len(_MODULES) > 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", "shown is\n2\nand printed was\n1\n"),
        ("```python\nprint(1)\n```\n\n```python\nx = 2\n```\n", "nowhere shown: 1"),
    ],
)
def test_what_is_printed_otherwise_is_found(tmp_path: Path, text: str, said: str) -> None:
    """A page that shows something else, or nothing."""
    (tmp_path / "page.md").write_text(text, "utf-8")
    with pytest.raises(SybilFailure) as error:
        run_page(tmp_path / "page.md")
    assert said in str(error.value)


def test_an_example_that_fails_is_found(tmp_path: Path) -> None:
    """With the page and its line."""
    (tmp_path / "page.md").write_text("# A page\n\n```python\nno_such_name\n```\n", "utf-8")
    with pytest.raises(NameError) as error:
        run_page(tmp_path / "page.md")
    assert (error.traceback[-1].path, error.traceback[-1].lineno) == (tmp_path / "page.md", 3)
