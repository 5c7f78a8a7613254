"""The texts of texts.yaml, compiled, over those of its language's pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.templates import Template
from agentbot.pipeline.files.texts import Language, SmallTalkKind, TextsFile
from agentbot.pipeline.files.yaml import YamlFile
from agentbot.pipeline.hours.schedule import TimeWords, ZoneWords
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.rules.texts import compile_template


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of texts.yaml, compiled; what it leaves out is its ``language``'s own.

    ``unanswered``, ``unanswered_again``, ``email_unclear``, ``one_moment`` of None: not a word.
    ``same_again`` of None: an answer may be repeated; ``more`` of None: no links are shown;
    ``may_help`` of None: no page is offered. ``handoff`` is the text of the key ``hand_over``.
    ``small_talk`` has the operator's own replies, None where a kind is no small talk to them.
    """

    language: Language
    fallback: Template
    handoff: Template
    unanswered: Template | None
    unanswered_again: Template | None
    did_you_mean: Template
    none_of_these: str | None
    passed_on: Template
    may_help: Template | None
    ask_email: Template
    email_thanks: Template
    email_unclear: Template | None
    same_again: Template | None
    one_moment: Template | None
    more: str | None
    small_talk: Mapping[SmallTalkKind, Template | None]
    also_speaks: tuple[Language, ...]
    times: TimeWords


def compile_texts(
    model: TextsFile, file: YamlFile, problems: Problems, *, company: Mapping[str, str]
) -> Texts:
    """Compile texts.yaml; what is wrong with a template is noted. ``company``: facts they use."""
    return _TextsCompiler(model, file, problems, company).compile()


class _TextsCompiler:
    """The compiler of texts.yaml, over the pack of its language."""

    def __init__(
        self, model: TextsFile, file: YamlFile, problems: Problems, company: Mapping[str, str]
    ) -> None:
        self._model = model
        self._file = file
        self._problems = problems
        self._company = company
        self._own = load_pack(model.language).texts

    def compile(self) -> Texts:
        return Texts(
            language=self._model.language,
            fallback=self._template("fallback"),
            handoff=self._template("hand_over"),
            unanswered=self._template_or_none("unanswered"),
            unanswered_again=self._template_or_none("unanswered_again"),
            did_you_mean=self._template("did_you_mean"),
            none_of_these=self._chosen("none_of_these").none_of_these,
            passed_on=self._template("passed_on"),
            may_help=self._template_or_none("may_help"),
            ask_email=self._template("ask_email"),
            email_thanks=self._template("email_thanks"),
            email_unclear=self._template_or_none("email_unclear"),
            same_again=self._template_or_none("same_again"),
            one_moment=self._template_or_none("one_moment"),
            more=self._chosen("more").more,
            small_talk=self._small_talk(),
            also_speaks=tuple(self._model.also_speaks),
            times=self._times(),
        )

    def _chosen(self, name: str) -> TextsFile:
        """Return the texts in which the one of this name stands: the operator's, or the pack's."""
        return self._model if name in self._model.model_fields_set else self._own

    def _template(self, name: str) -> Template:
        source: str = getattr(self._chosen(name), name)
        template = compile_template(
            source, self._file, (name,), self._problems, company=self._company
        )
        return template or Template("", {})  # its problem is noted: nobody will say it

    def _template_or_none(self, name: str) -> Template | None:
        return None if getattr(self._chosen(name), name) is None else self._template(name)

    def _small_talk(self) -> dict[SmallTalkKind, Template | None]:
        """Return the operator's own replies, by kind; None: the kind is none to them."""
        return {
            kind: text
            if text is None
            else compile_template(text, self._file, ("small_talk", kind), self._problems)
            for kind, text in self._model.small_talk.items()
        }

    def _times(self) -> TimeWords:
        written, own = self._model.times, self._own.times
        times = own.model_copy(
            update={name: getattr(written, name) for name in written.model_fields_set}
        )
        zones = ZoneWords(
            city=times.zone,
            abbreviations=times.abbreviations,
            cities=times.cities,
            instead=times.instead,
        )
        return TimeWords(
            today=times.today,
            tomorrow=times.tomorrow,
            weekday=times.weekday,
            later=times.later,
            next_year=times.next_year,
            days=tuple(times.days),
            week=tuple(times.week),
            months=tuple(times.months),
            zones=zones,
            instead=times.instead,
        )
