"""The mutants that no test can be asked to notice, each with the reason: ``known.yaml``.

An entry names the module, the class or function, and the change, so that it holds wherever in the
module the line stands. One that fits no mutant any more, or one that is noticed, is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.mutants.kinds import Mutant
from tests.mutants.trial import Trial

FILE = Path(__file__).with_name("known.yaml")


@dataclass(frozen=True, slots=True)
class Known:
    """One entry: ``was`` and ``now`` are the changed lines, ``why`` is the reason."""

    path: str
    place: str
    was: str
    now: str
    why: str

    @property
    def key(self) -> str:
        """The mutant's key."""
        return f"{self.path} {self.place}: {self.was} -> {self.now}"


def read(file: Path = FILE) -> list[Known]:
    """Return the entries. Raises ``TypeError`` for one that has too few or too many fields."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    return [
        Known(**{name: " ".join(str(value).split()) for name, value in entry.items()})
        for entry in entries
    ]


def stale(known: Iterable[Known], mutants: Sequence[Mutant]) -> list[str]:
    """Return what is wrong with the entries about the modules that these are all mutants of."""
    keys = {mutant.key for mutant in mutants}
    paths = {mutant.path for mutant in mutants}
    return [
        f"known.yaml: there is no such mutant: {entry.key}"
        for entry in known
        if entry.path in paths and entry.key not in keys
    ]


def noticed(known: Iterable[Known], trials: Sequence[Trial]) -> list[str]:
    """Return which entries are about mutants that were noticed after all.

    Where a line stands twice in a function, it is enough that one of them is not.
    """
    keys = {trial.mutant.key for trial in trials if trial.noticed}
    keys -= {trial.mutant.key for trial in trials if not trial.noticed}
    return [f"known.yaml: noticed after all: {entry.key}" for entry in known if entry.key in keys]
