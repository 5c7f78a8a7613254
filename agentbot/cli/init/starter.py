"""The first files of an operator's own folder: small, complete, in their language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Any, Literal

import yaml

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import LanguagePack, load_pack
from agentbot.pipeline.llm.instructions import default_instructions
from agentbot.pipeline.words import fold

AfterHours = Literal["answer", "notice", "window"]
FAQ = "faq/questions.yaml"


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """What hours.yaml says. ``week`` has the keys of its ``week:``; no holidays: "" ."""

    zone: str
    week: Mapping[str, tuple[str, ...]]
    country: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked for. ``hours`` of None: the Papercups account's own count."""

    company: str = ""
    language: Language = "en"
    hours: OpeningHours | None = None
    after_hours: AfterHours = "answer"


def starter_files(answers: Answers) -> dict[str, str]:
    """Return the texts of the folder's files by their names; hours.yaml only where there is one."""
    pack = load_pack(answers.language)
    files = {
        "company.yaml": _company(answers.company),
        "rules.yaml": _rules(pack, answers.after_hours),
        FAQ: _FAQ,
        "policy.yaml": _policy(answers.after_hours),
        "texts.yaml": _texts(answers.language),
    }
    if answers.hours is not None:
        files["hours.yaml"] = _hours(answers.hours)
    return files


def full_file(name: str, answers: Answers) -> str | None:
    """Return a file with every key of it written out, to be changed; None: there is no such."""
    if name == "system.md":
        return default_instructions(answers.language)
    if name == "texts.yaml":
        texts = load_pack(answers.language).texts.model_dump(exclude={"language"})
        return _texts(answers.language) + "\n" + _yaml(texts)
    return None


def env_file(values: Mapping[str, str]) -> str:
    """Return the text of .env with these variables; those without a value wait for one."""
    lines = [f"{name}={_quoted(value)}" for name, value in values.items()]
    return "\n".join([_ENV, *lines, ""])


def _quoted(value: str) -> str:
    """Quote a value so that systemd and docker compose read from .env what agentbot does.

    They differ within quotes: in single ones systemd knows no ``\\'`` and compose no ``\\\\``, and
    in double ones compose puts a variable for ``$``. A value for which none will do (it has ``$``,
    and with it ``'``, two backslashes in a row or one at its end) is written for agentbot.
    """
    if re.fullmatch(r"[\w@%+=:,./-]*", value, flags=re.ASCII):
        return value
    if "'" not in value and "\\\\" not in value and not value.endswith("\\"):
        return f"'{value}'"
    if "$" not in value:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    # A backslash alone is one for compose too.
    escaped = re.sub(r"\\(?=[\\']|\Z)|'", lambda found: f"\\{found[0]}", value)
    return f"'{escaped}'"


def _head(name: str, *about: str) -> str:
    lines = (f"# yaml-language-server: $schema=schema/{name}.json", "#", *(f"# {a}" for a in about))
    return "\n".join(lines) + "\n\n"


def _company(name: str) -> str:
    return (
        _head(
            "company",
            "What is said in more than one place stands here, once. All texts may use it:",
            "{{ company.name }}, and with the line below {{ company.return_days }}.",
        )
        + _yaml({"name": name})
        + "\n# facts:\n#   return_days: 30\n"
        + "\n# Questions that the page of `agentbot demo` offers.\n"
        + "# samples:\n#   - Do you ship abroad?\n"
    )


def _texts(language: Language) -> str:
    return (
        _head(
            "texts",
            "What the bot says where no rule has the words: in this language, unless you write",
            "your own. schema/texts.json says which texts there are.",
        )
        + f"language: {language}\n"
    )


def _policy(after_hours: AfterHours) -> str:
    presence = "on_duty" if after_hours == "window" else "always"
    return (
        _head(
            "policy",
            "When the bot keeps out, and who is asked in which order. What is left out has its",
            "default: see schema/policy.json.",
        )
        + "# always: shown online around the clock. on_duty: in opening hours only; outside them\n"
        + "# the chat window shows your away message, and the bot still answers what it can.\n"
        + f"presence: {presence}\n"
    )


