"""Two ways to make a process run a mutant, neither of which touches a file of the tree.

A change inside a function takes the place of the function's code in a process that has imported it
already, which costs nothing. A change to what runs on import needs a process that has not.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from tests.mutants.floors import ROOT
from tests.mutants.kinds import Mutant

Place = tuple[str, str, int]
"""Where a function stands: its file, its qualified name, its first line."""


def functions_by_place() -> dict[Place, list[FunctionType]]:
    """Return all functions of this process that stand in a file below :data:`ROOT`."""
    found: dict[Place, list[FunctionType]] = {}
    root = str(ROOT)
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename.startswith(root):
            code = one.__code__
            place = (code.co_filename, code.co_qualname, code.co_firstlineno)
            found.setdefault(place, []).append(one)
    return found


def plant(mutant: Mutant, functions: dict[Place, list[FunctionType]]) -> bool:
    """Put a mutant's code into its function. False: only an import can make it run."""
    if mutant.function is None:
        return False
    file = str(ROOT / mutant.path)
    name, line = mutant.function
    wanted = functions.get((file, name, line), [])
    codes = [
        code
        for code in _codes(_compiled(mutant))
        if (code.co_qualname, code.co_firstlineno) == (name, line)
    ]
    if not wanted or len(codes) != 1:
        return False
    [code] = codes
    if any(code.co_freevars != one.__code__.co_freevars for one in wanted):
        return False
    for one in wanted:
        one.__code__ = code
    return True


def plant_for_import(mutant: Mutant) -> None:
    """See to it that the mutant's module is imported from the mutant's source."""
    module = mutant.path.removesuffix(".py").replace("/", ".")
    forget_ours()
    sys.meta_path.insert(0, _Finder(module, mutant))


def forget_ours() -> None:
    """Let everything of this tree be imported anew, whatever this process has imported before."""
    for name in list(sys.modules):
        is_ours = name.split(".")[0] in {"agentbot", "tests"}
        if is_ours and name != "tests" and not name.startswith("tests.mutants"):
            del sys.modules[name]


class _Loader(SourceFileLoader):
    def __init__(self, module: str, mutant: Mutant) -> None:
        super().__init__(module, str(ROOT / mutant.path))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """Return the mutant's code, from no cache."""
        del fullname
        return _compiled(self._mutant)


class _Finder(MetaPathFinder):
    def __init__(self, module: str, mutant: Mutant) -> None:
        self._module = module
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the one module."""
        del path, target
        if fullname != self._module:
            return None
        loader = _Loader(self._module, self._mutant)
        return importlib.util.spec_from_file_location(fullname, loader=loader)


def _compiled(mutant: Mutant) -> CodeType:
    file = Path(ROOT / mutant.path)
    return compile(mutant.apply(file.read_bytes()), str(file), "exec", dont_inherit=True)


def _codes(code: CodeType) -> Iterator[CodeType]:
    inside: Iterable[object] = code.co_consts
    for one in inside:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)
