"""What is replied where a message asks nothing, or asks for a person, and no rule has the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from agentbot.pipeline.decision import Decision, Handoff, QuickReply, Reason, Reply, Silence
from agentbot.pipeline.facts import Facts
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.texts import Language, SmallTalkKind
from agentbot.pipeline.known_facts import ROOTS
from agentbot.pipeline.languages.foreign import foreign_words
from agentbot.pipeline.languages.negation import Negations
from agentbot.pipeline.languages.pack import CODES, LanguagePack, all_packs, load_pack
from agentbot.pipeline.languages.small_talk import SmallTalkReader, Understood
from agentbot.pipeline.turn import Author, Message
from agentbot.pipeline.words import fold, keyword_needle

SOURCE = "small_talk"
"""The first part of the source of such replies: ``small_talk/greeting``."""
_ANSWERS: frozenset[SmallTalkKind] = frozenset({"yes", "no", "ok"})
"""The kinds that may answer a question of the bot's."""
_ENDS: frozenset[SmallTalkKind] = frozenset(
    {"thanks", "goodbye", "ok", "praise", "laugh", "yes", "no", "sorry"}
)
"""The kinds that need no word after a person's, and none after the bot's own of the same kind."""
_INVITES: frozenset[SmallTalkKind] = frozenset(
    {"greeting", "how_are_you", "help", "are_you_there", "are_you_a_bot", "unclear", "no_person"}
)
"""The kinds whose replies invite a question: in another language they say which one it is for."""
_MOST_WORDS = 6
"""Words of a message in which a single word ("human") asks for a person; in a longer one it may be
about something else."""


@dataclass(frozen=True, slots=True)
class _PersonNeedles:
    """What asks for a person in a language, ready to be looked for in folded texts."""

    phrases: tuple[str, ...]
    words: tuple[str, ...]
    others: tuple[str, ...]
    ends: frozenset[str]
    negations: Negations

    @classmethod
    def of(cls, pack: LanguagePack) -> _PersonNeedles:
        needles = [keyword_needle(one) for one in pack.persons.keywords]
        button = fold(pack.persons.button)
        return cls(
            phrases=(*(one for one in needles if " " in one.strip()), button),
            words=tuple(one for one in needles if " " not in one.strip()),
            others=tuple(keyword_needle(one) for one in pack.persons.not_),
            ends=frozenset(pack.negations.ends),
            negations=Negations(pack),
        )

    def ask(self, text: str, folded: str) -> bool:
        """Say whether the text asks for a person in this language."""
        wanted = self.phrases
        if folded.count(" ") <= _MOST_WORDS + 1:
            wanted += self.words
        found = [needle for needle in wanted if needle in folded]
        if not found or any(needle in folded for needle in self.others):
            return False
        denied = self.negations.denied(text)
        return any(folded.count(one) > denied.count(self._deniable(one)) for one in found)

    def _deniable(self, needle: str) -> str:
        """Return what a negation may hold of a needle: "please" in "a person please" ends it."""
        words = needle.split()
        while words and words[-1] in self.ends:
            words.pop()
        return f" {' '.join(words)} "


