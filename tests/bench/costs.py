"""What a FAQ costs: seconds of the fit, milliseconds a question, megabytes.

Each measurement belongs into a process of its own: memory that others have used would count as
free. Texts are really embedded here, nothing is remembered. Times are the processor's, on one
thread.
"""

from __future__ import annotations

import contextlib
import gc
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentbot.pipeline.faq.embedders import Embedder, MiniLmEmbedder
from agentbot.pipeline.faq.matcher import FaqMatcher
from tests.bench.priors import Mode
from tests.bench.sets import CutOut

_TIMED = 200
"""Questions that are timed: enough for a 95th percentile, and a second or two."""
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Costs:
    """What a FAQ costs. ``cached_fit_s`` is that of the second fit, with a cache; ``peak_mb`` the
    process's during the first, ``growth_mb`` what it has kept of it.
    """

    entries: int
    phrasings: int
    fit_s: float
    cached_fit_s: float
    median_ms: float
    p95_ms: float
    peak_mb: float
    growth_mb: float


def measure(faq: CutOut, mode: Mode) -> Costs:
    """Fit the FAQ twice and ask some of its questions."""
    embedder: Embedder | None = None
    if mode == "meanings":
        embedder = MiniLmEmbedder()
        embedder.embed(["a first text, after which the model is all there"])
    with tempfile.TemporaryDirectory() as folder:
        gc.collect()
        before = _resident_mb("VmRSS")
        with contextlib.suppress(OSError):
            _CLEAR.write_text("5")  # the peak counts from here
        start = time.process_time()
        matcher = FaqMatcher.fit(faq.entries, embedder=embedder, cache_dir=Path(folder))
        fit_s = time.process_time() - start
        peak = _resident_mb("VmHWM")
        gc.collect()
        growth = _resident_mb("VmRSS") - before
        start = time.process_time()
        FaqMatcher.fit(faq.entries, embedder=embedder, cache_dir=Path(folder))
        cached_fit_s = time.process_time() - start
    places = np.linspace(0, len(faq.asked) - 1, min(_TIMED, len(faq.asked))).astype(int)
    times = []
    for place in places.tolist():
        start = time.process_time()
        matcher.match(faq.asked[place].text)
        times.append(1000 * (time.process_time() - start))
    return Costs(
        entries=len(faq.entries),
        phrasings=sum(len(entry.wordings) for entry in faq.entries),
        fit_s=fit_s,
        cached_fit_s=cached_fit_s,
        median_ms=float(np.median(times)),
        p95_ms=float(np.percentile(times, 95)),
        peak_mb=peak,
        growth_mb=growth,
    )


def _resident_mb(field: str) -> float:
    """Return what the system says of this process's memory: ``VmRSS`` now, ``VmHWM`` at most."""
    try:
        lines = _STATUS.read_text("ascii").splitlines()
    except OSError:  # not Linux: only the most that there ever was is known
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024
