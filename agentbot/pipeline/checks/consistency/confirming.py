"""Whether a bare "Yes." is what the sources say to the question that was asked.

"Yes." to "Do you ship to Norway?" claims "You ship to Norway". That is held against single
statements of the sources that the answer names, and more strictly than a sentence is: whoever reads
no more than "Yes." reads no condition either. So a statement must have every word of the question,
and must hold under no condition, for nobody in particular, and with no figure that was not asked
for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from agentbot.pipeline.checks.consistency.statements import Statement, statements
from agentbot.pipeline.checks.parsing.figures import figures
from agentbot.pipeline.checks.parsing.structure import without_tables
from agentbot.pipeline.checks.parsing.wording import Wording, likeness, sentences, stem, tongue
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.confirming import all_confirming
from agentbot.pipeline.languages.pack import all_packs
from agentbot.pipeline.languages.phrases import Phrases
from agentbot.pipeline.words import fold, plain

_LONGEST = 20
"""Words of a question that is a plain one."""
_LEAST = 2
"""Content words of a question by which a statement is known to answer it."""
_NEAR = 0.75
"""The likeness (0 to 1) from which on a word is a form of another: nearer than where more words
are compared."""
_VERB = 3
"""Letters that a question's first word and a verb of the source begin with alike: "livrez-vous",
"nous livrons". Whoever asks with a verb has it there."""
_QUESTION = re.compile(r"[?\uff1f\u061f\u037e]")


def is_confirmed(text: str, asked: str, sources: Iterable[str], code: Language) -> bool:
    """Say whether a text is a bare yes or no, and a source says just that to what was asked.

    ``sources`` are the texts that the answer names; ``asked`` is the question that is meant.
    """
    is_yes = _verdict(text, code)
    question = _plain_question(asked, code)
    if is_yes is None or question is None:
        return False
    return any(
        _says(one, question, code, is_yes=is_yes)
        for source in sources
        for sentence in sentences(plain(without_tables(source)))
        if not _QUESTION.search(sentence) and _have_same_figures(sentence, asked)
        for one in statements(sentence, code)
    )


def _verdict(text: str, code: Language) -> bool | None:
    """Return whether a text says yes or no, and no more; None where it says anything else."""
    language = tongue(code)
    words = fold(text).split()
    yes = {fold(one).strip() for one in all_belonging()[code].yes_}
    if not words or words[0] not in yes | language.refusals or Wording.of(text, language).content:
        return None
    is_yes = words[0] in yes
    denies = not language.denials.isdisjoint(words[1:])
    is_plain = len(words) == 1 or is_yes != denies  # "Yes, we do not."
    return is_yes if is_plain else None


def _plain_question(asked: str, code: Language) -> Statement | None:
    """Return what a question asks to be confirmed; None where yes or no does not answer it."""
    words = fold(asked).split()
    words = words[_greetings(code).at(words, 0) :] if words else []
    is_one = len(_QUESTION.findall(asked)) == 1 and _QUESTION.search(asked.rstrip()[-1:])
    if not is_one or len(words) > _LONGEST or not _open_words(code).isdisjoint(words):
        return None
    found = statements(" ".join(words), code)
    if len(found) != 1 or len(found[0].content) < _LEAST:
        return None
    return None if found[0].denies else found[0]


def _says(one: Statement, asked: Statement, code: Language, *, is_yes: bool) -> bool:
    """Say whether a statement affirms, or denies, all of a question and nothing less general."""
    verb, *rest = (stem(asked.words[at]) for at in sorted(asked.content))
    is_said = _has(one.words, verb) or any(word.startswith(verb[:_VERB]) for word in one.stems)
    return (
        is_said
        and _are_in_order(rest, one.words)
        and _before(code).intersection(asked.words) <= set(one.words)
        and one.denies != is_yes
        and _limits(code).isdisjoint(set(one.words) - set(asked.words))
        and {(each.facet, each.side) for each in (*one.named, *one.lead)}
        == {(each.facet, each.side) for each in asked.named}
        and one.turned == asked.turned
    )


def _are_in_order(rest: Sequence[str], words: Sequence[str]) -> bool:
    """Say whether words have these stems in this order: "from Oslo to Bergen" is no way back."""
    left = iter(words)
    return all(any(_has((word,), one) for word in left) for one in rest)


def _has(words: Iterable[str], one: str) -> bool:
    return any(likeness(one, stem(word)) >= _NEAR for word in words)


def _have_same_figures(sentence: str, asked: str) -> bool:
    """Say whether a sentence has all figures that were asked for, and no other."""
    there, here = figures(sentence), figures(asked)
    pairs = ((there, here), (here, there))
    return all(
        any(one.agrees_with(other) for other in known) for new, known in pairs for one in new
    )


@cache
def _open_words(code: Language) -> frozenset[str]:
    """Return the words with which a question asks for more than yes or no, or denies."""
    words = all_confirming()[code]
    more = (*words.interrogatives, *words.alternatives)
    return frozenset(fold(one).strip() for one in more) | tongue(code).denials


@cache
def _before(code: Language) -> frozenset[str]:
    """Return the words that stand before what a question is about: "to", "from"."""
    before = all_packs()[code].follow_ups.before
    return frozenset(word for one in before for word in fold(one).split())


@cache
def _greetings(code: Language) -> Phrases:
    return Phrases(all_packs()[code].small_talk["greeting"].phrases)


@cache
def _limits(code: Language) -> frozenset[str]:
    return frozenset(word for one in all_confirming()[code].limits for word in fold(one).split())
