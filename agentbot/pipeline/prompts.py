"""Read the operator's folder: everything that the bot says, and when.

All or nothing: either every file is good, or one error carries every problem of the folder, each
with its file and line. Reading is pure: nothing is kept but what is returned.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from agentbot.errors import ConfigurationError
from agentbot.pipeline.custom import check_responder_name
from agentbot.pipeline.facts import text_roots
from agentbot.pipeline.faq.calibration import Calibration
from agentbot.pipeline.faq.entries import FaqEntry, FaqWarning, load_faq
from agentbot.pipeline.faq.filling import fill
from agentbot.pipeline.files.calibration import NAME as CALIBRATION
from agentbot.pipeline.files.calibration import REMEDY, CalibrationFile
from agentbot.pipeline.files.models import CompanyFile, PolicyFile, RulesFile
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.files.texts import Language, SmallTalkKind, TextsFile
from agentbot.pipeline.files.yaml import ModelT, YamlFile, parse_yaml, read_text, validate
from agentbot.pipeline.hours.file import HoursFile, compile_hours
from agentbot.pipeline.hours.schedule import Hours, TimeWords, ZoneWords
from agentbot.pipeline.hours.week import week_in_words
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.llm.instructions import default_instructions
from agentbot.pipeline.mail.phrases import phrases as mail_phrases
from agentbot.pipeline.rules.compiler import CompiledRules, compile_rules, compile_template

if TYPE_CHECKING:  # see _pages
    from agentbot.pipeline.knowledge.pages import HelpPage

BUILT_IN = ("rules", "faq", "llm", "otherwise")
"""The names of the responders that are always there."""

FILES = ("company.yaml", "hours.yaml", "policy.yaml", "rules.yaml", "system.md", "texts.yaml")
"""The files of a folder, beside those in `FOLDERS`. Each may be left out."""
FOLDERS = ("faq", "pages")
"""The folders in it. Each may be left out."""
_ALL_FILES = (*FILES, CALIBRATION)
"""All that is read, what a program has made included."""
_NEAR_NAME = 0.8
"""The likeness, from 0 to 1, of a name that is surely meant: "rule" and "rules" have 0.89."""
_KEPT = frozenset({".yaml", ".yml", ".md"})


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of texts.yaml, compiled; what it leaves out is its ``language``'s own.

    ``unanswered``, ``unanswered_again`` and ``email_unclear`` of None: not a word. ``same_again``
    of None: an answer may be repeated; ``more``: no links are shown. ``handoff`` is ``hand_over``.
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
    ask_email: Template
    email_thanks: Template
    email_unclear: Template | None
    same_again: Template | None
    more: str | None
    small_talk: Mapping[SmallTalkKind, Template | None]
    also_speaks: tuple[Language, ...]
    times: TimeWords


@dataclass(frozen=True, slots=True)
class Company:
    """What company.yaml says: ``name`` is "" where it says none.

    ``facts`` holds what texts may use, the name among it; ``samples`` are questions for the demo.
    """

    name: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompts:
    """A good folder, ready to run. ``version`` names its content, for the journal.

    ``hours`` of None: the account's own hours count. ``calibration`` may be one of another FAQ or
    search: see `Calibration.misfit`. ``warnings`` name what is allowed, but is
    probably a mistake.
    """

    folder: Path
    version: str
    policy: PolicyFile
    texts: Texts
    rules: CompiledRules
    hours: Hours | None
    system: Template
    company: Company = Company()
    faq: tuple[FaqEntry, ...] = ()
    pages: tuple[HelpPage, ...] = ()
    calibration: Calibration | None = None
    warnings: tuple[str, ...] = ()


def load_prompts(folder: Path) -> Prompts:
    """Read a folder. Raises :class:`PromptsError` with all its problems."""
    try:
        return _load(folder)
    except OSError as error:
        place = str(error.filename or folder)
        problem = f"cannot be read: {error.strerror or error}"
        remedy = "let the user that runs agentbot read the folder and all that is in it"
        raise ConfigurationError(place, problem, remedy) from error


def _load(folder: Path) -> Prompts:
    mail_phrases()  # they are read now, and not while a customer waits
    problems = Problems()
    if not folder.is_dir():
        problems.add(str(folder), "there is no such folder", "set AGENTBOT_PROMPTS_DIR")
        problems.raise_if_any(str(folder))
    _names(folder, problems)
    company = _company(folder, problems)
    problems.raise_if_any(str(folder))  # else each text that uses a fact would seem wrong
    rules = _rules(folder, company, problems)
    texts = _texts(folder, company, problems)
    policy = _policy(folder, problems)
    hours = _hours(folder, problems)
    system = _system(folder, company, texts, problems)
    calibration = _calibration(folder, problems)
    entries, doubts = _faq(folder, problems)
    pages: tuple[HelpPage, ...] = ()
    if not problems.found:  # without hours or texts, which are broken, fields would be missing
        fields = _fields(company, hours, texts)
        entries = tuple(fill(entries, fields, problems))
        pages = _pages(folder, fields, problems)
    problems.raise_if_any(str(folder))
    if rules is None or texts is None or policy is None or system is None:
        raise ConfigurationError(str(folder), "the folder could not be read")
    return Prompts(
        folder=folder,
        version=content_version(folder),
        policy=policy,
        texts=texts,
        rules=rules,
        hours=hours,
        system=system,
        company=company,
        faq=entries,
        pages=pages,
        calibration=calibration,
        warnings=(*problems.doubts, *doubts),
    )


def content_version(folder: Path) -> str:
    """Return twelve hex digits that change whenever a file that the bot reads does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in _KEPT and not name.startswith("schema/") and path.is_file():
            digest.update(name.encode())
            digest.update(b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _names(folder: Path, problems: Problems) -> None:
    """Note files that are not read: a misspelt name would change nothing, in silence."""
    names = [path.name for path in folder.iterdir() if not path.name.startswith((".", "_"))]
    stems = [name.partition(".")[0] for name in _ALL_FILES]
    if not set(names) & {*FILES, *FOLDERS}:
        what = f"there is none of {', '.join(FILES)}, faq/ and pages/ in it"
        problems.add(str(folder), what, "write a first one with: agentbot init")
    for name in sorted(set(names) & {*_ALL_FILES, *FOLDERS}):
        if not (folder / name).exists():  # without a word, nothing of it would count
            problems.add(name, "this link leads nowhere", "mend it, or take it away")
    for name in FOLDERS:
        if (folder / name).is_file():
            problems.add(name, "this is a file", "make a folder of that name, with the file in it")
    for name in sorted(set(names) - set(_ALL_FILES)):
        stem, _, suffix = name.rpartition(".")
        if suffix not in {"yaml", "yml", "md"} or not (folder / name).is_file():
            continue
        if stem in FOLDERS:
            problems.add(name, "this file is not read", f"move it into {stem}/")
        elif near := get_close_matches(stem, stems, n=1, cutoff=_NEAR_NAME):
            meant = _ALL_FILES[stems.index(near[0])]
            problems.add(name, "this file is not read", f"did you mean {meant!r}?")
        elif suffix != "md":
            problems.doubt(name, f"this file is not read; those that are: {', '.join(FILES)}")


def _read(
    folder: Path, name: str, model: type[ModelT], problems: Problems
) -> tuple[ModelT, YamlFile] | None:
    """Return a file and its data; one that is not there says nothing, and defaults count."""
    path = folder / name
    text = read_text(path, name, problems) if path.exists() else ""
    if text is None:
        return None
    if path.exists() and not text.strip():  # an editor may be about to fill it
        problems.add(name, "the file is empty", "write it, or delete it: its defaults count then")
        return None
    file = parse_yaml(text, name, problems)
    if file is None:
        return None
    read = validate(model, file, problems)
    return None if read is None else (read, file)


def _company(folder: Path, problems: Problems) -> Company:
    read = _read(folder, "company.yaml", CompanyFile, problems)
    if read is None:
        return Company()
    model, _ = read
    named = {"name": model.name} if model.name else {}
    return Company(model.name or "", named | model.facts, tuple(model.samples))


def _rules(folder: Path, company: Company, problems: Problems) -> CompiledRules | None:
    read = _read(folder, "rules.yaml", RulesFile, problems)
    return compile_rules(*read, problems, company=company.facts) if read else None


def _texts(folder: Path, company: Company, problems: Problems) -> Texts | None:
    """Read texts.yaml; what it leaves out, or all where there is none, is the language's own."""
    read = _read(folder, "texts.yaml", TextsFile, problems)
    return None if read is None else _TextsCompiler(*read, problems, company).compile()


class _TextsCompiler:
    """The compiler of texts.yaml, over the pack of its language."""

    def __init__(
        self, model: TextsFile, file: YamlFile, problems: Problems, company: Company
    ) -> None:
        self._model = model
        self._file = file
        self._problems = problems
        self._company = company.facts
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
            ask_email=self._template("ask_email"),
            email_thanks=self._template("email_thanks"),
            email_unclear=self._template_or_none("email_unclear"),
            same_again=self._template_or_none("same_again"),
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


def _policy(folder: Path, problems: Problems) -> PolicyFile | None:
    read = _read(folder, "policy.yaml", PolicyFile, problems)
    if read is None:
        return None
    model, file = read
    seen: set[str] = set()
    for index, name in enumerate(model.responders):
        place = file.place("responders", index)
        if name in seen:
            problems.add(place, f"the responder {name!r} stands there twice", "keep one")
        seen.add(name)
        if name not in BUILT_IN and (said := check_responder_name(name, BUILT_IN)):
            problems.add(place, *said)
    return model


def _hours(folder: Path, problems: Problems) -> Hours | None:
    if not (folder / "hours.yaml").exists():
        return None
    read = _read(folder, "hours.yaml", HoursFile, problems)
    return compile_hours(*read, problems) if read else None


def _faq(folder: Path, problems: Problems) -> tuple[tuple[FaqEntry, ...], tuple[str, ...]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FaqWarning)
        try:
            entries = load_faq(folder / "faq")
        except ConfigurationError as error:
            place = error.place.removeprefix(f"{folder}/")
            problems.add(place, error.problem, error.remedy)
            return (), ()
    doubts = (str(one.message).replace(f"{folder}/", "") for one in caught)
    return entries, tuple(doubts)


def _calibration(folder: Path, problems: Problems) -> Calibration | None:
    if not (folder / CALIBRATION).exists():
        return None
    mine = Problems()
    read = _read(folder, CALIBRATION, CalibrationFile, mine)
    for one in mine.found:  # nobody writes it by hand, nor need mend it so
        problems.add(one.place, one.problem, one.remedy or REMEDY)
    return None if read is None else Calibration.of_file(read[0])


def _pages(folder: Path, fields: Mapping[str, str], problems: Problems) -> tuple[HelpPage, ...]:
    if not (folder / "pages").is_dir():
        return ()
    # It brings a Markdown parser along, which a folder without pages does not need.
    from agentbot.pipeline.knowledge.pages import load_pages  # noqa: PLC0415

    return load_pages(folder, fields, problems)


def _fields(company: Company, hours: Hours | None, texts: Texts | None) -> dict[str, str]:
    """Return what FAQ entries and pages may use."""
    fields = {f"company.{name}": value for name, value in company.facts.items()}
    if hours is not None and texts is not None:
        fields["opening_hours"] = week_in_words(hours.default, texts.times.week)
    return fields


def _system(
    folder: Path, company: Company, texts: Texts | None, problems: Problems
) -> Template | None:
    path, own = folder / "system.md", default_instructions(texts.language if texts else "en")
    if (text := read_text(path, "system.md", problems) if path.exists() else own) is None:
        return None
    if not text.strip():
        problems.add("system.md", "the file is empty", "write who the bot is and what it may say")
    try:
        # The FAQ entries that go with the question are there beside the facts.
        return Template(text, {**text_roots(company.facts), "knowledge": None})
    except TemplateProblem as error:
        problems.add(f"system.md:{error.line}", error.problem, error.remedy)
        return None
