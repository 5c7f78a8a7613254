"""The FAQ as the pipeline meets it: fit once, then ask.

`FaqMatcher.fit` learns from the entries alone (seconds, or milliseconds where a cache holds what
was learnt from the very same entries); `FaqMatcher.match` then takes a few milliseconds.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq import cache
from agentbot.pipeline.faq.classifier import KernelClassifier, train
from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.entries import FaqEntry, normalized
from agentbot.pipeline.faq.judge import (
    REHEARSED,
    UNANSWERABLE_SHARE,
    Judge,
    Prior,
    Rehearsal,
    Signs,
    joined,
    labelled,
    learn,
    rehearse,
    signs,
    unrehearsed,
)
from agentbot.pipeline.faq.lexical import words
from agentbot.pipeline.faq.outcomes import (
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.prior import WITH_VECTORS, WORDS_ONLY
from agentbot.pipeline.faq.views import Observer

PRECISION = 0.9
_LEARNT = "1"
"""Part of the cache's key: changes whenever the same entries would be learnt differently."""
_MANY = 300
"""Labelled questions that tell more than a rehearsal."""
_LONGEST = 1000
"""Characters of a question that are looked at."""
_CORE = 1200
"""Phrasings that are trained on; training takes the cube of their number. The others count too
when it comes to how near a question is to its entry."""
_LEAST_SHARE = 0.03
"""An entry with less of the belief than this is not offered."""


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question whose right entry somebody has named; ``entry`` is None where none answers it."""

    text: str
    entry: str | None


@dataclass(frozen=True, slots=True)
class FaqMatcher:
    """What was learnt from a FAQ. Make it with `fit`; it never changes, so threads may share it.

    ``answer_bar`` and ``offer_bar`` are the least scores for an answer and for suggestions.
    """

    entries: tuple[FaqEntry, ...]
    precision: float
    answer_bar: float
    offer_bar: float
    _verbatim: dict[str, int]
    _owners: npt.NDArray[np.int64]
    _core: npt.NDArray[np.int64]
    _observer: Observer | None
    _classifier: KernelClassifier
    _rehearsal: Rehearsal
    _judge: Judge
    _prior: Prior

    @classmethod
    def fit(
        cls,
        entries: Sequence[FaqEntry],
        *,
        precision: float = PRECISION,
        embedder: Embedder | None = None,
        cache_dir: Path | None = None,
        unanswerable_share: float = UNANSWERABLE_SHARE,
    ) -> FaqMatcher:
        """Learn from ``entries``, whose ids and phrasings are unique (see `load_faq`).

        ``precision`` (above 0, below 1) is the share of answers that must be right. Without an
        ``embedder`` words alone decide. ``cache_dir`` keeps what was learnt, by content; an
        unusable cache is as good as none. ``unanswerable_share`` is the assumed share of
        questions in the FAQ's field that no entry answers.
        """
        entries = tuple(entries)
        texts, owners, spoken = _phrasings(entries)
        prior = WORDS_ONLY if embedder is None else WITH_VECTORS
        core = _core(owners)
        observer: Observer | None = None
        if not entries:
            learnt = _nothing(prior)
        else:
            key = _key(entries, embedder)
            kept = cache.load(cache_dir, key, size=len(core))
            if kept is not None:
                learnt = kept.learnt
                observer = Observer(texts, embedder, kept.vectors, kept.ground)
            else:
                vectors = None if embedder is None else embedder.embed(texts)
                observer, views = Observer.of(texts, owners, embedder, vectors, rows=core)
                views = views.at(np.arange(len(core)), core)
                lengths = np.array([len(words(texts[i])) for i in core], dtype=np.float64)
                learnt = cache.Learnt(
                    train(views.kernel(), owners[core], len(entries)),
                    rehearse(views, owners[core], spoken[core], lengths),
                )
                cache.save(cache_dir, key, cache.Kept(learnt, vectors, observer.ground))
        judge = learn(learnt.rehearsal, prior, unanswerable_share, lesson=REHEARSED)
        return cls(
            entries=entries,
            precision=precision,
            answer_bar=judge.answer_bar(1 - (1 - precision) / prior.optimism),
            offer_bar=judge.offer_bar(),
            _verbatim={
                normalized(text): int(owner)
                for text, owner, said in zip(texts, owners, spoken, strict=True)
                if said
            },
            _owners=owners,
            _core=core,
            _observer=observer,
            _classifier=learnt.classifier,
            _rehearsal=learnt.rehearsal,
            _judge=judge,
            _prior=prior,
        )

    def calibrated(
        self,
        questions: Sequence[LabelledQuestion],
        *,
        unanswerable_share: float = UNANSWERABLE_SHARE,
    ) -> FaqMatcher:
        """The same matcher, its judge taught by labelled questions too: from 300 on, by them alone.

        Leave out questions that have nothing to do with
        the FAQ's field: they are told apart anyway, and would make the judge too trusting.
        """
        seen, truth = self._seen([question.text for question in questions]), self._truth(questions)
        asked = Rehearsal(
            np.full(len(truth), -1),
            seen.best,
            seen.values,
            truth >= 0,
            seen.best == truth,
            (seen.top == truth[:, None]).any(axis=1),
        )
        many = len(questions) >= _MANY
        teachers = asked if many else joined(self._rehearsal, asked)
        lesson = labelled(self._prior) if many else REHEARSED
        judge = learn(teachers, self._prior, unanswerable_share, lesson=lesson)
        wrong = (1 - self.precision) / (1 if many else self._prior.optimism)
        return replace(
            self,
            answer_bar=judge.answer_bar(1 - wrong),
            offer_bar=judge.offer_bar(),
            _judge=judge,
        )

    def match(self, text: str) -> FaqOutcome:
        """Answer, suggest or abstain."""
        text = text[:_LONGEST]
        if not self.entries or not words(text):
            reason = "the FAQ is empty" if not self.entries else "the message holds no words"
            return FaqAbstention((), 0.0, reason)
        if (owner := self._verbatim.get(normalized(text))) is not None:
            return FaqAnswer(self.entries[owner], 1.0, "asked in the very words of the FAQ")
        logs, seen = self._look([text])
        score = float(self._judge.scores(seen.values)[0])
        shares = np.exp(logs[0])
        best = self.entries[int(seen.best[0])]
        if score >= self.answer_bar:
            reason = f"score {score:.2f} reaches {self.answer_bar:.2f}, the bar for answers"
            return FaqAnswer(best, score, reason)
        if score >= self.offer_bar:
            likely = [int(i) for i in seen.top[0] if shares[i] >= _LEAST_SHARE]
            offered = likely if len(likely) >= 2 else [int(i) for i in seen.top[0][:2]]
            return FaqSuggestions(
                tuple(self.entries[i] for i in offered),
                score,
                f"score {score:.2f} is below {self.answer_bar:.2f}, the bar for answers",
            )
        nearest = tuple(
            Candidate(self.entries[i].id, self.entries[i].question, float(shares[i]))
            for i in seen.top[0]
        )
        reason = f"score {score:.2f} is below {self.offer_bar:.2f}, the bar for suggestions"
        return FaqAbstention(nearest, score, reason)

    def rehearsed(self) -> list[tuple[str, int, int]]:
        """Each phrasing that was held back, its entry's number, and the number that it went to."""
        texts = _phrasings(self.entries)[0]
        there = self._rehearsal.answerable & (self._rehearsal.asked >= 0)
        return [
            (texts[self._core[asked]], int(self._owners[self._core[asked]]), int(nearest))
            for asked, nearest in zip(
                self._rehearsal.asked[there], self._rehearsal.nearest[there], strict=True
            )
        ]

    def nearest(self, texts: Sequence[str]) -> list[str]:
        """The id of the entry nearest to each text, however far it is."""
        return [self.entries[int(best)].id for best in self._seen(texts).best]

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """The calibrated scores of several questions, without outcomes; shape (q,)."""
        return self._judge.scores(self._seen(texts).values)

    def _seen(self, texts: Sequence[str]) -> Signs:
        return self._look(texts)[1]

    def _look(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.float64], Signs]:
        if self._observer is None:
            raise ValueError("an empty FAQ has nothing to compare with")
        views = self._observer.look(texts)
        logs = self._classifier.log_shares(views.kernel()[:, self._core])
        lengths = np.array([len(words(text)) for text in texts], dtype=np.float64)
        return logs, signs(views, logs, self._owners, lengths)

    def _truth(self, questions: Sequence[LabelledQuestion]) -> npt.NDArray[np.int64]:
        numbers = {entry.id: number for number, entry in enumerate(self.entries)}
        return np.array(
            [-1 if asked.entry is None else numbers[asked.entry] for asked in questions],
            dtype=np.int64,
        )


