"""openai is loaded without its types, which are there for whoever asks for one."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from agentbot.pipeline import lean

_LOAD = """
import sys
from agentbot.pipeline.lean import load_openai
load_openai()
import openai
def loaded():
    return sum(name.startswith("openai.types") for name in sys.modules)
few = loaded()
openai.AsyncOpenAI(api_key="none", base_url="http://127.0.0.1:9/v1")
assert loaded() == few
from openai.types import Model
from openai.types.responses import Response
print(few, loaded(), Model.__name__, Response.__name__, openai.types.responses.Response is Response)
"""


def test_types_are_loaded_when_one_is_asked_for() -> None:
    """A quarter of them at first; then all, as ever."""
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True
    )
    few, many, *rest = ran.stdout.split()
    assert int(few) * 3 < int(many)
    assert rest == ["Model", "Response", "True"]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package whose part is put off."""
    folder = tmp_path / "whole" / "part"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(lean, "_OPENAI", "whole")
    monkeypatch.setattr(lean, "_PUT_OFF", ("whole.part", "whole.part.inner", "whole.none"))
    before = dict(sys.modules)
    yield folder
    for name in sys.modules.keys() - before:
        del sys.modules[name]


def part() -> ModuleType:
    """Return the part, as it is imported."""
    lean.load_openai()
    return sys.modules["whole.part"]


def test_nothing_of_it_is_run_before(package: Path) -> None:
    """Nor for what goes through all modules; then it is, once."""
    runs = package / "runs"
    code = f"with open({str(runs)!r}, 'a') as file:\n    file.write('.')\nA = 1"
    (package / "__init__.py").write_text(code)
    made = part()
    assert getattr(made, "__warningregistry__", None) is None
    assert not runs.exists()
    assert (made.A, made.A, runs.read_text()) == (1, 1, ".")
    with pytest.raises(AttributeError, match=r"'whole\.part' has no attribute 'B'"):
        made.B  # noqa: B018 - that it fails is the point


def test_its_modules_may_ask_it_for_what_it_has_so_far(package: Path) -> None:
    """As in any package that imports its own modules."""
    (package / "__init__.py").write_text("A = 1\nfrom whole.part.own import B")
    (package / "own.py").write_text("from whole.part import A\nB = A + 1")
    assert part().B == 2


def test_what_fails_as_it_is_run_says_so_each_time(package: Path) -> None:
    """And not that it lacks something."""
    (package / "__init__.py").write_text("1 / 0")
    made = part()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            made.A  # noqa: B018 - that it fails is the point


def test_threads_wait_for_who_is_first(package: Path) -> None:
    """None of them sees half a package."""
    (package / "__init__.py").write_text("import time\ntime.sleep(0.05)\nA = 1")
    made, found = part(), []
    threads = [threading.Thread(target=lambda: found.append(made.A)) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [1, 1, 1]


def test_what_is_there_already_stays_as_it_is(package: Path) -> None:
    """Somebody imported it whole."""
    (package / "__init__.py").write_text("A = 1")
    __import__("whole.part")
    lean.load_openai()
    assert type(sys.modules["whole.part"]) is ModuleType
