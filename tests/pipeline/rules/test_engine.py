"""The CEL engine comes without its command line (agentbot/pipeline/rules/engine.py)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentbot.pipeline.rules.engine import engine

_LOADED = """
import sys
from agentbot.pipeline.rules.cel import compile_cel
compile_cel("text.contains('tea')")
print([name for name in ("cel.cli", "prompt_toolkit", "rich", "typer") if name in sys.modules])
"""


def test_conditions_load_no_command_line() -> None:
    """Nothing that only a terminal needs is imported with the engine."""
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_variables_keep_what_they_were_given() -> None:
    """One set of them serves many programs, and what is added later is there too."""
    variables = engine().Context()
    variables.add_variable("one", 1)
    assert engine().compile("one == 1").execute(variables) is True
    variables.add_variable("two", [1, 2])
    assert engine().compile("one in two").execute(variables) is True


def test_what_the_engine_has_no_type_for_is_refused() -> None:
    """Such a value cannot be asked for; the condition does not hold then."""
    with pytest.raises(ValueError, match="object"):
        engine().Context().add_variable("one", object())


@pytest.mark.parametrize(
    "imports", ["import cel\nload()", "load()\nimport cel"], ids=["before", "after"]
)
def test_the_whole_package_may_be_imported_too(imports: str) -> None:
    """A responder of an operator's own may use it; the engine can be loaded only once."""
    load = "from agentbot.pipeline.rules.engine import engine\ndef load():\n    engine()\n"
    asks = "print(engine().compile('1 + 1').execute({}), cel.evaluate('1 + 2'))"
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", f"{load}{imports}\n{asks}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.split() == ["2", "3"]
