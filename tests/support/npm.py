"""JavaScript packages, installed by name into pytest's cache, once for each set of pins."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.optional import IN_CI
from tests.support.timing import TIMEOUT_SCALE

INSTALL_TIMEOUT = 180.0 * TIMEOUT_SCALE
"""Seconds: packages come over the network the first time."""
BUILD_TIMEOUT = 60.0 * TIMEOUT_SCALE
"""Seconds: a bundle takes a few."""
_INSTALL = ("install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund")


def installed(sources: Path, config: pytest.Config) -> Path:
    """Return a folder that holds what is in ``sources``, and the packages of its package.json.

    Where npm is missing, or cannot install, the test fails in CI and is skipped elsewhere.
    """
    assert config.cache is not None
    pins = hashlib.sha256((sources / "package.json").read_bytes()).hexdigest()[:12]
    folder = config.cache.mkdir(f"npm-{pins}")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for source in sources.iterdir():
            shutil.copy(source, folder)
        done = folder / "installed"
        if not done.exists():
            npm(*_INSTALL, cwd=folder, timeout=INSTALL_TIMEOUT)
            done.touch()
    return folder


def npm(*arguments: str, cwd: Path, timeout: float = BUILD_TIMEOUT) -> None:
    """Run npm to its end in ``cwd``. Fails in CI, and is skipped elsewhere, where it cannot."""
    program = shutil.which("npm")
    if program is None:
        lacking("npm is not installed")
    try:
        subprocess.run(  # noqa: S603 - npm itself, with arguments that stand in the tests
            (program, *arguments), cwd=cwd, timeout=timeout, check=True, capture_output=True
        )
    except subprocess.CalledProcessError as error:
        lacking(f"npm {arguments[0]} failed ({error.stderr.decode().strip()[-300:]})")
    except subprocess.TimeoutExpired:
        lacking(f"npm {arguments[0]} took longer than {timeout:g} s")


def lacking(what: str) -> NoReturn:
    """Fail where it must be there, skip aloud elsewhere."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(f"{what}: this was NOT tried with the real JavaScript client")
