"""The checker: what speaks against saying an answer.

What an answer must not hold at all is looked for in all of it: hidden signs, markup, secrets,
addresses that no source has. Then each of its sentences is held against the sources. The codes of
what is found stand in `agentbot.pipeline.checks.draft.Code`, and in docs/checks.md with examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby, zip_longest
from typing import Literal

from agentbot.pipeline.checks.consistency.confirming import is_confirmed
from agentbot.pipeline.checks.draft import Code, Draft, Finding
from agentbot.pipeline.checks.judging.evidence import Novelty, States
from agentbot.pipeline.checks.judging.grounding import Grounding
from agentbot.pipeline.checks.parsing.claims import Kind, Sentence, Vocabulary, split, without_leads
from agentbot.pipeline.checks.parsing.figures import Figure, figures
from agentbot.pipeline.checks.parsing.wording import Wording, spoken_in, stem, tongue
from agentbot.pipeline.checks.safety.acts import asks_for_secret, false_acts, promises, reports
from agentbot.pipeline.checks.safety.addresses import foreign_addresses
from agentbot.pipeline.checks.safety.instructions import without_instructions
from agentbot.pipeline.checks.safety.leaks import leaks
from agentbot.pipeline.checks.safety.markup import code, hidden, markup
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.foreign import language_of, script_of
from agentbot.pipeline.words import fold, is_blank, with_one_name

Strictness = Literal["strict", "lenient"]
"""``strict`` lets nothing through that no source supports; ``lenient`` small talk too."""

PRECISION: dict[Strictness, float] = {"strict": 0.85, "lenient": 0.7}
"""The share of the claims let through that must be grounded, where half of a model's are not: on
the data that the judge was fitted on, whose answers are freer than a shop's."""
_KEPT = 256
"""Texts whose figures, words and language are kept: the sources of some hundred answers."""
_MAX_LENGTH = 2_000
"""Characters of an answer: what a person reads in a chat window."""
_MAX_SENTENCES = 25
"""Sentences of it."""
_LEAST_LANGUAGE = 4
"""Words of a sentence that show in which language it is."""
_NEW_SHARE = 0.34
"""The share (0 to 1) of a claim's content words that no source may have: a third. The judge was
fitted on longer sentences; "tea is free" is not "tea is dry" with a slip."""
_SPELLED = 4
"""Single letters in a sentence from which on it spells something; in a row, one fewer are enough
("d-o-g"): a short form leaves two at most ("it's a")."""
_READ_ON = 300
"""Letters behind a question of a source in which its answer begins."""
_FOLLOWS = 0.6
"""The share (0 to 1) of a sentence's words that must stand there."""
_SHORT = 12
"""Words of small talk that the lenient checks let through …"""
_MOST_NEW = 3
"""… and content words in it that no source has."""


