"""Remove from an environment what a running agentbot never loads; print what that saves.

It runs in a stage of the Dockerfile: ``python trim.py /opt/agentbot``. Licences and notices stay.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

UNUSED = (
    # Tests of the packages themselves.
    "numpy/**/tests",
    # What builds other packages against numpy.
    "numpy/f2py",
    "numpy/_core/include",
    "numpy/_core/lib",
    "numpy/random/lib",
    # What makes and converts models; agentbot runs one.
    "onnxruntime/transformers",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    # The same engine once more, for programs in C.
    "onnxruntime/capi/libonnxruntime.so.*",
    # What type checkers read.
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxd",
)
"""Globs within site-packages."""

_MB = 1_000_000
"""Bytes."""


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _strip(site: Path) -> int:
    """Take from libraries what only a debugger reads; return the bytes saved.

    Not from those in ``*.libs``: the wheels' makers have moved parts of them, which strip spoils.
    """
    libraries = [
        path
        for path in site.rglob("*.so*")
        if path.is_file() and not path.relative_to(site).parts[0].endswith(".libs")
    ]
    before = sum(map(_size, libraries))
    subprocess.run(["strip", "--strip-unneeded", *map(str, libraries)], check=True)  # noqa: S603,S607
    return before - sum(map(_size, libraries))


def main(environment: Path) -> None:
    """Remove it. Raise `SystemExit` where the environment is none."""
    sites = list(environment.glob("lib/python3*/site-packages"))
    if len(sites) != 1:
        raise SystemExit(f"{environment} is no environment of one Python")
    for pattern in UNUSED:
        saved = 0
        for path in sorted(sites[0].glob(pattern)):
            if not path.exists():  # within one that is gone already
                continue
            saved += _size(path)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        print(f"{saved / _MB:7.1f} MB  {pattern}")
    print(f"{_strip(sites[0]) / _MB:7.1f} MB  what only a debugger reads")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
