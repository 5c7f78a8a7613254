"""What a test needs that not every machine has: it runs in CI, elsewhere its lack is said aloud."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

from agentbot.pipeline.faq.packages import PACKAGES
from tests.bench.folder import DataAbsent, existing_folder

IN_CI = os.environ.get("CI") == "true"
"""In CI nothing is skipped: what is missing there makes the test fail."""


def requires_packages(*names: str, install: str) -> pytest.MarkDecorator:
    """Skip outside CI where one of the importable ``names`` is missing."""
    missing = [name for name in names if find_spec(name) is None]
    return _unless_missing(missing, install)


def requires_programs(*names: str, install: str) -> pytest.MarkDecorator:
    """Skip outside CI where one of the programs ``names`` is not on the path."""
    missing = [name for name in names if shutil.which(name) is None]
    return _unless_missing(missing, install)


def _data_is_absent() -> str:
    """Return why the benchmarks' data is not to be had; nothing where it is."""
    try:
        existing_folder()
    except DataAbsent as absent:
        return str(absent)
    return ""


def _unless_missing(missing: list[str], install: str) -> pytest.MarkDecorator:
    reason = f"missing: {', '.join(missing)}; run: {install}"
    return pytest.mark.skipif(bool(missing) and not IN_CI, reason=reason)


requires_meanings = requires_packages(*PACKAGES, install="pip install -c constraints.txt .")
"""Skip outside CI where agentbot was installed without meanings."""

_ABSENT = _data_is_absent()
requires_bench_data = pytest.mark.skipif(
    bool(_ABSENT) and not IN_CI, reason=_ABSENT or "nothing is missing"
)
"""Skip outside CI where the benchmarks' data is absent."""