class Checker:
    """The checks of an answer before it is said.

    ``states`` gives the vectors of words in their context (`MiniLmEmbedder.states`); without it
    words alone decide. A draft takes some 10 ms a sentence, vectors included, and waits for
    nothing: call `check` in a thread (``asyncio.to_thread``), so that the event loop goes on.
    Several threads may use one checker.
    """

    def __init__(self, strictness: Strictness = "strict", *, states: States | None = None) -> None:
        self._strictness = strictness
        self._grounding = Grounding(states)

    def check(self, draft: Draft) -> tuple[Finding, ...]:
        """Return what speaks against saying the draft; empty where it may be said."""
        known = _Known(draft)
        found = tuple(_of_text(draft, known))
        if found:
            return found
        return tuple(self._of_sentences(draft, known))

    def _of_sentences(self, draft: Draft, known: _Known) -> Iterator[Finding]:
        said = split(draft.text, known.code, known.vocabulary)
        if len(said) > _MAX_SENTENCES:
            yield Finding(Code.LENGTH, said[-1].text, f"more than {_MAX_SENTENCES} sentences")
            return
        told, before = 0, ""
        for one, after in zip_longest(said, said[1:]):
            yield from _of_acts(one, draft, known)
            yield from _of_figures(one, known)
            if reports(one.text, draft.acts) or one.asks:
                told += 1
            elif one.kind is Kind.READ_OUT and not _is_answered(one, after, known):
                yield Finding(Code.UNSUPPORTED, one.text, "a question that nobody asked here")
            elif one.kind is Kind.CLAIM and not _is_empty(one.text, known.code):
                told += len(fold(one.text).split()) > 1  # one word alone is no answer
                yield from self._of_claim(one, before, draft, known)
            before = one.whole
        # "Yes." and "I understand." tell something only together with what follows.
        is_open = not told and (self._strictness == "strict" or not said)
        if is_open and not _is_confirmed(draft, known):
            yield Finding(Code.NO_CLAIM, draft.text, "nothing in it rests on a source, or asks")

    def _of_claim(
        self, sentence: Sentence, before: str, draft: Draft, known: _Known
    ) -> Iterator[Finding]:
        claim = without_leads(sentence.text, known.code)
        grounds = [self._grounding.ground(*one) for one in known.grounds]
        asked = draft.said[-1] if draft.said else ""
        found = self._grounding.judge(
            claim, grounds, known.code, asked, whole=sentence.whole, before=before
        )
        bar = self._grounding.bar(known.code, PRECISION[self._strictness])
        if found.contradiction:
            yield Finding(Code.CONTRADICTED, sentence.text, found.contradiction)
        elif found.probability >= bar and not (new := _too_new(claim, found.new, known.code)):
            return
        elif self._strictness == "strict" or not _is_small_talk(claim, known):
            why = f"its sources support it with a probability of {found.probability:.2f}"
            if found.probability >= bar:
                why = f"no source has '{new}'"
            yield Finding(Code.UNSUPPORTED, sentence.text, why)


@dataclass(frozen=True)
class _Known:
    """What a draft may rest on, read once."""

    draft: Draft

    @cached_property
    def code(self) -> Language:
        """The language of the draft."""
        return spoken_in(self.draft.text, self.draft.language, self.draft.customers_language)

    @cached_property
    def grounds(self) -> list[tuple[str, Language, str]]:
        """The texts that support claims, with titles, without what speaks to a model."""
        script = script_of(self.draft.text)
        texts = [
            (without_instructions(one.text, script), self.code, one.title)
            for one in self.draft.sources
        ]
        known = without_instructions("\n".join(self.draft.known), script)
        return [*texts, (known, self.code, "")] if known else texts

    @cached_property
    def supporting(self) -> str:
        """All texts that support claims, in one."""
        links = "\n".join(one.link or "" for one in self.draft.sources)
        return "\n".join([*(f"{title}\n{text}" for text, _, title in self.grounds), links])

    @cached_property
    def folded(self) -> str:
        """The same, folded."""
        return _folded(self.supporting)

    @cached_property
    def titles(self) -> str:
        """The titles of the sources, folded."""
        return _folded("\n".join(title for _, _, title in self.grounds))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of all that is known, what the customer wrote apart."""
        theirs = fold("\n".join(self.draft.said))
        return Vocabulary(_with_stems(self.folded), _with_stems(theirs), (self.folded, theirs))

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of what supports claims."""
        return _figures_of(self.supporting)

    @cached_property
    def their_figures(self) -> list[Figure]:
        """The figures that the customer wrote."""
        return figures("\n".join(self.draft.said))


# The sources of an answer are those of the next one, too.
_folded = lru_cache(_KEPT)(fold)
_language_of = lru_cache(_KEPT)(language_of)


@lru_cache(_KEPT)
def _figures_of(text: str) -> tuple[Figure, ...]:
    return tuple(figures(text))


@lru_cache(_KEPT)
def _with_stems(folded: str) -> frozenset[str]:
    words = folded.split()
    return frozenset([*words, *map(stem, words)])


def _of_text(draft: Draft, known: _Known) -> Iterator[Finding]:
    """Yield what speaks against all of the text."""
    if is_blank(draft.text):
        yield Finding(Code.NO_CLAIM, draft.text, "it says nothing")
        return
    if len(draft.text) > _MAX_LENGTH:
        yield Finding(Code.LENGTH, draft.text[:80], f"more than {_MAX_LENGTH} characters")
        return
    yield from hidden(draft.text)
    yield from markup(draft.text)
    yield from leaks(draft.text, draft.secrets, [known.supporting, *draft.said])
    yield from foreign_addresses(draft, known.supporting)
    yield from code(draft.text, known.folded)
    yield from _of_language(draft, known)