def _hours(hours: OpeningHours) -> str:
    week = {day: list(spans) if len(spans) != 1 else spans[0] for day, spans in hours.week.items()}
    data: dict[str, Any] = {"time_zone": hours.zone, "week": week}
    if hours.country:
        region = {"region": hours.region} if hours.region else {}
        data["holidays"] = {"country": hours.country, **region, "hours": "closed"}
    exceptions = (
        "\n# Dates with other hours, every year or once.\n# exceptions:\n#   12-24: closed\n"
    )
    return _head("hours", "Opening hours. Texts say them as {{ opening_hours }}.") + (
        _yaml(data) + exceptions
    )


def _rules(pack: LanguagePack, after_hours: AfterHours) -> str:
    starter, persons = pack.starter, pack.persons
    now = starter.opening_hours.reply.rstrip()
    hours = (
        "{% if opening_hours %}\n{{ opening_hours }}\n{% endif %}\n"
        "{% if not hours_on_day %}\n" + now + "\n{% endif %}"
    )
    closed = _rule(
        "after-hours",
        {"away": True, "limit": "every 12h"},
        starter.after_hours,
        {"ask_email": True, "hand_over": True, "tag": "after-hours"},
    )
    person = _rule(
        "person",
        {"keywords": _keywords(persons.keywords, [*persons.not_, *_after_the_bot(pack)])},
        starter.person,
        {"ask_email": True, "hand_over": True, "tag": "asked-for-a-person"},
    )
    asked = starter.opening_hours
    opening = _rule("opening-hours", {"keywords": _keywords(asked.keywords, asked.not_)}, hours)
    first = [closed] if after_hours == "notice" else []
    last = [closed] if after_hours == "answer" else []
    rules = "rules:\n" + "\n".join([*first, person, opening])
    otherwise = (
        "\n# What is tried when no rule above, no FAQ entry and no language model had an answer.\n"
        + ("otherwise:\n" + "\n".join(last) if last else "otherwise: []\n")
    )
    return _RULES + rules + otherwise


def _after_the_bot(pack: LanguagePack) -> list[str]:
    """Return the phrases that ask what the bot is with a word that also asks for a person.

    "Are you human?" is answered, not handed over. The shortest phrases stand for longer ones.
    """
    words = [f" {fold(one).strip()} " for one in pack.persons.keywords]
    phrases = sorted(pack.small_talk["are_you_a_bot"].phrases, key=len)
    found: dict[str, str] = {}
    for phrase in phrases:
        padded = f" {fold(phrase).strip()} "
        if any(one in padded for one in words) and not any(one in padded for one in found):
            found[padded] = phrase
    return list(found.values())


def _keywords(any_of: Sequence[str], none_of: Sequence[str]) -> dict[str, Any]:
    """Return keywords that do not count where they are denied: "don't call me"."""
    return {"any": [*any_of], "not": [*none_of], "unless_denied": True}


def _rule(
    id_: str, conditions: Mapping[str, Any], reply: str, actions: Mapping[str, Any] | None = None
) -> str:
    """Return a rule's YAML, its reply as a block that can be edited."""
    text = f"reply: |\n{indent(reply.rstrip(), '  ')}\n"
    body = _yaml(conditions) + text + (_yaml(actions) if actions else "")
    return f"  - id: {id_}\n" + indent(body, "    ")


def _yaml(data: Mapping[str, Any]) -> str:
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)


class _Dumper(yaml.SafeDumper):
    """A writer of YAML as people write it: texts of several lines as blocks, lists indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)

_ENV = """\
# agentbot's settings. All that there are, with their defaults, are in .env.example of its sources.
# Nobody but you should be able to read this file: it holds a password."""

_RULES = _head(
    "rules",
    "What the bot says without thinking twice. From top to bottom, the first rule whose",
    "conditions all hold decides. What {{ … }} and `when:` may use stands in schema/facts.md.",
    "Check your changes with: agentbot check",
    'Try them with:           agentbot ask "Are you open?"',
)

_FAQ = """\
# Questions and their answers. An answer goes out word for word. The more phrasings an entry has,
# and the more they differ, the surer the bot becomes: ten real questions of customers are worth
# more than one neat one. `agentbot report gaps` later lists what nobody could answer. Questions in
# other languages find them too; `answers: {de: …}` holds translations of an answer.
#
# Take the # away, and write your own:
#
# - id: returns
#   question: How do I return something?
#   phrasings:
#     - What is your return policy?
#     - I want to send my order back
#   answer: |-
#     Within {{ company.return_days }} days of delivery. …
#
# - id: shipping
#   question: Do you ship abroad?
#   phrasings:
#     - Can you deliver to Germany?
#     - Which countries do you ship to?
#   answer: |-
#     …
"""
