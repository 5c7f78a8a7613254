"""A failure in real time gets one second chance, aloud; no other failure gets any.

Each test writes a small tree of tests, and runs pytest over it as a process of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.realtime import PLACES, is_realtime

ROOT = Path(__file__).parents[1]

_CONFIG = """
[tool.pytest.ini_options]
addopts = "--strict-markers"
markers = ["realtime: set by place"]
"""

_CONFTEST = """
import os
from pathlib import Path
import pytest
from tests.support import realtime

def pytest_addoption(parser):
    parser.addoption("--long", action="store_true")

def pytest_configure(config):
    realtime.LIMIT_SECONDS = float(os.environ["LIMIT_SECONDS"])
    realtime.register(config)

def pytest_collection_modifyitems(items):
    for item in items:
        realtime.mark(item, Path(__file__).parent)
"""

_TESTS = """
from pathlib import Path

def fails(times):
    "Fail so many times, counted in a file."
    count = Path(__file__).with_suffix(".count")
    failed = int(count.read_text()) if count.exists() else 0
    if failed < times:
        count.write_text(str(failed + 1))
        raise RuntimeError(f"failure {failed + 1}")

"""

_ALWAYS = 9

_WAITS = """
import asyncio
import time
from tests.support.waiting import telling

def wait():
    with telling(lambda: "an answer to 'Do you ship?'"):
        time.sleep(60)

async def wait_for_others():
    with telling(lambda: "an answer to 'Do you ship?'"):
        await asyncio.sleep(60)