def _of_language(draft: Draft, known: _Known) -> Iterator[Finding]:
    """Yield a text, or a sentence, in a language that neither customer nor sources speak."""
    theirs = {draft.customers_language} - {""}
    for sentence in (draft.text, *draft.text.splitlines(), *draft.text.split(". ")):
        code = language_of(sentence) if len(sentence.split()) >= _LEAST_LANGUAGE else None
        if not code or code in theirs:
            continue
        spoken = {_language_of(text) for text, _, _ in known.grounds} - {None}
        if theirs or (spoken and code not in spoken):
            yield Finding(Code.LANGUAGE, sentence[:80], f"it is in {code}")
            return


def _of_acts(sentence: Sentence, draft: Draft, known: _Known) -> Iterator[Finding]:
    yield from false_acts(sentence.text, draft.acts, known.folded)
    yield from promises(sentence.text, known.folded)
    if sentence.text.endswith("?") and asks_for_secret(sentence.text):
        yield Finding(Code.PERSONAL, sentence.text, "a bot asks for no secrets")


def _of_figures(sentence: Sentence, known: _Known) -> Iterator[Finding]:
    """Yield a figure that no source has. What the customer wrote may be asked back."""
    for figure in figures(sentence.text):
        if any(figure.agrees_with(one) for one in known.figures):
            continue
        is_theirs = any(figure.agrees_with(one) for one in known.their_figures)
        may_repeat = sentence.kind is not Kind.CLAIM or "code" in figure.units()
        if not (is_theirs and may_repeat):
            yield Finding(Code.FIGURE, sentence.text, f"no source has {figure.written}")
            return


def _is_answered(question: Sentence, after: Sentence | None, known: _Known) -> bool:
    """Say whether a question out of a source is a title, or stands before what follows it there.

    Whoever got a question into a page may have meant it for a model.
    """
    asked = fold(question.text)
    if asked in known.titles:
        return True
    words = fold(after.text).split() if after is not None else []
    rests = (_folded(text).partition(asked)[2][:_READ_ON].split() for text, _, _ in known.grounds)
    return bool(words) and any(
        sum(word in rest for word in words) >= _FOLLOWS * len(words) for rest in rests
    )


def _is_confirmed(draft: Draft, known: _Known) -> bool:
    """Say whether it is a bare yes or no that a source which it names itself says, too."""
    texts = [text for text, _, _ in known.grounds[: len(draft.sources)]]
    return draft.is_sourced and is_confirmed(draft.text, draft.asked, texts, known.code)


def _is_empty(text: str, code: Language) -> bool:
    """Say whether a sentence has no content of its own: "Yes, you can." Spelled words are some."""
    said = Wording.of(text, tongue(code))
    letters = [len(word) == 1 for word in said.words]
    in_a_row = max((sum(run) for _, run in groupby(letters)), default=0)
    return not said.content and sum(letters) < _SPELLED and in_a_row < _SPELLED - 1


def _too_new(claim: str, new: Novelty, code: Language) -> str:
    """Return a word that no source has, and that a claim must not rest on; "" where none is."""
    if len(new.words) > _NEW_SHARE * new.content:
        return new.words[0]
    said = Wording.of(claim, tongue(code))
    if all(said.words[at][0].isdigit() for at in said.content):
        return claim  # a figure without a word: of what?
    if code == "de":  # its nouns have capitals
        return ""
    tokens = with_one_name(claim).split()[1:]
    names = {name for token in tokens if token[:1].isupper() for name in fold(token).split()}
    return next((word for word in new.words if word in names), "")


def _is_small_talk(claim: str, known: _Known) -> bool:
    """Say whether a sentence may be small talk: short, without figures, with little that is new."""
    said = Wording.of(claim, tongue(known.code))
    new = [at for at in said.content if said.words[at] not in known.vocabulary.ours]
    return len(said.words) <= _SHORT and len(new) <= _MOST_NEW and not figures(claim)
