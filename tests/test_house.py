"""The rules of the house that a program can check: CONTRIBUTING.md says why they hold."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from agentbot.pipeline.languages.pack import CODES
from tests.support import history, proofs
from tests.support.floors import FLOORS
from tests.support.voice import he_or_she, off_voice

ROOT = Path(__file__).parents[1]

MOST_LINES = 400
"""Lines of a module: what is longer has, in this tree, had two reasons to change."""
TEST_DATA = (
    "tests/transcripts/",
    "tests/bench/foreign/",
    "agentbot/pipeline/faq/embedders/minilm-vocab.txt",
)
"""Texts that others wrote, or vocabulary, or questions in other languages."""
THEIR_RULES = ("tests/support/voice.py", "tests/test_house.py")
"""Files that must name the words that they look for."""
OTHER_LANGUAGES = (
    *(f"agentbot/pipeline/languages/{code}.yaml" for code in CODES if code != "en"),
    "agentbot/pipeline/languages/belonging.yaml",
    "agentbot/pipeline/languages/confirming.yaml",
    "agentbot/pipeline/languages/foreign.py",
    "agentbot/pipeline/languages/foreign.yaml",
    "agentbot/pipeline/languages/speech.yaml",
    "agentbot/pipeline/languages/subjects.yaml",
    "tests/pipeline/languages/test_foreign.py",
)
"""Files in, or about, languages in which the same letters are other words ("he recibido")."""


@pytest.mark.parametrize("floor", sorted(FLOORS))
def test_docstrings_have_one_voice(floor: str) -> None:
    """Functions and methods begin with an imperative verb; what is a thing is a noun phrase."""
    package = ROOT / "agentbot"
    paths = [*(package / floor).rglob("*.py"), *package.glob(f"{floor}.py")]

    assert paths
    assert not [
        f"{path.relative_to(ROOT)}:{problem}"
        for path in paths
        for problem in off_voice(path.read_text(encoding="utf-8"))
    ]


_METHOD = '"""A module."""\nclass A:\n    """It."""\n    async def way(self):\n        """%s"""\n'
_PROPERTY = _METHOD.replace("    async", "    @property\n   ")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('"""A module."""\ndef run():\n    """Run."""\n', []),
        ('"""A module."""\ndef run():\n    """Whether it runs."""\n', ["run"]),
        ('"""A module."""\ndef run():\n    """Returns nothing."""\n', ["run"]),
        ('"""A module."""\ndef run():\n    pass\n', ["run"]),
        ('"""A module."""\ndef _run():\n    pass\n', []),
        ('"""A module."""\nclass A:\n    """Return it."""\n', ["A"]),
        (_METHOD % "Show the way.", []),
        (_METHOD % "The way.", ["way"]),
        (_PROPERTY % "The way.", []),
        (_PROPERTY % "Return the way.", ["way"]),
        ("", ["the module"]),
    ],
)
def test_another_voice_is_heard(source: str, names: list[str]) -> None:
    """Each kind of docstring can be wrong."""
    assert [problem.split(": ")[1].split(" says")[0] for problem in off_voice(source)] == names


def too_long(modules: Iterable[Path]) -> list[str]:
    """Return a line for each module that has more lines than one holds in the head."""
    lengths = ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in modules)
    return [f"{path}: {lines} lines" for path, lines in lengths if lines > MOST_LINES]


def tracked() -> list[Path]:
    """Return the files of the tree that git knows; in an archive, all of them."""
    if history.is_there():
        return [ROOT / name for name in history.git("ls-files", "-z").split("\0") if name]
    return [path for path in ROOT.rglob("*") if path.is_file()]


def test_a_module_is_small_enough_to_hold_in_the_head() -> None:
    """The modules of the package are; a test module is a list of cases, which nobody holds."""
    paths = sorted((ROOT / "agentbot").rglob("*.py"))

    assert paths
    assert not too_long(paths)


@pytest.mark.parametrize(("lines", "is_too_long"), [(MOST_LINES, False), (MOST_LINES + 1, True)])
def test_a_long_module_is_found(tmp_path: Path, lines: int, *, is_too_long: bool) -> None:
    """By one line."""
    module = tmp_path / "module.py"
    module.write_text("x = 1\n" * lines)

    assert too_long([module]) == ([f"{module}: {lines} lines"] if is_too_long else [])


def test_people_are_they() -> None:
    """Nobody knows who a customer or an operator is."""
    found = []
    for path in tracked():
        place = path.relative_to(ROOT).as_posix()
        if not path.is_file() or place.startswith(TEST_DATA):
            continue
        if place in THEIR_RULES or place in OTHER_LANGUAGES:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{place}:{line}" for line in he_or_she(text)]

    assert not found


@pytest.mark.parametrize(
    "line", ["He asks.", "it is his own", "before HER eyes", "`him`", "x = her"]
)
def test_he_and_she_are_found(line: str) -> None:
    """As words."""
    assert he_or_she(f"They ask.\n{line}\n") == [f"2: {line}"]


def test_parts_of_words_are_no_people() -> None:
    """Neither these nor those."""
    assert not he_or_she(
        "the other this history where hers_elf shell others here 'her_name' chimes"
    )


def test_every_module_has_its_proof() -> None:
    """In the test module of its name, or where the table says."""
    assert not proofs.unproven(ROOT / "agentbot", ROOT / "tests")
    assert all((ROOT / "tests" / place).exists() for place in proofs.ELSEWHERE.values() if place)


def test_a_module_without_proof_is_found(tmp_path: Path) -> None:
    """A new module is, one with its mirror is not."""
    for place in ("agentbot/bot/new.py", "agentbot/bot/old.py", "tests/bot/test_old.py"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    assert proofs.unproven(tmp_path / "agentbot", tmp_path / "tests") == ["bot/new.py"]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda path: path.name
)
def test_each_test_module_says_what_it_proves(path: Path) -> None:
    """At its head."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.skipif(not history.is_there(), reason="an archive has no history")
def test_subjects_are_short() -> None:
    """From the commit on that brought the rule."""
    found = [
        f"{commit[:9]}: {problem}"
        for commit, subject in history.commits_since("tests/support/history.py")
        if (problem := history.subject_problem(subject))
    ]

    assert not found


@pytest.mark.parametrize(("length", "code"), [(72, 0), (73, 1)])
def test_the_hook_refuses_a_long_subject(tmp_path: Path, length: int, code: int) -> None:
    """The subject is the message's first line; how long the others are is not its business."""
    message = tmp_path / "COMMIT_EDITMSG"
    message.write_text(f"{'x' * length}\n\n{'y' * 90}\n")

    ran = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.support.history", str(message)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == code
    assert ("the subject is too long" in ran.stderr) is bool(code)
