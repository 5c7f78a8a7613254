"""``python -m tests.support.reached``: what the tests reach of each floor, and if it is enough.

Reads what ``pytest --cov`` has measured (``COVERAGE_FILE``, else ``.coverage``). The least that
must be reached of each floor stands in pyproject.toml, and only rises.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Print a table; return 1 where a floor reaches less than its minimum."""
    from coverage import Coverage  # noqa: PLC0415 - an import would disturb what is measured

    coverage = Coverage()
    coverage.load()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(report))
        files = json.loads(report.read_text())["files"]
    least = minimums((ROOT / "pyproject.toml").read_text())
    reached = by_floor({place: found["summary"] for place, found in files.items()})
    problems = shortfalls(reached, least)
    rows = [
        f"{floor:12} {reached[floor]:6.1f} %   at least {least.get(floor, 0)} %"
        for floor in reached
    ]
    sys.stdout.write("\n".join((*rows, *problems, "")))
    return 1 if problems else 0


def minimums(pyproject: str) -> dict[str, float]:
    """Return the least percentage by floor that the text of a pyproject.toml asks for."""
    found: dict[str, float] = (
        tomllib.loads(pyproject).get("tool", {}).get("agentbot", {}).get("reached", {})
    )
    return found


def by_floor(files: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return the percentage of lines and branches that are reached, by floor.

    The modules that stand in no folder are one floor, ``ground``.
    """
    reached: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for place, summary in files.items():
        first = Path(place).parts[Path(place).parts.index("agentbot") + 1]
        floor = "ground" if first.endswith(".py") else first
        reached[floor] += summary["covered_lines"] + summary["covered_branches"]
        there[floor] += summary["num_statements"] + summary["num_branches"]
    return {floor: 100 * reached[floor] / there[floor] for floor in sorted(there) if there[floor]}


def shortfalls(reached: Mapping[str, float], least: Mapping[str, float]) -> list[str]:
    """Return a line for each floor that reaches too little, or has no minimum, or is no more."""
    return [
        *(
            f"{reached.get(floor, 0.0):.2f} % of {floor} is reached: at least {minimum} % must be"
            for floor, minimum in least.items()
            if reached.get(floor, 0.0) < minimum
        ),
        *(
            f"{floor} has no minimum in pyproject.toml, [tool.agentbot.reached]"
            for floor in reached
            if floor not in least
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
