"""The folder of the benchmarks' data, which is not part of the tree.

It is `shared/data` beside the project's own folder, or what ``AGENTBOT_BENCH_DATA`` names;
`tests/README.md` says what stands in it.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "AGENTBOT_BENCH_DATA"
"""The environment's variable that names another folder."""
DEFAULT = Path(__file__).parents[3] / "shared" / "data"
"""The folder where nothing is named."""
_NEEDED = "faq-triage/test.jsonl"
"""A file without which no benchmark says anything."""


class DataAbsent(Exception):
    """The benchmarks' data is not in ``folder``."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return (
            f"the benchmarks' data is not in {self.folder}: it has no {_NEEDED}; make it as "
            f"tests/README.md says, or name its folder in {VARIABLE}"
        )


def data_folder() -> Path:
    """Return the folder that is named, or else the default; it may be absent."""
    return Path(os.environ.get(VARIABLE) or DEFAULT)


def existing_folder(folder: Path | None = None) -> Path:
    """Return ``folder`` (default: `data_folder`). Raises `DataAbsent` without the data in it."""
    folder = folder or data_folder()
    if not (folder / _NEEDED).is_file():
        raise DataAbsent(folder)
    return folder
