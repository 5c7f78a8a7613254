"""What is mutated, floor by floor, and which tests are to notice it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds ``agentbot`` and ``tests``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Modules that are mutated together, and the folder of their unit tests.

    ``modules`` are files or folders; ``tests`` is a folder, and ``minimum`` the share of the
    mutants that its tests must notice. ``fitted`` are modules of figures that a bench learns from
    data: no unit test tells one such figure from another. Paths are relative to :data:`ROOT`.
    """

    name: str
    modules: tuple[str, ...]
    tests: str
    minimum: float
    fitted: tuple[str, ...] = ()

    def files(self) -> list[str]:
        """Return the modules' files, sorted."""
        found: set[str] = set()
        for name in self.modules:
            path = ROOT / name
            inside = path.rglob("*.py") if path.is_dir() else [path]
            found.update(one.relative_to(ROOT).as_posix() for one in inside)
        found.difference_update(self.fitted)
        return sorted(name for name in found if not name.endswith("__init__.py"))


def _room(name: str, *, minimum: float = 0.9, fitted: tuple[str, ...] = ()) -> Floor:
    """Return a room of the pipeline as a floor of its own, whose own tests must notice.

    A lower ``minimum`` is what a room's tests have come to so far: samples of sixty noticed 0.82 of
    the checks, and 0.77 of knowledge.
    """
    return Floor(
        name=name,
        modules=(f"agentbot/pipeline/{name}",),
        tests=f"tests/pipeline/{name}",
        minimum=minimum,
        fitted=fitted,
    )


FLOORS = (
    Floor(name="phoenix", modules=("agentbot/phoenix",), tests="tests/phoenix", minimum=0.9),
    Floor(name="papercups", modules=("agentbot/papercups",), tests="tests/papercups", minimum=0.9),
    Floor(name="state", modules=("agentbot/state",), tests="tests/state", minimum=0.9),
    Floor(
        name="pipeline",
        modules=(
            "agentbot/pipeline/contact.py",
            "agentbot/pipeline/deciding.py",
            "agentbot/pipeline/decision.py",
            "agentbot/pipeline/facts.py",
            "agentbot/pipeline/for_people.py",
            "agentbot/pipeline/guards.py",
            "agentbot/pipeline/hours",
            "agentbot/pipeline/known_facts.py",
            "agentbot/pipeline/languages/unspoken.py",
            "agentbot/pipeline/names.py",
            "agentbot/pipeline/own_words.py",
            "agentbot/pipeline/pipeline.py",
            "agentbot/pipeline/reading.py",
            "agentbot/pipeline/repeating.py",
            "agentbot/pipeline/reserved.py",
            "agentbot/pipeline/rule_responders.py",
            "agentbot/pipeline/rules",
            "agentbot/pipeline/turn.py",
            "agentbot/pipeline/words.py",
        ),
        tests="tests/pipeline",
        minimum=0.9,
    ),
    Floor(name="bot", modules=("agentbot/bot",), tests="tests/bot", minimum=0.9),
    _room("checks", minimum=0.8, fitted=("agentbot/pipeline/checks/judging/prior.py",)),
    _room("tools"),
    _room("knowledge", minimum=0.7),
    _room("context"),
)


_SHORT = 2
"""Floors that the short form tries: each costs a run of all its tests before the first mutant."""


def whose_turn(commit: str) -> tuple[Floor, ...]:
    """Return the floors that the short form tries at a commit, which another commit changes.

    ``commit`` holds hexadecimal digits. The two slowest ones, which stand side by side, never come
    together.
    """
    first = int(commit, 16) % len(FLOORS)
    return tuple(FLOORS[(first + 2 * step) % len(FLOORS)] for step in range(_SHORT))


def mirror(path: str) -> str:
    """Return how the names of a module's own test files begin: ``tests/phoenix/test_push``."""
    inside = Path(path).relative_to("agentbot")
    return Path("tests", inside.with_name(f"test_{inside.stem}")).as_posix()
