"""Proves :mod:`tests.mutants.kinds`: which changes are made, and which are not."""

from __future__ import annotations

import pytest

from tests.mutants.floors import FLOORS, ROOT
from tests.mutants.kinds import mutants_of

MADE = [
    ("return a < b", ["return a <= b"]),
    ("return a == b", ["return a != b"]),
    ("return a is not b", ["return a is b"]),
    ("return a in b", ["return a not in b"]),
    ("return a < b < c", ["return a <= b < c", "return a < b <= c"]),
    ("return a and b or c", ["return a or b or c", "return a and b and c"]),
    ("return not a", ["return a"]),
    ("x = 3", ["x = 4"]),
    ("x = 300", ["x = 600"]),
    ("x = 0.5", ["x = 1.0"]),
    ("x = -y", ["x = y"]),
    ("x = a + b", ["x = a"]),
    ("x = True", ["x = False"]),
    ('x = "tag"', ['x = ""']),
    ("call(a)", ["pass"]),
    ("await call(a)", ["pass"]),
    ("self.x = a", ["pass"]),
    ("x += a", ["pass"]),
    ("del a[b]", ["pass"]),
    ("return a", ["return None"]),
    ("for a in b: continue", ["for a in b: pass"]),
]


@pytest.mark.parametrize(("line", "changed"), MADE)
def test_a_change_of_each_kind_is_made(line: str, changed: list[str]) -> None:
    """One for each place in the line at which there is something to change."""
    source = f"async def f(self, a, b, c, y):\n    {line}\n"
    made = mutants_of("agentbot/m.py", source.encode())
    assert sorted(mutant.now for mutant in made) == sorted(changed)
    for mutant in made:
        assert mutant.apply(source.encode()).decode().splitlines()[1].strip() == mutant.now
        assert mutant.function == ("f", 1)
        lines = (1, 2) if mutant.kind == "exit" else (2, 2)
        assert (mutant.line, mutant.lines, mutant.place) == (2, lines, "f")


def test_a_handler_catches_less_or_raises_again() -> None:
    """Each of several exceptions is left out once."""
    source = b"def f():\n    try:\n        x = f()\n    except (A, B):\n        y = f()\n"
    made = {mutant.now for mutant in mutants_of("agentbot/m.py", source)}
    assert made == {"except (B,):", "except (A,):", "raise"}


LEFT = [
    '"""A docstring."""',
    '_log.info("done", count=1)',
    'raise ValueError("no such thing here", repr(a)[:200], "b")',
    "x: Literal[3]",
    '__slots__ = ("a", "b")',
    "assert a < b",
    'x = f"{a} and 3"',
    "if sys.platform == a: y()",
    "class P(Protocol):\n        x = 3",
    'class E(Enum):\n        A = "a"',
    "def __repr__(self):\n        return a",
    "except_ = a(what=b)",
]


@pytest.mark.parametrize("line", LEFT)
def test_what_nobody_tests_is_left_as_it_is(line: str) -> None:
    """Texts for people, types, names: whatever is changed in them, no behaviour is."""
    made = mutants_of("agentbot/m.py", f"def f(a, b):\n    {line}\n".encode())
    assert [mutant.now for mutant in made] == []


def test_a_line_that_says_nothing_alone_is_shown_with_the_one_above_it() -> None:
    """Two returns of one function are not taken for the same."""
    source = b"def f(a, b):\n    if a:\n        return\n    if b:\n        return\n"
    made = {(mutant.was, mutant.now, mutant.line) for mutant in mutants_of("agentbot/m.py", source)}
    assert made == {
        ("if a: return", "if a: pass", 3),
        ("if b: return", "if b: pass", 5),
    }


def test_no_change_moves_the_lines_below_it() -> None:
    """The code of a function is known by its first line."""
    source = b"def f(a):\n    call(\n        a,\n    )\n    return a\n"
    for mutant in mutants_of("agentbot/m.py", source):
        assert mutant.apply(source).count(b"\n") == source.count(b"\n")


def test_what_runs_on_import_has_no_function() -> None:
    """Defaults too: they are made where the function is."""
    source = b"LIMIT = 3\n\nclass C:\n    def f(self, a=True):\n        return a\n"
    places = {mutant.now: mutant.function for mutant in mutants_of("agentbot/m.py", source)}
    assert places == {
        "LIMIT = 4": None,
        "def f(self, a=False):": None,
        "return None": ("C.f", 4),
    }


def test_letters_of_several_bytes_do_not_shift_a_change() -> None:
    """Offsets are of bytes."""
    source = 'def f(a):\n    x = "ÄÖ"; return a < "é"\n'.encode()
    made = {mutant.now for mutant in mutants_of("agentbot/m.py", source)}
    assert 'x = "ÄÖ"; return a <= "é"' in made


def test_every_mutant_of_the_tree_is_a_program() -> None:
    """A mutant that cannot be compiled would be noticed by whatever test there is."""
    paths = [path for floor in FLOORS for path in floor.files()]
    for path in paths:
        source = (ROOT / path).read_bytes()
        for mutant in mutants_of(path, source)[::5]:
            compile(mutant.apply(source), path, "exec", dont_inherit=True)
