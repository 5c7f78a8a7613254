"""The CEL engine, without the command line that comes with it.

``import cel`` loads that too, with prompt_toolkit and rich: a fifth of a second, and ten megabytes
for as long as the process runs. The engine itself is one extension module in that package.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from importlib.machinery import PathFinder
from typing import Any, Protocol, cast

_NAME = "cel.cel"


class Program(Protocol):
    """A compiled CEL expression, as far as it is used here."""

    @property
    def source(self) -> str:
        """The expression as written."""

    def execute(self, context: Variables | dict[str, Any]) -> object:
        """Return its value for these variables."""

    def variables(self) -> list[str]:
        """Return the names that it refers to."""

    def functions(self) -> list[str]:
        """Return the functions and operators that it uses."""


class Variables(Protocol):
    """Values as the engine takes them: converted once, for all expressions that use them."""

    def add_variable(self, name: str, value: object) -> None:
        """Add a value. Raises ``ValueError`` where the engine knows no such type."""


class Engine(Protocol):
    """The extension module, as far as it is used here."""

    def compile(self, source: str) -> Program:
        """Return a program. Raises ``ValueError`` where the expression cannot be read."""

    def Context(self) -> Variables:  # noqa: N802 - its name there
        """Return variables, none yet."""


@cache
def engine() -> Engine:
    """Return the engine. The first call loads it, unless something else has: it loads once only."""
    if (loaded := sys.modules.get(_NAME)) is not None:
        return cast("Engine", loaded)
    package = importlib.util.find_spec("cel")
    if package is None or package.submodule_search_locations is None:
        raise ModuleNotFoundError("common-expression-language is not installed", name="cel")
    spec = PathFinder.find_spec(_NAME, package.submodule_search_locations)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("common-expression-language has no engine", name=_NAME)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[_NAME] = module  # for whoever imports the whole package later
    return cast("Engine", module)
