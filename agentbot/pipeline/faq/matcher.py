"""The FAQ as the pipeline meets it: fit once, then ask.

`FaqMatcher.fit` learns from the entries alone (seconds, or milliseconds where a cache holds what
was learnt from the very same entries); `FaqMatcher.match` then takes a few milliseconds.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from agentbot.pipeline.faq import cache
from agentbot.pipeline.faq.classifier import KernelClassifier, held_out, train
from agentbot.pipeline.faq.embedders import Embedder, TokenVectors
from agentbot.pipeline.faq.entries import FaqEntry, normalized
from agentbot.pipeline.faq.features import Observation, observe
from agentbot.pipeline.faq.judge import OUT_OF_REACH, UNANSWERABLE_SHARE, Judge, learn
from agentbot.pipeline.faq.lexical import WordEvidence, words
from agentbot.pipeline.faq.outcomes import (
    Candidate,
    FaqAbstention,
    FaqAnswer,
    FaqOutcome,
    FaqSuggestions,
)
from agentbot.pipeline.faq.prior import WITH_VECTORS, WORDS_ONLY
from agentbot.pipeline.faq.views import Observer
from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.words import plain

PRECISION = 0.9
"""The share of answers that must be right, where nobody asks for another: the default of
`faq.precision` in policy.yaml."""
_LEARNT = "3"
"""Part of the cache's key: changes whenever the same entries would be learnt differently."""
_FEWEST = 20
"""Wordings that a FAQ must have to answer other questions than those in its very words: with fewer
nobody knows how sure a score is."""
_LONGEST = 1000
"""Characters of a question that are looked at: no question needs more, and anybody may send any
length."""
_REPEATED = 2
"""Times that the words of a question stand in it on average from which on it only repeats itself:
none of the 7,000 texts of the public benchmark does."""
_HARPED = 0.25
"""The share of a question's words (0 to 1) from which on one word is harped on: of the benchmark's
texts 15 have one such, all of them words like "the" and "i"."""
_LONG = 4
"""Letters from which on a word is not taken for one of those."""
_CORE = 1200
"""Phrasings that are trained on: training takes the cube of their number, and these take seconds.
The others still count in how near a question is to its entry."""
_LEAST_PROB = 0.08
"""The probability (0 to 1) below which an entry is not offered beside the nearest one. On the
public benchmark one from 0.03 to 0.08 is right 2 times of 100, one above 12 times."""
_LEAST_OFFERED = 0.45
"""The score (0 to 1) below which nothing is offered. Chosen on the benchmark's validation set,
together with the probability above: of the questions offered, over half are right (0.54 on the test
set, where it was 0.28 with all that were near), for 0.52 instead of 0.60 of the answerable ones
helped so, and the right one is as often among those offered (0.77)."""


_STEM = 4
"""Letters by which two forms of a word are taken for one, and which a telling word has at least:
"ship" and "shipping"."""


@functools.cache
def _common_words() -> frozenset[str]:
    """Return the words of small talk, in all languages: they stand in questions of any kind."""
    return frozenset(
        word
        for pack in all_packs().values()
        for phrase in (*pack.fillers, *(p for k in pack.small_talk.values() for p in k.phrases))
        for word in words(phrase)
    )


