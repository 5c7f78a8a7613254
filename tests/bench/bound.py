"""Is a figure said of what it belongs to? ``python -m tests.bench.bound``.

Claims with the right words and figures, bound to the wrong row, item, clause or day, must be
found; those that the source supports must go out. Prints a line for each kind and half: how many of
either there are, how many wrong ones the checks let through, and how many right ones are lost. The
pairs stand in ``bound/``; ``held_out.yaml`` is for reporting (``--held-out``).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agentbot.pipeline.checks.checker import Checker
from agentbot.pipeline.checks.draft import Draft
from agentbot.pipeline.faq.embedders.minilm import MiniLmEmbedder
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.knowledge.passage import Passage

PAIRS = Path(__file__).with_name("bound")
OPEN = ("open", "said", "subjects", "roles", "neighbours")
HELD_OUT = ("held_out", "subjects_held_out", "roles_held_out")
"""The files to look at while the checks are written, and those to report on."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim with its source; ``kind`` is what it is bound to: a row, an item, a day."""

    kind: str
    language: Language
    title: str
    source: str
    claim: str
    asked: str
    right: bool


def pairs(names: Iterable[str], folder: Path = PAIRS) -> Iterator[Pair]:
    """Yield the pairs of the files with these names."""
    for name in names:
        for one in yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8")):
            yield from _made(one)


def _made(one: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield the pairs of a template, each with the labels and values as they stand, and turned."""
    for a, b in one.get("labels", [("", "")]):
        for x, y in one.get("values", [("", "")]):
            source = _filled(one["source"], a, b, x, y)
            for turned in (
                (False, True) if one.get("turned", True) and "labels" in one else (False,)
            ):
                said = (b, a, y, x) if turned else (a, b, x, y)
                for is_right, claims in ((True, one["right"]), (False, one["wrong"])):
                    for claim in claims:
                        yield Pair(
                            one.get("kind", "by hand"),
                            one.get("language", "en"),
                            one.get("title", ""),
                            source,
                            _filled(claim, *said),
                            _filled(one.get("asked", ""), *said),
                            is_right,
                        )


def _filled(text: str, a: str, b: str, x: str, y: str) -> str:
    filled = text.format(a=a, b=b, x=x, y=y)
    return filled[:1].upper() + filled[1:]


def draft_of(pair: Pair) -> Draft:
    """Return the claim as an answer that names its source."""
    return Draft(
        pair.claim,
        sources=(Passage("source", pair.title, pair.source),),
        said=(pair.asked,) if pair.asked else (),
        language=pair.language,
        customers_language=pair.language,
    )


@dataclass(slots=True)
class Line:
    """What becomes of the pairs of a kind."""

    wrong: int = 0
    sent: int = 0
    right: int = 0
    lost: int = 0


def judged(checker: Checker, found: Iterable[Pair]) -> tuple[dict[str, Line], list[str]]:
    """Return a line for each kind and language, and what went wrong, to be shown."""
    lines: dict[str, Line] = {}
    amiss = []
    for pair in found:
        findings = checker.check(draft_of(pair))
        is_sent = not findings
        for name in (pair.kind, f"({pair.language})", "all"):
            line = lines.setdefault(name, Line())
            line.right += pair.right
            line.lost += pair.right and not is_sent
            line.wrong += not pair.right
            line.sent += not pair.right and is_sent
        if pair.right != is_sent:
            why = f"{findings[0].code}: {findings[0].why}" if findings else "sent"
            amiss.append(f"{pair.kind} {pair.language}: {pair.claim!r}: {why}")
    return lines, amiss


def table(lines: Mapping[str, Line]) -> str:
    """Return the lines as a table, all together last."""
    order = sorted(lines, key=lambda name: (name == "all", name.startswith("("), name))
    rows = [f"{'bound to':16} {'wrong':>6} {'sent':>6} {'right':>6} {'lost':>6}"]
    for name in order:
        one = lines[name]
        rows.append(f"{name:16} {one.wrong:6} {one.sent:6} {one.right:6} {one.lost:6}")
    return "\n".join(rows)


def main() -> None:
    """Print the tables, and with ``--show`` what went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--held-out", action="store_true", help="report on the held-out half")
    parser.add_argument("--vectors", action="store_true", help="with vectors, not words alone")
    parser.add_argument("--show", type=int, default=0, help="how many mistakes to show")
    options = parser.parse_args()
    checker = Checker(states=MiniLmEmbedder().states if options.vectors else None)
    lines, amiss = judged(checker, pairs(HELD_OUT if options.held_out else OPEN))
    print(table(lines))
    print("\n".join(amiss[: options.show]))


if __name__ == "__main__":
    main()
