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
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agentbot.pipeline.faq.embedders import Embedder, Floats
from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from agentbot.pipeline.faq.matcher import FaqMatcher
from tests.bench.priors import Mode
from tests.bench.sets import CutOut

_TIMED = 200
"""Questions that are timed: enough for a 95th percentile, and a second or two."""
_ADDED = "may i pay with quixotic shells"
"""The phrasing that an entry gets: like none of the public sets'."""
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Costs:
    """What a FAQ costs.

    ``fit_s``: of the first fit, ``embedding_s`` the part of it that goes into vectors;
    ``cached_fit_s``: of a second one with a cache; ``edit_s``: of one after an edit of one entry,
    where the matcher before it is at hand; ``peak_mb``: of the process during the first fit;
    ``edit_peak_mb``: during that after the edit, while the one before answers; ``growth_mb``: what
    the process has kept of the first.
    """

    entries: int
    phrasings: int
    fit_s: float
    embedding_s: float
    cached_fit_s: float
    edit_s: float
    median_ms: float
    p95_ms: float
    peak_mb: float
    edit_peak_mb: float
    growth_mb: float


class _Timed:
    """An embedder, and the seconds that it has taken."""

    def __init__(self, inner: Embedder) -> None:
        self.name = inner.name
        self.seconds = 0.0
        self._inner = inner

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return the inner one's vectors."""
        start = time.process_time()
        vectors = self._inner.embed(texts)
        self.seconds += time.process_time() - start
        return vectors

    def compare(self, vectors: Floats, others: Floats) -> Floats:
        """Return what the inner one finds."""
        return self._inner.compare(vectors, others)


def measure(faq: CutOut, mode: Mode) -> Costs:
    """Fit the FAQ twice and ask some of its questions."""
    embedder: _Timed | None = None
    if mode == "meanings":
        embedder = _Timed(JoinedEmbedder())
        embedder.embed(["a first text, after which the model is all there"])
    with tempfile.TemporaryDirectory() as folder:
        gc.collect()
        before = _resident_mb("VmRSS")
        with contextlib.suppress(OSError):
            _CLEAR.write_text("5")  # the peak counts from here
        if embedder is not None:
            embedder.seconds = 0.0
        start = time.process_time()
        matcher = FaqMatcher.fit(faq.entries, embedder=embedder, cache_dir=Path(folder))
        fit_s = time.process_time() - start
        embedding_s = 0.0 if embedder is None else embedder.seconds
        peak = _resident_mb("VmHWM")
        gc.collect()
        growth = _resident_mb("VmRSS") - before
        start = time.process_time()
        FaqMatcher.fit(faq.entries, embedder=embedder, cache_dir=Path(folder))
        cached_fit_s = time.process_time() - start
        first, *others = faq.entries
        edited = replace(first, phrasings=(*first.phrasings, _ADDED))
        gc.collect()
        with contextlib.suppress(OSError):
            _CLEAR.write_text("5")
        start = time.process_time()
        FaqMatcher.fit((edited, *others), embedder=embedder, cache_dir=Path(folder), before=matcher)
        edit_s = time.process_time() - start
        edit_peak = _resident_mb("VmHWM")
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
        embedding_s=embedding_s,
        cached_fit_s=cached_fit_s,
        edit_s=edit_s,
        median_ms=float(np.median(times)),
        p95_ms=float(np.percentile(times, 95)),
        peak_mb=peak,
        edit_peak_mb=edit_peak,
        growth_mb=growth,
    )


def _resident_mb(field: str) -> float:
    """Return what the system says of this process's memory: ``VmRSS`` now, ``VmHWM`` at most."""
    try:
        lines = _STATUS.read_text("ascii").splitlines()
    except OSError:  # not Linux: only the most that there ever was is known
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024