def _telling(text: str) -> list[str]:
    return [one for one in words(text) if len(one) >= _STEM and one not in _common_words()]


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question whose right entry somebody has named; ``entry`` is None where none answers it."""

    text: str
    entry: str | None


@dataclass(frozen=True, slots=True)
class FaqMatcher:
    """What was learnt from a FAQ. Make it with `fit`; it never changes, so threads may share it.

    ``answer_threshold`` and ``offer_threshold`` are the least scores for an answer and for
    suggestions; ``judge`` gives the scores.
    """

    entries: tuple[FaqEntry, ...]
    precision: float
    answer_threshold: float
    offer_threshold: float
    _verbatim: dict[str, int]
    _owners: npt.NDArray[np.int64]
    _core: npt.NDArray[np.int64]
    _embedder: Embedder | None
    _observer: Observer | None
    _evidence: WordEvidence
    _classifier: KernelClassifier
    judge: Judge

    @classmethod
    def fit(
        cls,
        entries: Sequence[FaqEntry],
        *,
        precision: float = PRECISION,
        embedder: Embedder | None = None,
        cache_dir: Path | None = None,
        most_trained: int = _CORE,
    ) -> FaqMatcher:
        """Learn from ``entries``, whose ids and phrasings are unique (see `load_faq`).

        ``precision`` (above 0, below 1) is the share of answers that must be right. Without an
        ``embedder`` words alone decide. ``cache_dir`` keeps what was learnt, by content; an
        unusable cache is as good as none. ``most_trained`` is the number of phrasings that are
        trained on at most.
        """
        entries = tuple(entries)
        texts, owners, spoken = _phrasings(entries)
        core = _core(owners, most_trained)
        observer: Observer | None = None
        classifier = KernelClassifier(np.zeros((0, 0)), np.zeros(0))
        if entries:
            key = _key(entries, embedder)
            kept = cache.load(cache_dir, key, size=len(core))
            if kept is not None:
                classifier = kept.classifier
                observer = Observer(texts, embedder, kept.vectors, kept.scale)
            else:
                vectors = None if embedder is None else embedder.embed(texts)
                observer, classifier = _train(texts, owners, core, embedder, vectors)
                cache.save(cache_dir, key, cache.Kept(classifier, vectors, observer.scale))
        judge = WORDS_ONLY if embedder is None else WITH_VECTORS
        may_answer = spoken.sum() >= _FEWEST
        return cls(
            entries=entries,
            precision=precision,
            answer_threshold=judge.answer_threshold(precision) if may_answer else OUT_OF_REACH,
            offer_threshold=max(judge.offer_threshold, _LEAST_OFFERED),
            _verbatim={
                normalized(text): int(owner)
                for text, owner, said in zip(texts, owners, spoken, strict=True)
                if said
            },
            _owners=owners,
            _core=core,
            _embedder=embedder,
            _observer=observer,
            _evidence=WordEvidence(texts, owners),
            _classifier=classifier,
            judge=judge,
        )

    def calibrated(
        self,
        questions: Sequence[LabelledQuestion],
        *,
        unanswerable_share: float = UNANSWERABLE_SHARE,
    ) -> FaqMatcher:
        """Return the matcher with its judge taught by labelled questions.

        From 300 questions on they set its thresholds too.

        ``unanswerable_share`` is the assumed share of questions in the FAQ's field that no entry
        answers. Leave out questions that have nothing to do with that field: they are told apart
        anyway, and would make the judge too trusting.
        """
        if not questions:
            return self
        truth = self._truth(questions)
        seen = self.observe([question.text for question in questions])
        right = seen.best == truth
        judge = learn(seen.features, truth >= 0, right, self.judge, unanswerable_share)
        threshold = self.answer_threshold
        if judge.thresholds is not self.judge.thresholds:  # enough questions to set them
            threshold = judge.answer_threshold(self.precision)
        return replace(self, answer_threshold=threshold, judge=judge)

    def match(self, text: str) -> FaqOutcome:
        """Answer, suggest or abstain."""
        text = said_once(text[:_LONGEST])
        if not self.entries or not words(text):
            reason = "the FAQ is empty" if not self.entries else "the message holds no words"
            return FaqAbstention((), 0.0, reason)
        if (owner := self._verbatim.get(normalized(text))) is not None:
            return FaqAnswer(self.entries[owner], 1.0, "asked in the very words of the FAQ")
        log_probs, seen = self._look([text])
        score = float(self.judge.scores(seen.features)[0])
        probs = np.exp(log_probs[0])
        best = self.entries[int(seen.best[0])]
        if score >= self.answer_threshold:
            return FaqAnswer(best, score, self._weighed(score))
        if self._is_near(text, score):
            nearest, *others = (int(i) for i in seen.top[0])
            likely = (i for i in others if probs[i] >= _LEAST_PROB)
            entries = tuple(self.entries[i] for i in (nearest, *likely))
            return FaqSuggestions(entries, score, self._weighed(score))
        candidates = tuple(
            Candidate(self.entries[i].id, self.entries[i].question, float(probs[i]))
            for i in seen.top[0]
        )
        return FaqAbstention(candidates, score, self._weighed(score, is_near=False))

    def _is_near(self, text: str, score: float) -> bool:
        """Say whether the nearest entry may be offered.

        A single entry is the nearest one to whatever is said: it must share a telling word.
        """
        if score < self.offer_threshold or len(self.entries) > 1:
            return score >= self.offer_threshold
        known = {word[:_STEM] for wording in self._verbatim for word in _telling(wording)}
        return any(word[:_STEM] in known for word in _telling(text))

    def _weighed(self, score: float, *, is_near: bool = True) -> str:
        """Say how sure the FAQ is, and what it takes to answer or to ask back.

        A FAQ of too few phrasings has nothing to be sure by: its figure means nothing to people.
        """
        never = self.answer_threshold >= OUT_OF_REACH
        if never and len(self._verbatim) < _FEWEST:
            few = "the FAQ knows too few ways of asking to be sure of one that it does not know"
            return f"{few}{'; it asks back' if is_near else ', and nothing in it is near'}"
        if is_near and never:
            asked = f"{self.precision * 100:g}%"
            return f"{score:.0%} sure, and nothing is enough for {asked} of right answers"
        if is_near:
            return f"{score:.0%} sure, and {self.answer_threshold:.0%} is enough to answer"
        return f"{score:.0%} sure, and {self.offer_threshold:.0%} is enough to ask back"

    def held_out(self) -> list[tuple[str, int, int]]:
        """Return each wording trained on, its entry, and the entry it goes to when held back.

        Takes as long as ten fits.
        """
        if not self.entries:
            return []
        texts, owners, spoken = _phrasings(self.entries)
        vectors = None if self._embedder is None else self._embedder.embed(texts)
        views = Observer.of(texts, owners, self._embedder, vectors, rows=self._core)[1]
        kernel = views.at(np.arange(len(self._core)), self._core).kernel()
        asked = np.flatnonzero(spoken[self._core])
        nearest = held_out(kernel, owners[self._core], asked)
        return [
            (texts[place], int(owners[place]), int(near))
            for place, near in zip(self._core[asked], nearest, strict=True)
        ]

    def nearest(self, texts: Sequence[str]) -> list[str]:
        """Return the id of the entry nearest to each text, however far it is."""
        return [self.entries[int(best)].id for best in self.observe(texts).best]

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the calibrated scores of several questions, without outcomes; shape (q,)."""
        return self.judge.scores(self.observe(texts).features)

    def observe(self, texts: Sequence[str]) -> Observation:
        """Return what the judge goes by, and the entries nearest to each text."""
        return self._look(texts)[1]

    def _look(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.float64], Observation]:
        if self._observer is None:
            raise ValueError("an empty FAQ has nothing to compare with")
        texts = [said_once(text) for text in texts]
        views = self._observer.look(texts)
        log_probs = self._classifier.log_probs(views.kernel()[:, self._core])
        lengths = np.array([len(words(text)) for text in texts], dtype=np.float64)
        evidence = np.stack([self._evidence.of(text) for text in texts])
        return log_probs, observe(
            views,
            log_probs,
            self._owners,
            evidence=evidence,
            lengths=lengths,
            reach=self._observer.reach,
        )

    def _truth(self, questions: Sequence[LabelledQuestion]) -> npt.NDArray[np.int64]:
        numbers = {entry.id: number for number, entry in enumerate(self.entries)}
        return np.array(
            [-1 if asked.entry is None else numbers[asked.entry] for asked in questions],
            dtype=np.int64,
        )


