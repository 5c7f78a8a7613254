"""YAML is read as written, without surprises, and every problem is named with its line."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from agentbot.pipeline.files.models import Duration, FileModel, OneOrMore
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.yaml import YamlFile, parse_yaml, read_text, validate


class Inner(FileModel):
    """A part of a file."""

    name: str
    flag: bool = False
    wait: Duration | None = None


class Sample(FileModel):
    """A file."""

    title: str = ""
    parts: list[Inner] = Field([])
    go_on: bool = Field(default=False, alias="continue")
    tags: OneOrMore = Field([])


def problems_of(text: str) -> list[str]:
    """What is said about a text."""
    problems = Problems()
    file = parse_yaml(text, "x.yaml", problems)
    if file:
        validate(Sample, file, problems)
    return [str(problem) for problem in problems.found]


def parsed(text: str) -> YamlFile:
    """A file without mistakes."""
    problems = Problems()
    file = parse_yaml(text, "x.yaml", problems)
    assert file is not None
    return file


def test_plain_words_stay_what_was_written() -> None:
    """No surprises of YAML 1.1: no, on, 9:00, 012 and dates."""
    file = parsed("a: [no, on, yes, 9:00, 2026-12-24, 1_000, true, ~, 3, -2, 1.5]")
    assert file.data == {
        "a": ["no", "on", "yes", "9:00", "2026-12-24", "1_000", True, None, 3, -2, 1.5]
    }


def test_an_empty_file_is_an_empty_mapping() -> None:
    """And so is one with comments only."""
    assert parsed("# nothing\n").data == {}


def test_places_are_lines_also_within_block_texts() -> None:
    """A block's text begins on the line after its key."""
    file = parsed("a:\n  - b: 1\n  - c: |\n      one\n      two\n")
    assert file.place("a", 0, "b") == "x.yaml:2"
    assert file.place("a", 1, "nowhere") == "x.yaml:3"
    assert file.place_in_text("a", 1, "c", line=2) == "x.yaml:5"
    assert file.place_in_text("a", 0, "b", line=1) == "x.yaml:2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b: c", "x.yaml:1:5: this is not YAML: mapping values are not allowed here"),
        ("a:\n\t- b", "indent with spaces, not tabs"),
        ("a: [1", "x.yaml:1:6"),
        ("title: x\ntitle: y", "x.yaml:2: the key 'title' stands here a second time (the first is"),
        ("? [a]\n: b", "a key must be plain text"),
        ("a: *nobody", "undefined alias"),
        ("a: &x [*x]", "too large or nested"),
        ("[" * 1000, "x.yaml: this is not YAML: nested too deeply"),
        ("titel: x", "x.yaml:1: unknown key 'titel' (did you mean 'title'?)"),
        ("parts:\n  - nmae: x", "x.yaml:2: unknown key 'nmae' (did you mean 'name'?)"),
        ("parts:\n  - flag: true", "x.yaml:2: the key 'name' is missing (add 'name: …')"),
        ("parts:\n  - name: 3", "x.yaml:2: 'name' must be text, not 3 (put it in quotes)"),
        ("title:", "x.yaml:1: 'title' must be text, not nothing"),
        ("parts:\n  - name: x\n    flag: 'yes'", "x.yaml:3: 'flag' must be true or false"),
        ("parts:\n  - x", "x.yaml:2: item 1 of 'parts' is 'x' (write keys and values under it)"),
        ("parts:\n  - name: x\n    wait: 3", "x.yaml:3: 3 is not a duration (write 90s"),
        ("parts:\n  - name: x\n    wait: soon", "'soon' is not a duration (write 90s"),
        ("- a", "x.yaml:1: the file is ['a'] (write keys and values under it)"),
        ("title: x\n# y\0", "x.yaml:2: this is not YAML: here stands a control character (0x00)"),
        ("title: !include b.yaml", "x.yaml:1: the tag !include is not known (put text that"),
        ("title: !!python/name:os.system x", "the tag python/name:os.system is not known"),
        ("title: !!int x", "x.yaml:1: 'x' is no number (write a number)"),
        ("parts: {}", "'parts': it should be a valid list"),
    ],
)
def test_a_mistake_is_named_with_place_problem_and_remedy(text: str, expected: str) -> None:
    """In words for a person who does not program."""
    said = problems_of(text)
    assert any(expected in one for one in said), said


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    """Not one a run."""
    said = problems_of("titel: x\nparts:\n  - nmae: x\n  - name: 3\n")
    assert [one.partition(": ")[0] for one in said] == [
        "x.yaml:3",
        "x.yaml:3",
        "x.yaml:4",
        "x.yaml:1",
    ]


def test_half_a_character_is_named() -> None:
    """An escape can write one, and nothing could send or store it."""
    (said,) = problems_of('title: "a"\nparts: ["x \\ud83d"]')
    assert said.startswith("x.yaml:2: \\ud83d is half a character (write the character itself")


def test_a_bomb_of_aliases_is_refused() -> None:
    """A few lines that stand for billions of values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    assert len(problems_of("\n".join(lines))) == 1


@given(st.text(alphabet=st.sampled_from("ab:-[]{}#&*!|>'\"%@`, \n\t0.~?é\0"), max_size=60))
def test_no_text_raises(text: str) -> None:
    """Whatever a person saves, problems are noted, never raised."""
    problems_of(text)


def test_what_may_have_no_end_is_not_read(tmp_path: Path) -> None:
    """A pipe to which nobody writes, and a device; a pipe is read where one may be meant."""
    problems = Problems()
    pipe, device = tmp_path / "pipe.yaml", tmp_path / "device.yaml"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        assert read_text(path, path.name, problems) is None
    assert [str(problem) for problem in problems.found] == [
        "pipe.yaml: this is a pipe or a device (put a plain file in its place)",
        "device.yaml: this is a pipe or a device (put a plain file in its place)",
    ]
    with ThreadPoolExecutor(1) as writer:
        writer.submit(pipe.write_text, "title: x")
        assert read_text(pipe, "pipe.yaml", problems, may_be_piped=True) == "title: x"


def test_files_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    """Missing, not UTF-8, too large, a folder."""
    problems = Problems()
    (tmp_path / "latin.yaml").write_bytes(b"a: x\nb: caf\xe9\n")
    (tmp_path / "huge.yaml").write_text("#" * 1_000_001, encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("missing.yaml", "latin.yaml", "huge.yaml", "folder.yaml"):
        assert read_text(tmp_path / name, name, problems) is None
    said = [str(problem) for problem in problems.found]
    assert "missing" in said[0]
    assert said[1].startswith("latin.yaml:2: this is not UTF-8")
    assert "longer than" in said[2]
    assert "cannot be read: Is a directory (put a plain file in its place)" in said[3]
