"""The language packs: canned texts, small talk, and words that ask for a person or deny."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, get_args

import yaml
from pydantic import Field, field_validator

from agentbot.pipeline.files.models import FileModel
from agentbot.pipeline.files.texts import Language, SmallTalkKind, TextsFile

CODES: tuple[Language, ...] = get_args(Language)
"""The codes of the languages that have a pack."""
_FOLDER = Path(__file__).parent
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where it was built: all packs together take 0.06 s with it, 0.9 s without."""


Opposites = Annotated[list[Annotated[list[str], Field(min_length=1)]], Field(min_length=2)]
"""Alternatives that shut each other out, each with its forms."""


class SmallTalkWords(FileModel):
    """One kind of small talk: how customers say it, and what is replied."""

    phrases: list[str] = Field(min_length=1, description="Whole phrases, as customers write them.")
    replies: list[str] = Field(
        min_length=2, description="The usual reply first; the next ones where it was just said."
    )
    offers_person: bool = Field(default=False, description="A button asks for a person.")


class RefusalWords(FileModel):
    """How a customer refuses to be left to a person."""

    whom: list[str] = Field(description="Whom, or what, they do not want; one must be denied.")
    around: list[str] = Field(description="The other words that such a message may hold.")


class PersonWords(FileModel):
    """How a customer asks for a person."""

    keywords: list[str] = Field(description="As the keywords of a rule; anywhere in a message.")
    not_: list[str] = Field(alias="not", description="Words beside which they mean another thing.")
    strict: list[str] = Field(description="Words that ask for a person only if nothing else is.")
    button: str = Field(max_length=80, description="What a button says and sends.")
    refusals: RefusalWords


class NegationWords(FileModel):
    """The words that deny what stands near them."""

    before: list[str] = Field(description="They deny what follows them in the same part.")
    after: list[str] = Field([], description="They deny what stands directly before them.")
    except_: list[str] = Field(alias="except", description="Phrases that only look like it.")
    ends: list[str] = Field(description="Words at which a negation ends.")


class AskingWords(FileModel):
    """How customers ask, and with which words that tell nothing."""

    openers: list[str] = Field(min_length=1, description="They begin a question, or a wish.")
    leads: list[str] = Field(min_length=1, description="They may stand before a question's first.")
    joins: list[str] = Field(min_length=1, description="They join a second question to a first.")
    subjects: list[str] = Field(min_length=1, description="They begin a statement.")
    troubles: list[str] = Field(min_length=1, description="They make a statement a complaint.")
    common: list[str] = Field(min_length=1, description="Words in questions of any kind.")


class UnwantedWords(FileModel):
    """How a customer says that they do not want what they name."""

    before: list[str] = Field(min_length=1, description="They refuse what follows them.")
    first: list[str] = Field(description="The same where they begin a part of a sentence.")
    after: list[str] = Field(min_length=1, description="They refuse what stands before them.")
    none: list[str] = Field(min_length=1, description="They refuse what stands between them and …")
    needed: list[str] = Field(min_length=1, description="… one of these.")
    except_: list[str] = Field(alias="except", description="Phrases that only look like it.")


class PolarityWords(FileModel):
    """The words that turn a request round.

    ``opposites`` are groups of alternatives that shut each other out, each with its forms; in a
    phrase ``*`` stands for some words.
    """

    unwanted: UnwantedWords
    done: list[str] = Field(min_length=1, description="They say that it has come about.")
    sealed: list[str] = Field(min_length=1, description="Words beside which they are meant so.")
    opposites: list[Opposites] = Field(min_length=1)

    @field_validator("opposites")
    @classmethod
    def _no_form_twice(cls, groups: list[Opposites]) -> list[Opposites]:
        for group in groups:
            forms = [form.casefold() for alternative in group for form in alternative]
            if twice := sorted({form for form in forms if forms.count(form) > 1}):
                raise ValueError(f"{twice[0]!r} stands in a group of opposites twice")
        return groups


class ThingWords(FileModel):
    """The words around what a question is about: "do you sell the green tea", "is it open"."""

    articles: list[str] = Field(description="They may stand before a thing: the, my.")
    of: list[str] = Field(description="They join the words of one thing: carte de crédit.")
    before_verbs: list[str] = Field(
        description="Right behind them stands what is done, not the thing: you, czy, puedo."
    )
    copulas: list[str] = Field(
        description="They join a thing and what is said of it: is breakfast included."
    )
    modals: list[str] = Field(description="With them what is done stands last: kann ich … buchen.")


class FollowUpWords(FileModel):
    """How customers go on from what was said, without saying it again."""

    leads: list[str] = Field(min_length=1, description="They begin what goes on: and, what about.")
    tails: list[str] = Field(min_length=1, description="They may end it: too, as well.")
    pronouns: list[str] = Field(min_length=1, description="They stand for what was said before.")
    aspects: list[str] = Field(
        min_length=1, description="They ask something of a thing, and name none: price, free."
    )
    before: list[str] = Field(min_length=1, description="Prepositions: to Sweden, with PayPal.")
    things: ThingWords
    ordinals: list[list[str]] = Field(min_length=3, description="The forms of first, second, ….")
    last: list[str] = Field(min_length=1)
    around: list[str] = Field(description="Words around an ordinal: number, option.")
    none: list[str] = Field(min_length=1, description="None of what was offered.")


class HoursStarter(FileModel):
    """A first rule about opening hours."""

    keywords: list[str]
    not_: list[str] = Field(alias="not")
    reply: str


class Starter(FileModel):
    """What `agentbot init` writes into a folder of its own, as templates over the facts."""

    opening_hours: HoursStarter
    person: str = Field(description="What is said when somebody asks for a person.")
    after_hours: str = Field(description="What is said where nobody had an answer, after hours.")
    system: str = Field(description="The first lines of the language model's instructions.")


class LanguagePack(FileModel):
    """A language. ``name`` is its own name for itself; ``texts`` has every key of texts.yaml."""

    name: str
    texts: TextsFile
    persons: PersonWords
    negations: NegationWords
    ambiguous: list[str] = Field(description="Greetings that are other words in a sentence.")
    fillers: list[str] = Field(description="Words around small talk that say nothing themselves.")
    small_talk: dict[SmallTalkKind, SmallTalkWords]
    starter: Starter
    asking: AskingWords
    polarity: PolarityWords
    follow_ups: FollowUpWords


@cache
def load_pack(code: Language) -> LanguagePack:
    """Return the pack of a language; it is read once."""
    text = (_FOLDER / f"{code}.yaml").read_text(encoding="utf-8")
    return LanguagePack.model_validate(yaml.load(text, Loader=Loader))  # noqa: S506 - a safe one


def all_packs() -> dict[Language, LanguagePack]:
    """Return every pack, by its code."""
    return {code: load_pack(code) for code in CODES}