class SmallTalk:
    """The answers to small talk, in the operator's language or, where it is known, the customer's.

    ``own_replies`` are the operator's, None where a kind is to be left to FAQ and model; ``speaks``
    are the languages in which questions are answered, the texts' own first; ``ask_email`` is the
    question for an address, and ``handoff`` what is said to somebody who wants a person.
    """

    def __init__(
        self,
        *,
        reader: SmallTalkReader,
        speaks: Sequence[Language],
        own_replies: Mapping[SmallTalkKind, Template | None],
        handoff: Template,
        ask_email: Template,
    ) -> None:
        self._reader = reader
        self._speaks = tuple(speaks)
        self._own_replies = own_replies
        self._left_to_others = {kind for kind, reply in own_replies.items() if reply is None}
        self._handoff = handoff
        self._ask_email = ask_email

    @cached_property
    def _persons(self) -> dict[Language, _PersonNeedles]:
        first = self._speaks[0]
        order = (first, *(code for code in CODES if code != first))
        return {code: _person_needles_of(code) for code in order}

    def decide(self, facts: Facts) -> Decision | None:
        """Return the decision on a turn of small talk; None for any other."""
        turn = facts.turn
        if turn.is_blank or facts["attachments"]:
            return None  # a file is what it is about, or what a mail quotes
        names = (turn.customer.name or "", facts["company"]["name"])
        understood = self._reader.read(facts["text"], names)
        if understood is None:
            if (handoff := self._person(facts)) is not None:
                return handoff
            understood = self._reader.refusal(facts["text"])
        if understood is None:
            return None
        if understood.kind in self._left_to_others:
            return None
        return self._reply(understood, facts)

    def _reply(self, understood: Understood, facts: Facts) -> Decision | None:
        kind, last = understood.kind, facts.turn.last_said
        if kind in _ANSWERS and last is not None and self._was_asked(last, facts):
            return None
        reason = Reason(SOURCE, f"small talk: {kind.replace('_', ' ')}")
        source = f"{SOURCE}/{kind}"
        if kind in _ENDS and last is not None and _has_said_enough(last, source):
            return Silence(reason=Reason(SOURCE, f"{reason.text}; it needs no further word"))
        language = understood.language or self._speaks[0]
        pack = load_pack(language)
        buttons: tuple[QuickReply, ...] = ()
        if pack.small_talk[kind].offers_person:
            buttons = (QuickReply(pack.persons.button, f"{SOURCE}:person"),)
        return Reply(
            reason=reason,
            text=self._text(kind, language, facts),
            by="rule",
            source=source,
            quick_replies=buttons,
        )

    def _text(self, kind: SmallTalkKind, language: Language, facts: Facts) -> str:
        """Return a reply that was not the last one given."""
        templates = _all_replies()[language, kind]
        if language == self._speaks[0] and (own := self._own_replies.get(kind)):
            templates = (own, *templates[1:])
        last = facts.turn.last_said
        said = "" if last is None else last.text
        text = templates[0].render(facts)
        if said.startswith(text):
            text = templates[1].render(facts)
        if language not in self._speaks and kind in _INVITES:
            text = f"{text}\n\n{foreign_words()[language].line(self._speaks)}"
        return text

    def _was_asked(self, last: Message, facts: Facts) -> bool:
        """Say whether "yes" or "no" would answer what was last said, which people must judge."""
        if last.author is Author.PERSON or (_source(last) or "").startswith(SOURCE):
            return False
        asked = self._ask_email.render(facts)
        return "?" in last.text.removesuffix(asked) or _by(last) == "llm"

    def _person(self, facts: Facts) -> Handoff | None:
        """Hand off where the customer asks for a person."""
        text = facts["text"]
        folded = fold(text)
        language = next(
            (code for code, needles in self._persons.items() if needles.ask(text, folded)), None
        )
        if language is None:
            return None
        if language in self._speaks:
            said = self._handoff.render(facts)
        else:
            words = foreign_words()[language]
            said = f"{words.handed_over}\n\n{words.line(self._speaks)}"
        return Handoff(
            reason=Reason(SOURCE, "the customer asks for a person"),
            text=said or None,
            by="rule",
            source=f"{SOURCE}/person",
        )

    def explain(self, facts: Facts) -> tuple[str, str]:
        """Say whether it would answer, and what the turn is."""
        decision = self.decide(facts)
        if decision is None:
            return "no", "it is no small talk"
        return "fires", decision.reason.text


def _has_said_enough(last: Message, source: str) -> bool:
    """Say whether a person, or the bot itself on such words, was the last to speak."""
    return last.author is Author.PERSON or _source(last) == source


def _source(message: Message) -> str | None:
    return _mark(message).get("source")


def _by(message: Message) -> str | None:
    return _mark(message).get("by")


def _mark(message: Message) -> Mapping[str, str]:
    """Return the mark of a message of ours; nothing for any other."""
    mark = message.metadata.get("agentbot")
    return mark if isinstance(mark, Mapping) else {}


def read_replies() -> None:
    """Read what is replied to small talk in all languages, which takes 15 ms the first time."""
    for code in CODES:
        _person_needles_of(code)
    _all_replies()


# A pack never changes: what is made of it is made once, and not for each prompts folder anew.
@cache
def _person_needles_of(code: Language) -> _PersonNeedles:
    return _PersonNeedles.of(load_pack(code))


@cache
def _all_replies() -> Mapping[tuple[Language, SmallTalkKind], tuple[Template, ...]]:
    """Return what the packs say to each kind of small talk, by language and kind."""
    return {
        (code, kind): tuple(Template(text, ROOTS) for text in words.replies)
        for code, pack in all_packs().items()
        for kind, words in pack.small_talk.items()
    }
