"""Read the operator's folder: everything that the bot says, and when.

All or nothing: either every file is good, or one error carries every problem of the folder, each
with its file and line. Reading is pure: nothing is kept but what is returned.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from agentbot.errors import ConfigurationError
from agentbot.pipeline.custom import check_responder_name
from agentbot.pipeline.faq.entries import FaqEntry, FaqWarning, load_faq
from agentbot.pipeline.faq.filling import fill
from agentbot.pipeline.faq.judging.calibration import Calibration
from agentbot.pipeline.files.calibration import NAME as CALIBRATION
from agentbot.pipeline.files.calibration import REMEDY, CalibrationFile
from agentbot.pipeline.files.models import CompanyFile, PolicyFile
from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.rules import RulesFile
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.files.texts import TextsFile
from agentbot.pipeline.files.version import content_version
from agentbot.pipeline.files.yaml import ModelT, YamlFile, parse_yaml, read_text, validate
from agentbot.pipeline.hours.file import HoursFile, compile_hours
from agentbot.pipeline.hours.schedule import Hours
from agentbot.pipeline.hours.week import week_in_words
from agentbot.pipeline.known_facts import text_roots
from agentbot.pipeline.llm.instructions import default_instructions
from agentbot.pipeline.rules.compiler import CompiledRules, compile_rules
from agentbot.pipeline.texts import Texts, compile_texts
from agentbot.pipeline.tools.compiler import compile_tools
from agentbot.pipeline.tools.file import ToolsFile
from agentbot.pipeline.tools.tool import Tool

if TYPE_CHECKING:  # see _pages
    from agentbot.pipeline.knowledge.pages import HelpPage

BUILT_IN = ("rules", "faq", "llm", "otherwise")
"""The names of the responders that are always there."""

FILES = (
    *("company.yaml", "hours.yaml", "policy.yaml", "rules.yaml", "texts.yaml", "tools.yaml"),
    "system.md",
)
"""The files of a folder, beside those in `FOLDERS`. Each may be left out."""
FOLDERS = ("faq", "pages")
"""The folders in it. Each may be left out."""
_ALL_FILES = (*FILES, CALIBRATION)
"""All that is read, what a program has made included."""
_TAGS = re.compile(r"\btags\b")
_NEAR_NAME = 0.8
"""The likeness, from 0 to 1, of a name that is surely meant: "rule" and "rules" have 0.89."""


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
    search: see `Calibration.misfit`. ``rests_on_tags``: what is said may depend on a
    conversation's tags, which Papercups never broadcasts. ``warnings`` name what is allowed, but is
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
    tools: tuple[Tool, ...] = ()
    faq: tuple[FaqEntry, ...] = ()
    pages: tuple[HelpPage, ...] = ()
    calibration: Calibration | None = None
    rests_on_tags: bool = True
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
    problems = Problems()
    if not folder.is_dir():
        problems.add(str(folder), "there is no such folder", "set AGENTBOT_PROMPTS_DIR")
        problems.raise_if_any(str(folder))
    version = content_version(folder)  # first: a file changed while others are read is news later
    _names(folder, problems)
    company = _company(folder, problems)
    problems.raise_if_any(str(folder))  # else each text that uses a fact would seem wrong
    rules, tools = _rules(folder, company, problems)
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
        version=version,
        policy=policy,
        texts=texts,
        rules=rules,
        hours=hours,
        system=system,
        company=company,
        tools=tools,
        faq=entries,
        pages=pages,
        calibration=calibration,
        rests_on_tags=_rests_on_tags(folder, policy),
        warnings=(*problems.doubts, *doubts),
    )


def _rests_on_tags(folder: Path, policy: PolicyFile) -> bool:
    """Say whether a condition, a text or a responder of the operator's own may look at tags."""
    if any(name not in BUILT_IN for name in policy.responders):
        return True
    names = ("rules.yaml", "tools.yaml", "texts.yaml", "system.md")
    texts = (path.read_text("utf-8") for name in names if (path := folder / name).exists())
    return any(_TAGS.search(text) for text in texts)


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


_Rules = tuple[CompiledRules | None, tuple[Tool, ...]]


def _rules(folder: Path, company: Company, problems: Problems) -> _Rules:
    """Return the rules, and the tools that they may ask."""
    declared = _read(folder, "tools.yaml", ToolsFile, problems)
    tools = compile_tools(*declared, problems) if declared else ()
    is_sound = not problems.found  # else each rule that looks something up would seem wrong
    read = _read(folder, "rules.yaml", RulesFile, problems)
    if read is None or not is_sound:
        return None, tools
    return compile_rules(*read, problems, company=company.facts, tools=tools), tools


def _texts(folder: Path, company: Company, problems: Problems) -> Texts | None:
    """Read texts.yaml; what it leaves out, or all where there is none, is the language's own."""
    read = _read(folder, "texts.yaml", TextsFile, problems)
    return None if read is None else compile_texts(*read, problems, company=company.facts)


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
