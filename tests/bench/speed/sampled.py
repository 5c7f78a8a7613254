"""agentbot under a sampler: ``python -m tests.bench.speed.sampled FILE run`` is ``agentbot run``.

At each tick of the CPU time that the process uses, the stack of its main thread is noted; what
other threads use is noted as well, but as what the main thread does meanwhile. At the end the
stacks are written into FILE, the outermost frame first, with their counts: what flame graphs are
made of.
"""

from __future__ import annotations

import signal
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

from agentbot.cli import main

_INTERVAL = 0.001
"""Seconds of CPU between two samples; the system makes a whole tick of it, 1 to 10 ms."""


class Sampler:
    """Stacks, with how often each was seen."""

    def __init__(self) -> None:
        self._stacks: Counter[tuple[CodeType, ...]] = Counter()

    def start(self) -> None:
        """Begin."""
        signal.signal(signal.SIGPROF, self._take)
        # A read that a sample interrupts goes on by itself.
        signal.siginterrupt(signal.SIGPROF, False)  # noqa: FBT003 - it takes no name
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)

    def stop(self) -> None:
        """End."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def save(self, path: Path) -> None:
        """Write the stacks, one a line."""
        lines = (
            f"{';'.join(_name(code) for code in reversed(stack))} {count}\n"
            for stack, count in self._stacks.most_common()
        )
        path.write_text("".join(lines))

    def _take(self, _number: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append(frame.f_code)
            frame = frame.f_back
        self._stacks[tuple(stack)] += 1


def _name(code: CodeType) -> str:
    place = code.co_filename.rpartition("/site-packages/")[2]
    place = place.rpartition("/agentbot/")[2] if "/agentbot/" in place else place
    owner = "agentbot/" if "/agentbot/" in code.co_filename else ""
    return f"{owner}{place.rpartition('/lib/')[2]}:{code.co_qualname}"


if __name__ == "__main__":
    _path = Path(sys.argv.pop(1))
    _sampler = Sampler()
    _sampler.start()
    try:
        main()
    finally:
        _sampler.stop()
        _sampler.save(_path)
