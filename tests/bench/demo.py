"""Thirty questions to ``agentbot demo --llm local``, as visitors ask them.

``python -m tests.bench.demo`` starts the demo, asks each question of `demo_questions.yaml` in a
conversation of its own, and prints a line for each: who answered, what, from which sources, and
whether that is right. Prints last how many came out right, and how many wrong: an answer that
nothing holds, or another one than what does. A hand-over or an offer of questions is never wrong,
and right where nothing holds the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx2
import orjson
import yaml

from agentbot.papercups.customer import CustomerSession
from agentbot.papercups.customer_rest import CustomerRest
from agentbot.papercups.url import PapercupsUrl

Verdict = Literal["right", "kept back", "WRONG"]
QUESTIONS = Path(__file__).with_name("demo_questions.yaml")
_PATIENCE = 120.0
"""Seconds for an answer: the local model reads 80 tokens a second, beside whatever else runs."""
_SHOWN = 100
"""Characters of an answer that are printed."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what holds its answer, and what a right answer says."""

    asks: str
    holds: Literal["faq", "page", "none"]
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question."""

    question: Question
    outcome: str
    by: str
    code: str
    reason: str
    sources: tuple[str, ...]
    answer: str
    seconds: float

    @property
    def is_answer(self) -> bool:
        """Whether an answer was given, and not an offer, a question back or people."""
        is_offer = self.by == "faq" and (not self.sources or self.code == "page_offered")
        return self.outcome == "replied" and not is_offer and self.code != "llm_clarify"

    @property
    def verdict(self) -> Verdict:
        """How it came out."""
        if self.question.holds == "none":
            return "WRONG" if self.is_answer else "right"
        if not self.is_answer:
            return "kept back"
        said = self.answer.lower()
        is_right = any(
            re.search(rf"\b{re.escape(one.lower())}", said) or one.lower() in said
            for one in self.question.says
        )
        return "right" if is_right else "WRONG"


def questions(path: Path = QUESTIONS) -> list[Question]:
    """Read the questions."""
    read: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Question(one["asks"], one["holds"], tuple(one.get("says", ()))) for one in read]


@asynccontextmanager
async def demo(*options: str) -> AsyncIterator[str]:
    """Run the demo; yield its address."""
    command = (sys.executable, "-m", "agentbot", "demo", "--port", "0", "--no-browser", *options)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if found := re.search(rb"http://[\w.:]+", line):
                break
        else:
            raise RuntimeError("the demo ended before it began")
        draining = asyncio.create_task(process.stdout.read())
        yield found[0].decode()
        process.terminate()
        await draining
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ask_all(url: str, asked: Sequence[Question]) -> AsyncIterator[Outcome]:
    """Ask one after the other, each as a new visitor; yield what comes of each."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=None) as http:
        account = (await http.get("/demo/config")).json()["account"]["id"]
        async with (
            http.stream("GET", "/demo/events") as events,
            CustomerRest(PapercupsUrl.parse(url)) as rest,
        ):
            decisions = _decisions(events)
            for question in asked:
                async with CustomerSession(rest, account) as visitor:
                    await visitor.shout(question.asks)
                    async with asyncio.timeout(_PATIENCE):
                        yield _outcome(question, await anext(decisions))


async def _decisions(events: httpx2.Response) -> AsyncIterator[dict[str, Any]]:
    """Yield the bot's decisions, as the page is sent them."""
    kind = ""
    async for line in events.aiter_lines():
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: ") and kind == "decision":
            yield orjson.loads(line[6:])


def _outcome(question: Question, entry: dict[str, Any]) -> Outcome:
    source = entry.get("source")
    sources = (entry.get("decision") or {}).get("sources") or ([source] if source else [])
    return Outcome(
        question,
        entry["outcome"],
        entry.get("by") or "",
        entry.get("reason_code") or "",
        entry.get("reason") or "",
        tuple(sources),
        entry.get("answer") or "",
        float(entry.get("seconds") or 0.0),
    )


def line(one: Outcome) -> str:
    """Return a line of the table."""
    said = " ".join(one.answer.split())[:_SHOWN]
    by = f"{one.by or '-'} {', '.join(one.sources)}".strip()
    why = "" if one.is_answer else f" ({one.reason[: _SHOWN * 2]})"
    return (
        f"{one.verdict:9} {one.question.holds:4} {one.question.asks[:52]:52}"
        f" {one.outcome}/{one.code}, {by}, {one.seconds:.1f} s: {said}{why}"
    )


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return how many came out how, by what holds their answers."""
    rows = []
    for holds in ("faq", "page", "none"):
        counts = Counter(one.verdict for one in outcomes if one.question.holds == holds)
        verdicts: tuple[Verdict, ...] = ("right", "kept back", "WRONG")
        rows.append(f"{holds:4} " + ", ".join(f"{counts[one]} {one}" for one in verdicts))
    return "\n".join(rows)


async def _run(asked: Sequence[Question], llm: str) -> None:
    outcomes = []
    async with demo("--llm", llm) as url:
        async for one in ask_all(url, asked):
            outcomes.append(one)
            print(line(one), flush=True)
    print(summary(outcomes))


def main() -> None:
    """Ask, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--llm", default="local", choices=("local", "auto", "none"))
    parser.add_argument("--questions", type=Path, default=QUESTIONS)
    parser.add_argument("--holds", choices=("faq", "page", "none"), help="only those")
    options = parser.parse_args()
    asked = questions(options.questions)
    kind = options.holds
    asyncio.run(_run([one for one in asked if kind in {None, one.holds}], options.llm))


if __name__ == "__main__":
    main()
