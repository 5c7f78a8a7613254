"""What a model's answer costs with many under way: ``python -m tests.bench.model_turns``.

A scripted server (`model_server`, a process of its own) answers each question 300 ms after it came;
64 are asked at a time, again and again. The ideal is that nothing but those 300 ms passes. Prints,
for answers that are streamed and that come whole, turns a second, their share of the ideal, and the
processor time of a turn: for the call alone, and for all that the pipeline does about it (finding
passages, prompt, call, reading, checks by words).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from inspect import isawaitable
from statistics import median
from typing import Literal

from agentbot.config import load_settings
from agentbot.pipeline.checks.checker import Checker
from agentbot.pipeline.decision import Reply
from agentbot.pipeline.knowledge.index import PassageIndex
from agentbot.pipeline.llm.chain import Link, ModelChain
from agentbot.pipeline.llm.form import ANSWER_FORM
from agentbot.pipeline.llm.model import ChatMessage
from agentbot.pipeline.llm.openai_chat import OpenAIChat
from agentbot.pipeline.model_responder import ModelOptions
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Author, Conversation, Customer, Message, Turn

Layer = Literal["call", "pipeline"]
SECONDS = 0.3
"""Seconds in which the server answers a question."""
IN_FLIGHT = 64
_PROMPT_BYTES = 6000
"""Bytes of what the model is shown where the call alone is measured: a usual prompt's."""
_QUESTION = "Do you ship to Norway?"
_LIMIT = 60.0
"""Seconds for an answer: none comes near it."""
_Ask = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: turns a second, their share of the ideal (0 to 1), CPU ms a turn."""

    layer: Layer
    streams: bool
    turns: int
    per_second: float
    of_ideal: float
    cpu_ms: float


async def measure(
    layer: Layer,
    *,
    streams: bool,
    in_flight: int = IN_FLIGHT,
    rounds: int = 20,
    seconds: float = SECONDS,
) -> Figures:
    """Ask ``in_flight`` questions at a time, ``rounds`` times, after a round to warm up."""
    turns = in_flight * rounds
    async with _server(seconds) as url, _model(url, streams=streams) as model:
        ask = _call(model) if layer == "call" else _pipeline(model, in_flight)

        async def worker(first: int, count: int) -> None:
            for number in range(first, first + count):
                await ask(number)

        await asyncio.gather(*(worker(number, 1) for number in range(in_flight)))
        began, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*(worker(number * rounds, rounds) for number in range(in_flight)))
        took, cpu = time.perf_counter() - began, time.process_time() - used
    ideal = in_flight / seconds
    return Figures(layer, streams, turns, turns / took, turns / took / ideal, cpu / turns * 1000)


@asynccontextmanager
async def _server(seconds: float) -> AsyncIterator[str]:
    """Yield the base URL of a scripted server."""
    command = (sys.executable, "-m", "tests.bench.model_server", "--seconds", str(seconds))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}/v1"
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def _model(url: str, *, streams: bool) -> AsyncIterator[OpenAIChat]:
    model = OpenAIChat(model="bench", api_key="none", base_url=url, form=ANSWER_FORM)
    model._dialect = replace(model._dialect, streams=streams)
    try:
        yield model
    finally:
        await model.close()


def _call(model: OpenAIChat) -> _Ask:
    messages = [ChatMessage("system", "x" * _PROMPT_BYTES), ChatMessage("user", _QUESTION)]

    async def ask(_number: int) -> None:
        await model.complete(messages, seconds=_LIMIT)

    return ask


def _pipeline(model: OpenAIChat, in_flight: int) -> _Ask:
    prompts = load_prompts(load_settings().prompts_dir)
    policy = prompts.policy.model_copy(update={"responders": ("llm",)})
    prompts = replace(prompts, policy=policy)
    pieces = [passage for page in prompts.pages for passage in page.passages]
    pipeline = build_pipeline(
        prompts,
        search=PassageIndex.fit(prompts.faq, pieces),
        llm=ModelChain([Link("bench", model)], most_at_once=in_flight),
        model_options=ModelOptions(seconds=_LIMIT, checks=Checker(policy.checks)),
    )
    now = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)

    async def ask(number: int) -> None:
        turn = Turn(
            conversation=Conversation(id=str(number)),
            customer=Customer(id=str(number)),
            messages=(Message(str(number), _QUESTION, Author.CUSTOMER, now),),
            history=(),
            now=now,
        )
        outcome = pipeline.decide(turn)
        decision = await outcome if isawaitable(outcome) else outcome
        assert isinstance(decision, Reply), decision.reason

    return ask


def table(found: list[list[Figures]]) -> str:
    """Return a line a kind: the medians of its rounds, and the spread of its share."""
    rows = [f"{'':22} {'turns/s':>8} {'of ideal':>9} {'(spread)':>12} {'CPU ms a turn':>14}"]
    for kind in zip(*found, strict=True):
        first, shares = kind[0], [one.of_ideal for one in kind]
        name = f"{first.layer}, {'streamed' if first.streams else 'whole'}"
        speed, cpu = median(o.per_second for o in kind), median(o.cpu_ms for o in kind)
        spread = f"{min(shares):.2f}-{max(shares):.2f}"
        rows.append(f"{name:22} {speed:8.1f} {median(shares):9.3f} {spread:>12} {cpu:14.2f}")
    return "\n".join(rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--in-flight", type=int, default=IN_FLIGHT)
    parser.add_argument("--repeat", type=int, default=5, help="how often all is measured, by turns")
    parser.add_argument("--quick", action="store_true", help="once, and shortly")
    options = parser.parse_args()
    repeat, rounds = (1, 5) if options.quick else (options.repeat, 20)
    layers: tuple[Layer, ...] = ("call", "pipeline")
    found = [
        [
            asyncio.run(measure(layer, streams=streams, in_flight=options.in_flight, rounds=rounds))
            for layer in layers
            for streams in (True, False)
        ]
        for _ in range(repeat)
    ]
    print(f"{options.in_flight} in flight, {SECONDS * 1000:.0f} ms a call")
    print(table(found))


if __name__ == "__main__":
    main()
