"""The example shop's answers are for trying out: no customer of a real company gets them."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from agentbot.config import Settings, shipped_prompts_dir
from agentbot.errors import ConfigurationError
from agentbot.pipeline.faq.entries import load_faq
from agentbot.pipeline.prompts import Prompts, load_prompts

_FACT = re.compile(r"\{\{ *company\.(\w+) *\}\}")
"""A place in an answer where a fact of the company's stands."""
_FIELD = re.compile(r"\{\{.*?\}\}")
"""A place where something else stands, such as the opening hours."""
_TELLING = ("company.yaml", "rules.yaml")
"""Files that tell of the shop. Policy, hours and canned texts may be anybody's as they are."""
_REMEDY = (
    "write your own with `agentbot init`, or set AGENTBOT_ALLOW_EXAMPLE_PROMPTS=true if you mean it"
)


def refuse_example(settings: Settings, prompts: Prompts) -> None:
    """Raise ``ConfigurationError`` where real customers would be answered as the example shop.

    A server on this machine has no real customers.
    """
    if may_be_example(settings):
        return
    trace = trace_of_example(prompts)
    if trace:
        url = settings.papercups_url
        problem = f"{trace}: the customers at {url} would be answered as that shop"
        raise ConfigurationError(str(prompts.folder), problem, _REMEDY)


def may_be_example(settings: Settings) -> bool:
    """Say whether a folder is used that tells of the example shop."""
    url = settings.papercups_url
    return settings.allow_example_prompts or url is None or is_loopback(url)


def is_loopback(url: str) -> bool:
    """Say whether ``url`` leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def trace_of_example(prompts: Prompts) -> str:
    """Return what shows that a folder tells of the example shop; "" where nothing does."""
    shipped = shipped_prompts_dir()
    if prompts.folder.resolve() == shipped.resolve():
        return "this is the example that ships with agentbot"
    if not _may_show(prompts, shipped):
        return ""
    return next(_traces(prompts, load_prompts(shipped)), "")


def _may_show(prompts: Prompts, shipped: Path) -> bool:
    """Say whether a folder may show the example's company, files or answers.

    Most do not, and then the example need not be read as a whole: a tenth of a second, and 4 MB.
    """
    company = yaml.safe_load((shipped / "company.yaml").read_text(encoding="utf-8"))
    facts = {"name": company["name"]} | company["facts"]
    if _plain(prompts.company.name) == _plain(company["name"]):
        return True
    if any(_digest(prompts.folder / one) == _digest(shipped / one) for one in _TELLING):
        return True
    said = (
        _FACT.sub(lambda field: str(facts[field[1]]), entry.answer)
        for entry in load_faq(shipped / "faq")
    )
    pieces = (map(re.escape, _FIELD.split(_plain(answer))) for answer in said)
    of_example = re.compile("|".join(map(".*".join, pieces)))
    return any(of_example.fullmatch(_plain(entry.answer)) for entry in prompts.faq)


def _traces(prompts: Prompts, example: Prompts) -> Iterator[str]:
    """Yield what is the example's still, in a folder that was copied from it and edited."""
    if _plain(prompts.company.name) == _plain(example.company.name):
        yield f"company.yaml names {example.company.name}, the shop of the example"
    for name in _TELLING:
        if _digest(prompts.folder / name) == _digest(example.folder / name):
            yield f"{name} is that of the example"
    answers = {_plain(entry.answer) for entry in example.faq}
    for entry in prompts.faq:
        if _plain(entry.answer) in answers:
            yield f"the FAQ entry {entry.id!r} has the answer of the example"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _digest(path: Path) -> str | None:
    """Return what two files have in common that differ in white space alone; None: no file."""
    if not path.is_file():
        return None
    return hashlib.sha256(_plain(path.read_text(encoding="utf-8")).encode()).hexdigest()
