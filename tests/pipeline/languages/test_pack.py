"""Every language's pack is whole, and its templates say something sensible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest

from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.texts import Language, SmallTalkKind, TextsFile, TimesText
from agentbot.pipeline.known_facts import ROOTS, sample_facts
from agentbot.pipeline.languages.pack import CODES, LanguagePack, all_packs, load_pack
from agentbot.pipeline.words import keyword_needle

OPERATORS = {"language", "also_speaks", "small_talk"}
"""The keys of texts.yaml that are not texts of a language."""
each_language = pytest.mark.parametrize("code", CODES)


def templates(pack: LanguagePack) -> Iterator[str]:
    """Yield every text of a pack that customers may read."""
    for name in TextsFile.model_fields.keys() - {"times", *OPERATORS}:
        yield getattr(pack.texts, name)
    for kind in pack.small_talk.values():
        yield from kind.replies
    yield from (pack.starter.person, pack.starter.after_hours, pack.starter.system)
    yield pack.starter.opening_hours.reply


def test_every_language_has_its_pack() -> None:
    """By the code that texts.yaml names."""
    assert tuple(all_packs()) == get_args(Language)


@each_language
def test_nothing_is_missing(code: Language) -> None:
    """A pack has every text, every word of times, and every kind of small talk."""
    pack = load_pack(code)
    assert TextsFile.model_fields.keys() - OPERATORS == pack.texts.model_fields_set
    assert TimesText.model_fields.keys() == pack.texts.times.model_fields_set
    assert tuple(pack.small_talk) == get_args(SmallTalkKind)


@each_language
def test_every_text_can_be_said(code: Language) -> None:
    """In and outside hours, with and without a time, for somebody with and without a name."""
    for source in templates(load_pack(code)):
        template = Template(source, ROOTS)
        for closed in (True, False):
            for alone in (True, False):
                for again in ("<again>", ""):
                    facts = sample_facts() | {
                        "outside_hours": closed,
                        "inside_hours": not closed,
                        "nobody_online": alone,
                        "reopens_at": again,
                    }
                    said = template.render(facts)
                    assert said
                    assert "{" not in said
                    assert "  " not in said


@each_language
def test_keywords_hold_words(code: Language) -> None:
    """All words of a pack that are looked for in messages can be found there."""
    pack = load_pack(code)
    persons, negations = pack.persons, pack.negations
    words = (*persons.keywords, *persons.not_, *persons.strict, *pack.fillers)
    words += (*negations.before, *negations.after, *negations.except_, *negations.ends)
    words += (*pack.starter.opening_hours.keywords, *pack.starter.opening_hours.not_)
    for word in (*words, *(one for kind in pack.small_talk.values() for one in kind.phrases)):
        keyword_needle(word)


@each_language
def test_a_phrase_is_of_one_kind(code: Language) -> None:
    """What a customer means does not hang on the order of kinds."""
    seen: dict[str, str] = {}
    for kind, words in load_pack(code).small_talk.items():
        for needle in {keyword_needle(phrase) for phrase in words.phrases}:
            assert seen.setdefault(needle, kind) == kind, needle
