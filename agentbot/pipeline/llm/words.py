"""The operator's words around a model's answer: handing off, failing, and where to read more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentbot.pipeline.facts import Facts
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.files.texts import Language, SmallTalkKind
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.languages.customers import customers_language
from agentbot.pipeline.languages.foreign import foreign_words
from agentbot.pipeline.languages.pack import CODES, load_pack
from agentbot.pipeline.languages.small_talk import SmallTalkReader

_MOST_LINKS = 3
"""Links under an answer: more are a list that nobody reads."""
_MARKDOWN = frozenset({"chat", "email"})
"""The sources of conversations in which a link may have a title."""
_ENDS: frozenset[SmallTalkKind] = frozenset({"thanks", "ok", "goodbye", "laugh", "praise"})
"""The kinds of small talk that end a conversation, and need no word where something was said."""


@dataclass(frozen=True, slots=True)
class LLMTexts:
    """The texts of texts.yaml that go with a model's answers and failures.

    ``more`` stands before links; None: they are not shown.
    """

    language: Language
    fallback: Template
    handoff: Template
    more: str | None = None


class LLMWords:
    """The words that are said around a model's, or in its place."""

    def __init__(self, texts: LLMTexts, reader: SmallTalkReader, *, show_links: bool) -> None:
        self._texts = texts
        self._reader = reader
        self._show_links = show_links

    def failed(self, facts: Facts) -> str | None:
        """Return what is said where the model has failed."""
        return _render(self._texts.fallback, facts)

    def handed_off(self, language: str, facts: Facts) -> str | None:
        """Return what is said where it is left to people, in the customer's language if known.

        That is the one that they write, and the model's word for it where that is not plain.
        """
        code = customers_language(facts.turn) or language.partition("-")[0].lower()
        words: Mapping[str, object] = foreign_words()
        if code == self._texts.language or code not in words:
            return _render(self._texts.handoff, facts)
        return foreign_words()[code].handed_over

    def with_links(self, text: str, sources: Sequence[Passage], language: str, facts: Facts) -> str:
        """Return an answer with the links of its sources under it, those apart that it holds."""
        more = self._more(language)
        links: dict[str, str] = {}
        for one in sources:
            if one.link and one.link not in text:
                links.setdefault(one.link, one.title)
        if not self._show_links or more is None or not links:
            return text
        shown = list(links.items())[:_MOST_LINKS]
        if facts["conversation"]["source"] in _MARKDOWN:
            named = [f"[{_bare(title)}]({_quoted(link)})" for link, title in shown]
        else:
            named = [link for link, _ in shown]
        return f"{text}\n\n{more} {', '.join(named)}"

    def _more(self, language: str) -> str | None:
        """Return what stands before links, in the language of the answer."""
        code = language.partition("-")[0].lower()
        known = next((one for one in CODES if one == code), self._texts.language)
        return self._texts.more if known == self._texts.language else load_pack(known).texts.more

    def is_silence_right(self, facts: Facts) -> bool:
        """Say whether nothing need be said: the customer ends what was answered."""
        turn = facts.turn
        if turn.last_said is None or facts["attachments"]:
            return False
        names = (turn.customer.name or "", facts["company"]["name"])
        understood = self._reader.read(facts["text"], names)
        return understood is not None and understood.kind in _ENDS


def _bare(title: str) -> str:
    """Return a title that may stand in a link's brackets."""
    return " ".join(title.replace("[", "(").replace("]", ")").split())


def _quoted(link: str) -> str:
    """Return an address that may stand in a link's parentheses."""
    return link.replace(" ", "%20").replace("(", "%28").replace(")", "%29")


def _render(template: Template, facts: Facts) -> str | None:
    try:
        return template.render(facts) or None
    except TemplateProblem:
        return None
