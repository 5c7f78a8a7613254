"""What a test needs that not every machine has: it runs in CI, elsewhere its lack is said aloud."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

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


def _unless_missing(missing: list[str], install: str) -> pytest.MarkDecorator:
    reason = f"missing: {', '.join(missing)}; run: {install}"
    return pytest.mark.skipif(bool(missing) and not IN_CI, reason=reason)
