"""Build the images, run them, and print what they weigh: ``python -m tests.container [FOLDER]``.

In FOLDER base and images are kept for the next time (about 3 GB).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.container.engine import BASE, engine_in
from tests.container.test_image import IMAGES
from tests.container.trial import tried, weights

_SHOWN_MB = 2.0
"""Packages below this are one line together."""


def main(folder: Path) -> None:
    """Print the figures of both images."""
    engine = engine_in(folder)
    engine.make_base()
    base = engine.megabytes(BASE)
    print(f"base: {base:.0f} MB")
    for tag, target in IMAGES.items():
        engine.build(tag, target=target)
        with tempfile.TemporaryDirectory() as place:
            trial = asyncio.run(tried(engine, tag, Path(place) / tag))
        print(f"\n{tag}: {engine.megabytes(tag) - base:.0f} MB over its base; {trial}")
        sizes = weights(engine, tag)
        for name, size in sizes.items():
            if size >= _SHOWN_MB:
                print(f"{size:7.1f} MB  {name}")
        rest = [size for size in sizes.values() if size < _SHOWN_MB]
        print(f"{sum(rest):7.1f} MB  {len(rest)} smaller ones")


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as place:
            main(Path(place))
