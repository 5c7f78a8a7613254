"""Whether a claim is grounded: the evidence for it in its sources, judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from agentbot.latest import Latest
from agentbot.pipeline.checks.consistency.belonging import Belonging
from agentbot.pipeline.checks.consistency.contradictions import Frames
from agentbot.pipeline.checks.consistency.roles import Roles
from agentbot.pipeline.checks.consistency.subjects import Subjects
from agentbot.pipeline.checks.judging.evidence import (
    Floats,
    Novelty,
    Source,
    States,
    of_meaning,
    of_words,
)
from agentbot.pipeline.checks.judging.judge import RULED_OUT, ClaimJudge
from agentbot.pipeline.checks.judging.prior import WITH_VECTORS, WORDS_ONLY
from agentbot.pipeline.checks.parsing.days import with_names
from agentbot.pipeline.checks.parsing.wording import Wording, tongue
from agentbot.pipeline.files.texts import Language

_CONTRADICTED, _IN_OTHER_WORDS = 0.2, 0.3
"""What is left of the probability of a claim that its source contradicts, and of one that is put
otherwise than the source, so that another clause may have been taken for its own. Of 0.2 to 1 what
tells apart best the tune files' answers and what is made of their sources, on the mean. The checker
refuses such a claim anyway."""
_SAME_WORDS = 0.8
"""The likeness from which on a claim has its source's words: of 0.5 to 0.9, as above."""
_BAD = 0.3
"""The probability below which a claim is not grounded however lenient one is."""
_TRIED = 3
"""Sources, those with most of a claim's words, that are looked at closely."""
_KEPT_SOURCES = 512
"""Sources whose words are kept: all that a shop's questions of an hour are answered from."""
_KEPT_STATES = 64
"""Texts whose vectors are kept: those of one answer and its sources, at 150 kB each at most."""


class Ground:
    """A text that claims may rest on, with what it says in which clause."""

    def __init__(self, text: str, code: Language, title: str = "") -> None:
        self._code = code
        self._text = text
        self._title = title
        whole = f"{title}\n{text}" if title else text
        self.source = Source(with_names(whole, code), tongue(code))

    def contradiction(self, claim: str, around: Sequence[str] = ()) -> str:
        """Return how a claim contradicts the text; "" where no contradiction is seen.

        ``around`` says what it is about where it does not itself: what stands before it, and what
        was asked.
        """
        return (
            self.belonging.misplaced(claim, around)
            or self.subjects.taken(claim, around)
            or self.roles.turned(claim, around)
            or self.frames.contradiction(claim, self.belonging.placed(claim))
        )

    @cached_property
    def belonging(self) -> Belonging:
        """What the figures of the text belong to."""
        return Belonging(self._text, self._code, self._title)

    @cached_property
    def subjects(self) -> Subjects:
        """Whom and what the text is about."""
        return Subjects(self._text, self._code, self._title)

    @cached_property
    def roles(self) -> Roles:
        """Who does what in the text, and to whom."""
        return Roles(self._text, self._code, self._title)

    @cached_property
    def frames(self) -> Frames:
        """The clauses and figures of the text; of a title only what "No" answers."""
        return Frames(self._text, self._code, title=self._title)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely a claim is grounded (0 to 1), and how its source contradicts it; "" if none.

    ``likeness`` is the probability without the contradiction, and ``new`` what of the claim's
    content the source does not have.
    """

    probability: float
    contradiction: str
    likeness: float
    new: Novelty

    @property
    def is_bad(self) -> bool:
        """Whether it has hardly a chance."""
        return self.probability < _BAD


_NOTHING = Judgement(0.0, "", 0.0, Novelty((), 1))
"""What is said where there is no source."""


class Grounding:
    """What judges claims by their sources, by words, and by vectors where ``states`` gives them."""

    def __init__(
        self,
        states: States | None = None,
        *,
        by_words: ClaimJudge = WORDS_ONLY,
        by_vectors: ClaimJudge = WITH_VECTORS,
    ) -> None:
        self._states = None if states is None else _Kept(states, _KEPT_STATES)
        self._by_words = by_words
        self._by_vectors = by_vectors
        self._grounds: Latest[tuple[str, str, str], Ground] = Latest(_KEPT_SOURCES)
        self._lock = Lock()

    def ground(self, text: str, code: Language, title: str = "") -> Ground:
        """Return a text ready for claims; the last ones are kept."""
        key = (title, text, code)
        with self._lock:
            if key in self._grounds:
                self._grounds.move_to_end(key)
                return self._grounds[key]
        made = Ground(text, code, title)
        with self._lock:
            self._grounds[key] = made
        return made

    def bar(self, code: Language, precision: float) -> float:
        """Return the least probability at which so large a share of claims is grounded."""
        return self._judge(code).bars[precision]

    def judge(
        self,
        claim: str,
        grounds: Sequence[Ground],
        code: Language,
        asked: str = "",
        *,
        whole: str = "",
        before: str = "",
    ) -> Judgement:
        """Return how likely a claim is grounded in one of the grounds.

        ``whole`` is the claim with its addresses, and ``before`` the sentence before it.
        """
        language = tongue(code)
        told = set(Wording.of(claim, language).telling)
        ranked = sorted(grounds, key=lambda one: -len(told & one.source.stems))[:_TRIED]
        found = [
            self._beside(claim, ground, code, ground.contradiction(whole or claim, (before, asked)))
            for ground in ranked
        ]
        best = max(found, key=lambda one: one.probability, default=_NOTHING)
        # The source that it is about contradicts it: that says more than that others lack it.
        return max(found, key=lambda one: one.likeness, default=best) if best.is_bad else best

    def _beside(self, claim: str, ground: Ground, code: Language, contradiction: str) -> Judgement:
        language = tongue(code)
        seen = of_words(claim, ground.source)
        likeness = self._by_words.probability(seen)
        if self._states is not None and code == "en" and likeness >= RULED_OUT:
            place = ground.source.best_place(Wording.of(claim, language)).text
            seen |= of_meaning(claim, place, self._states, language)
            likeness = self._by_vectors.probability(seen)
        left = _CONTRADICTED if likeness >= _SAME_WORDS else _IN_OTHER_WORDS
        probability = likeness * left if contradiction else likeness
        return Judgement(probability, contradiction, likeness, ground.source.new_in(claim))

    def _judge(self, code: Language) -> ClaimJudge:
        return self._by_vectors if self._states is not None and code == "en" else self._by_words


class _Kept:
    """Vectors of texts, the last of which are kept."""

    def __init__(self, states: States, most: int) -> None:
        self._states = states
        self._kept: Latest[str, tuple[tuple[str, ...], Floats]] = Latest(most)
        self._lock = Lock()

    def __call__(self, text: str) -> tuple[tuple[str, ...], Floats]:
        """Return the vectors of a text."""
        with self._lock:
            if text in self._kept:
                return self._kept[text]
        made = self._states(text)
        with self._lock:
            self._kept[text] = made
        return made