def _phrasings(
    entries: Sequence[FaqEntry],
) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """All wordings, their entries' numbers, and which are questions; ids, in words, are not."""
    texts: list[str] = []
    owners: list[int] = []
    spoken: list[bool] = []
    for number, entry in enumerate(entries):
        title = re.sub(r"[\W_]+", " ", entry.id).strip().lower()
        named = [title] if re.search(r"[a-z]{3}", title) else []
        for text in (*named, *entry.wordings):
            texts.append(text[:_LONGEST])
            owners.append(number)
        spoken += [False] * len(named) + [True] * len(entry.wordings)
    return texts, np.array(owners, dtype=np.int64), np.array(spoken, dtype=np.bool_)


def _core(owners: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The phrasings to learn from: all, or the first of each entry, up to `_CORE` in all."""
    ranks = np.zeros(len(owners), dtype=np.int64)
    seen: Counter[int] = Counter()
    for place, owner in enumerate(owners.tolist()):
        ranks[place] = seen[owner]
        seen[owner] += 1
    first = np.argsort(ranks, kind="stable")
    return np.sort(first[: max(_CORE, len(seen))])


def _nothing(prior: Prior) -> cache.Learnt:
    classifier = KernelClassifier(np.zeros((0, 0)), np.zeros(0))
    return cache.Learnt(classifier, unrehearsed(len(prior.centre)))


def _key(entries: Sequence[FaqEntry], embedder: Embedder | None) -> str:
    digest = hashlib.sha256(_LEARNT.encode())
    for part in (
        embedder.name if embedder else "words",
        *(part for entry in entries for part in (entry.id, *entry.wordings, "")),
    ):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()