"""


class Tree:
    """A tree of tests, each of which fails a number of times."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.add("pyproject.toml", _CONFIG)
        self.add("trial/conftest.py", _CONFTEST)

    def add(self, place: str, text: str) -> None:
        """Write a file."""
        path = self._root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def add_test(self, place: str, *, fails: int) -> None:
        """Write a file with one test, which fails so many times before it passes."""
        self.add(f"trial/{place}", f"{_TESTS}def test_it():\n    fails({fails})\n")

    def runs_of(self, place: str) -> int:
        """Return how often the test has failed."""
        return int((self._root / "trial" / place).with_suffix(".count").read_text())

    def run(
        self, *options: str, bare: bool = True, limit: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run pytest over the tree; ``bare``: without other plugins, which starts faster.

        ``limit`` is that of a test in real time, in seconds.
        """
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "LIMIT_SECONDS": str(limit)}
        if bare:
            environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        return subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "pytest", "trial", *options],
            cwd=self._root,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Return a tree with a test that passes."""
    tree = Tree(tmp_path)
    tree.add_test("test_good.py", fails=0)
    return tree


def closing(ran: subprocess.CompletedProcess[str]) -> str:
    """Return pytest's closing line without its time."""
    return ran.stdout.splitlines()[-1].strip("= ").split(" in ")[0]


def test_one_that_fails_once_is_named_and_lets_the_run_pass(tree: Tree) -> None:
    """It counts as flaky, not as passed; how it failed is shown, and its name stands at the end."""
    tree.add_test("e2e/test_a.py", fails=1)

    ran = tree.run(bare=False)

    assert ran.returncode == 0, ran.stdout
    assert closing(ran) == "1 passed, 1 flaky"
    assert "RuntimeError: failure 1" in ran.stdout
    assert ran.stdout.splitlines()[-2] == (
        "flaky: trial/e2e/test_a.py::test_it failed, and passed when it was run again alone"
    )


def test_one_that_fails_twice_fails_the_run(tree: Tree) -> None:
    """Both failures are shown, and it is not run a third time."""
    tree.add_test("chaos/test_a.py", fails=_ALWAYS)

    ran = tree.run()

    assert ran.returncode == 1
    assert closing(ran) == "1 failed, 1 passed"
    assert "RuntimeError: failure 1" in ran.stdout
    assert "RuntimeError: failure 2" in ran.stdout
    assert tree.runs_of("chaos/test_a.py") == 2


def test_a_second_flaky_one_fails_the_run(tree: Tree) -> None:
    """Both are named."""
    tree.add_test("e2e/test_a.py", fails=1)
    tree.add_test("clients/test_b.py", fails=1)

    ran = tree.run()

    assert ran.returncode == 1
    assert closing(ran) == "2 failed, 1 passed"
    for name in ("e2e/test_a.py", "clients/test_b.py"):
        assert f"\nflaky: trial/{name}::test_it failed, and passed" in ran.stdout


def test_a_flaky_one_does_not_excuse_one_that_fails_twice(tree: Tree) -> None:
    """The run fails by the one, and names the other."""
    tree.add_test("e2e/test_a.py", fails=1)
    tree.add_test("e2e/test_b.py", fails=_ALWAYS)

    ran = tree.run()

    assert ran.returncode == 1
    assert closing(ran) == "1 failed, 1 passed, 1 flaky"
    assert "\nflaky: trial/e2e/test_a.py::test_it failed, and passed" in ran.stdout


def test_many_failures_are_not_run_again(tree: Tree) -> None:
    """Three cannot all be bad luck, and would cost the time of three."""
    places = [f"chaos/test_{name}.py" for name in "abc"]
    for place in places:
        tree.add_test(place, fails=1)

    ran = tree.run()

    assert ran.returncode == 1
    assert closing(ran) == "3 failed, 1 passed"
    assert "flaky: " not in ran.stdout
    assert [tree.runs_of(place) for place in places] == [1, 1, 1]


@pytest.mark.parametrize("place", ["bot/test_a.py", "test_e2e.py", "simulation/test_chaos.py"])
def test_one_that_is_not_in_real_time_is_never_run_again(tree: Tree, place: str) -> None:
    """What fails by itself fails the run, at its first failure."""
    tree.add_test(place, fails=1)

    ran = tree.run()

    assert ran.returncode == 1
    assert closing(ran) == "1 failed, 1 passed"
    assert tree.runs_of(place) == 1


@pytest.mark.parametrize(
    "options", [("-x",), ("-p", "xdist", "-n", "1"), ("-p", "no:realtime-rerun")], ids=str
)
def test_who_asks_for_the_first_failure_gets_it(tree: Tree, options: tuple[str, ...]) -> None:
    """With -x, in a worker of xdist, and with the plugin switched off."""
    tree.add_test("e2e/test_a.py", fails=1)

    ran = tree.run(*options)

    assert ran.returncode == 1
    assert tree.runs_of("e2e/test_a.py") == 1


def test_a_fixture_that_fails_counts_as_its_test(tree: Tree) -> None:
    """Before the test and after it."""
    for name, before, after in (("a", 1, 0), ("b", 0, 1)):
        fixture = f"def one():\n    fails({before})\n    yield\n    fails({after})\n"
        tree.add(
            f"trial/e2e/test_{name}.py",
            f"{_TESTS}import pytest\n\n@pytest.fixture\n{fixture}\ndef test_it(one):\n    pass\n",
        )

    ran = tree.run("-k", "test_a")
    also = tree.run("-k", "test_b")

    assert (ran.returncode, also.returncode) == (0, 0), ran.stdout + also.stdout
    for one in (ran, also):
        assert "1 flaky" in closing(one)


def test_the_second_run_has_the_cache_of_the_first(tree: Tree) -> None:
    """What a fixture has installed there is there."""
    body = """
def test_it(pytestconfig):
    folder = pytestconfig.cache.mkdir("installed")
    assert (folder / "done").exists() or (folder / "done").touch()
"""
    tree.add("trial/clients/test_a.py", body)

    ran = tree.run()

    assert ran.returncode == 0, ran.stdout
    assert closing(ran) == "1 passed, 1 flaky"


def test_an_interrupted_run_hides_no_failure(tree: Tree) -> None:
    """What was held back is reported, though there is no time to run it again."""
    tree.add_test("e2e/test_a.py", fails=1)
    tree.add("trial/test_z.py", "def test_it():\n    raise KeyboardInterrupt\n")

    ran = tree.run()

    assert ran.returncode == 2
    assert "RuntimeError: failure 1" in ran.stdout
    assert "1 failed" in ran.stdout
    assert tree.runs_of("e2e/test_a.py") == 1


@pytest.mark.parametrize("waits", ["wait()", "asyncio.run(wait_for_others())"])
def test_one_that_takes_too_long_fails(tree: Tree, waits: str) -> None:
    """It is ended, counts as a failure, and says what it waited for, and where."""
    tree.add("trial/e2e/test_a.py", f"{_WAITS}\ndef test_it():\n    {waits}\n")

    ran = tree.run(limit=2)

    assert ran.returncode == 1
    told = ran.stdout.partition("it took longer than the 2 s")[2]
    assert "what was waited for then:\nE       an answer to 'Do you ship?'" in told
    assert re.search(r"test_a\.py(:12 wait_for_others|\", line 8, in wait)\n", told)


def test_only_tests_in_real_time_have_a_limit(tree: Tree) -> None:
    """Others have their own time-outs, and a slow machine."""
    tree.add("trial/bot/test_a.py", "import time\n\ndef test_it():\n    time.sleep(2.5)\n")

    assert tree.run(limit=2).returncode == 0


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_one(place: str) -> None:
    """A folder that is moved takes its entry along."""
    assert (ROOT / "tests" / place).exists()


def test_this_run_marks_by_place(request: pytest.FixtureRequest) -> None:
    """The rules hold for the run that this test is part of."""
    session: Any = request.session
    marked = {item.path.relative_to(ROOT).as_posix() for item in session.items if is_realtime(item)}

    assert not is_realtime(request.node)
    assert all(place.removeprefix("tests/").startswith(PLACES) for place in marked)