def said_once(text: str) -> str:
    """Return a question without what it only repeats: saying it ten times makes it no surer.

    Where it holds each word twice or more on average, such as one that was sent twice, each counts
    once; else so does a long word that makes up much of it. Other texts stay as they are.
    """
    text = plain(text)
    said = words(text)
    times = Counter(said)
    if _REPEATED * len(times) <= len(said):
        return " ".join(times)
    harped = {
        word
        for word, count in times.items()
        if count > _REPEATED and count >= _HARPED * len(said) and len(word) >= _LONG
    }
    if not harped:
        return text
    first = {word: place for place, word in reversed(list(enumerate(said)))}
    return " ".join(
        word for place, word in enumerate(said) if word not in harped or first[word] == place
    )


def _phrasings(
    entries: Sequence[FaqEntry],
) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return all wordings, their entries' numbers, and which are questions and not ids in words."""
    texts: list[str] = []
    owners: list[int] = []
    spoken: list[bool] = []
    for number, entry in enumerate(entries):
        title = re.sub(r"[\W_]+", " ", entry.id).strip().lower()
        named = [title] if re.search(r"[a-z]{3}", title) else []
        for text in (*named, *entry.wordings):
            texts.append(plain(text[:_LONGEST]))
            owners.append(number)
        spoken += [False] * len(named) + [True] * len(entry.wordings)
    return texts, np.array(owners, dtype=np.int64), np.array(spoken, dtype=np.bool_)


def _train(
    texts: Sequence[str],
    owners: npt.NDArray[np.int64],
    core: npt.NDArray[np.int64],
    embedder: Embedder | None,
    vectors: Sequence[TokenVectors] | None,
) -> tuple[Observer, KernelClassifier]:
    """Return the observer of ``texts``, and a classifier that has learnt from those of ``core``."""
    observer, views = Observer.of(texts, owners, embedder, vectors, rows=core)
    kernel = views.at(np.arange(len(core)), core).kernel()
    return observer, train(kernel, owners[core], int(owners.max()) + 1)


def _core(owners: npt.NDArray[np.int64], most: int) -> npt.NDArray[np.int64]:
    """Return the phrasings to learn from: all, or the first of each entry, ``most`` altogether."""
    ranks = np.zeros(len(owners), dtype=np.int64)
    seen: Counter[int] = Counter()
    for place, owner in enumerate(owners.tolist()):
        ranks[place] = seen[owner]
        seen[owner] += 1
    first = np.argsort(ranks, kind="stable")
    return np.sort(first[: max(most, len(seen))])


def _key(entries: Sequence[FaqEntry], embedder: Embedder | None) -> str:
    digest = hashlib.sha256(_LEARNT.encode())
    for part in (
        embedder.name if embedder else "words",
        *(part for entry in entries for part in (entry.id, *entry.wordings, "")),
    ):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()
