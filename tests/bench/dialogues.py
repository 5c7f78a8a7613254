"""Measure follow-ups in conversations: ``python -m tests.bench.dialogues``.

Plays short dialogues with the example shop through its pipeline, without a language model. A turn
is made of what the server would hold, marks included, and the memory is carried on as the bot does.
Prints a row for each kind of dialogue, for words and for meanings: how many turns came out right,
how many missed (offered, or left to people, what could be answered), and how many answers were
wrong. Turns that only set the scene count where they are wrong. What is not right is listed.

``--held-out`` plays those that were written afterwards: nothing was fitted to them. ``--traps``
plays follow-ups that were once answered wrongly, or nearly. ``--elsewhere`` plays those with other
businesses, each of which has a folder of its own.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from inspect import isawaitable
from pathlib import Path
from typing import Any

import yaml

from agentbot.bot.delivery.plan import Plan
from agentbot.bot.delivery.text import metadata_of, words_of
from agentbot.bot.proof import Identity
from agentbot.bot.turns.context import build_turn
from agentbot.bot.turns.settling import Outcome, OutcomeKind, remember
from agentbot.papercups import models
from agentbot.pipeline.decision import Decision, Handoff, Reply, Silence
from agentbot.pipeline.faq.embedders.joined import JoinedEmbedder
from agentbot.pipeline.faq.matcher import FaqMatcher
from agentbot.pipeline.knowledge.index import PassageIndex
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Account, Turn
from agentbot.pipeline.words import parse_duration
from agentbot.state.store import ConversationMemory

FIRST, HELD_OUT, TRAPS = "dialogues.yaml", "held_out.yaml", "traps.yaml"
ELSEWHERE = ("guesthouse", "backup", "schule")
"""Other businesses: each has a file of dialogues, and a folder of prompts."""
_FOLDER = Path(__file__).parent / "said"
_FOLDERS = Path(__file__).parent / "folders"
_PROMPTS = Path(__file__).parents[2] / "prompts"
_MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""A moment at which the example shop is open."""
_PACE = timedelta(seconds=40)
"""Time between two turns of a chat."""
_CUSTOMER, _BOT, _PERSON = "customer", 7, 8


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of a dialogue: what the customer says, and which outcomes are right."""

    right: tuple[str, ...]
    say: str = ""
    click: int = 0
    event: str = ""
    meanings: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a turn: ``label`` as in the file, ``answered`` the ids that answered."""

    kind: str
    said: Said
    label: str
    answered: frozenset[str]
    is_right: bool
    is_wrong: bool
    counts: bool
    before: str


def read_dialogues(name: str) -> Iterator[tuple[str, list[Said]]]:
    """Yield the dialogues of a file, each with its kind."""
    for kind, dialogues in yaml.safe_load((_FOLDER / name).read_text("utf-8")).items():
        for turns in dialogues:
            yield kind, [Said(**{**turn, "right": tuple(turn["right"])}) for turn in turns]


class Chat:
    """One conversation, as the server and the bot's memory hold it."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._messages: list[models.Message] = []
        self._memory = ConversationMemory()
        self._now = _MONDAY
        self._closed_at: datetime | None = None
        self.buttons: Sequence[Mapping[str, str]] = ()

    def happens(self, event: str) -> None:
        """Let something happen before the next turn."""
        if event == "closed":
            self._now += _PACE
            self._closed_at = self._now
        elif event == "person":
            self._add("Hello, this is Kari. All done!", user_id=_PERSON)
            self._now += timedelta(hours=1)
        elif event:
            self._now += parse_duration(event)

    async def says(self, said: Said) -> Decision:
        """Return what the bot decides, and carry it out."""
        self._now += _PACE
        metadata: dict[str, Any] = {}
        text = said.say
        if said.click:
            button = self.buttons[said.click - 1]
            text, metadata = button["text"], {"reply_action": button["action"]}
        asked = self._add(text, customer_id=_CUSTOMER, metadata=metadata)
        turn = self._turn(asked)
        outcome = self._pipeline.decide(turn)
        decision = await outcome if isawaitable(outcome) else outcome
        self._deliver(decision, asked)
        return decision

    def _add(self, text: str, **fields: Any) -> models.Message:
        message = models.Message(
            id=f"m{len(self._messages)}",
            conversation_id="c",
            body=text,
            created_at=self._now,
            **fields,
        )
        self._messages.append(message)
        return message

    def _turn(self, asked: models.Message) -> Turn:
        return build_turn(
            models.Conversation(
                id="c",
                customer_id=_CUSTOMER,
                closed_at=self._closed_at,
                messages=tuple(self._messages),
            ),
            [asked.id],
            identity=Identity(),
            account=Account(),
            memory=self._memory,
            agents_online=0,
            now=self._now,
            waited=timedelta(0),
            user_id=_BOT,
            bot_tracked=True,
        )

    def _deliver(self, decision: Decision, asked: models.Message) -> None:
        plan = Plan((asked.id,), decision)
        kind = OutcomeKind.SILENT
        answer = None
        self.buttons = ()
        if not isinstance(decision, Silence):
            kind = OutcomeKind.REPLIED if isinstance(decision, Reply) else OutcomeKind.HANDED_OFF
            answer = decision.text
        if answer:
            metadata = metadata_of(plan)
            buttons: Any = metadata.get("quick_replies", ())
            self.buttons = buttons
            self._now += timedelta(seconds=1)
            text = words_of(plan, is_chat=True)
            self._add(text, type="bot", user_id=_BOT, metadata=metadata)
        outcome = Outcome(kind, decision.reason, decision, answer, "r")
        self._memory = remember(self._memory, outcome, self._now) or self._memory


def label_of(decision: Decision) -> tuple[str, frozenset[str]]:
    """Return what a decision is called in the file, and the ids that it answers with."""
    if isinstance(decision, Silence):
        return ("talk" if decision.reason.code == "small_talk" else "left"), frozenset()
    ids = [one.strip() for one in decision.source.split(",") if one.strip()]
    if decision.source.startswith("small_talk/"):
        return ("talk" if isinstance(decision, Reply) else "left"), frozenset()
    if isinstance(decision, Reply) and decision.by == "faq" and decision.gap:
        near = [one.action.removeprefix("faq:") for one in decision.quick_replies] or ids
        return f"offer:{','.join(one for one in near if one != 'none')}", frozenset()
    if not ids or decision.reason.code == "same_again":
        return "left", frozenset()
    if isinstance(decision, Handoff) and decision.by == "faq":
        return f"part:{', '.join(ids)}", frozenset(ids)
    return ", ".join(ids), frozenset(ids)


def _is_right(label: str, right: str) -> bool:
    kind, _, rest = label.partition(":")
    if kind == "offer":
        wanted, _, id_ = right.partition(":")
        return wanted == "offer" and (not id_ or id_ in rest.split(","))
    return sorted(label.split(", ")) == sorted(right.split(", "))


async def play(pipeline: Pipeline, kind: str, dialogue: Sequence[Said]) -> list[Came]:
    """Play a dialogue to its end."""
    chat = Chat(pipeline)
    came = []
    before = ""
    earlier: list[str] = []
    for number, said in enumerate(dialogue, 1):
        chat.happens(said.event)
        offered = [one["action"].removeprefix("faq:") for one in chat.buttons]
        earlier = [one for one in offered if one != "none"] or earlier
        if said.click > len(offered):
            label, answered = "left", frozenset[str]()
        else:
            label, answered = label_of(await chat.says(said))
        right = tuple(_chosen(one, offered, earlier) for one in said.right)
        ids = {id_ for one in right for id_ in one.removeprefix("part:").split(", ")}
        came.append(
            Came(
                kind=kind,
                said=replace(said, right=right),
                label=label,
                answered=answered,
                is_right=any(_is_right(label, one) for one in right),
                is_wrong=bool(answered - ids),
                counts=number > 1 or len(dialogue) == 1,
                before=before,
            )
        )
        before = said.say or f"[{said.click}]"
    return came


def _chosen(right: str, offered: Sequence[str], earlier: Sequence[str]) -> str:
    """Return the id of the question that was offered at the place that is named.

    ``chosen:2`` is the second one just offered, ``before:2`` that of the offer before. A place
    that no offer has is rightly left to people.
    """
    kind, _, number = right.partition(":")
    if kind not in {"chosen", "before"}:
        return right
    listed = offered if kind == "chosen" else earlier
    asked = [one for one in listed if one != "none"]
    place = len(asked) - 1 if number == "last" else int(number) - 1
    return asked[place] if 0 <= place < len(asked) else "left"


async def play_all(pipeline: Pipeline, name: str) -> list[Came]:
    """Play every dialogue of a file."""
    return [
        one for kind, turns in read_dialogues(name) for one in await play(pipeline, kind, turns)
    ]


def pipeline_by(embedder: JoinedEmbedder | None, business: str = "") -> Pipeline:
    """Return a business's pipeline, the example's by default, by words alone or by meanings."""
    prompts = load_prompts(_FOLDERS / business if business else _PROMPTS)
    search = None
    if business:
        pieces = [piece for page in prompts.pages for piece in page.passages]
        search = PassageIndex.fit(prompts.faq, pieces, embedder=embedder)
        if search.meanings is not None:
            search.meanings.learn()
    matcher = FaqMatcher.fit(prompts.faq, embedder=embedder)
    return build_pipeline(prompts, matcher=matcher, search=search)


async def play_elsewhere(embedder: JoinedEmbedder | None) -> list[Came]:
    """Play the dialogues with the other businesses."""
    return [
        one
        for business in ELSEWHERE
        for one in await play_all(pipeline_by(embedder, business), f"{business}.yaml")
    ]


def counted(came: Sequence[Came], *, meanings: bool) -> Counter[str]:
    """Count right, missed and wrong turns; what needs meanings counts for words only if wrong."""
    counts: Counter[str] = Counter()
    for one in came:
        if one.is_wrong:
            counts["wrong"] += 1
        if one.counts and (meanings or not one.said.meanings):
            counts["turns"] += 1
            counts["right"] += one.is_right
            counts["missed"] += not one.is_right and not one.is_wrong
    return counts


def table(came: Sequence[Came], *, meanings: bool) -> Iterator[str]:
    """Yield the lines of a table, a row for each kind and one for all."""
    yield "| kind | turns | right | missed | wrong |"
    yield "|---|---|---|---|---|"
    for kind in dict.fromkeys(one.kind for one in came):
        counts = counted([one for one in came if one.kind == kind], meanings=meanings)
        yield _row(kind, counts)
    yield _row("all", counted(came, meanings=meanings))


def _row(name: str, counts: Counter[str]) -> str:
    turns, right = counts["turns"], counts["right"]
    share = f" ({right / turns:.2f})" if turns and name == "all" else ""
    return f"| {name} | {turns} | {right}{share} | {counts['missed']} | {counts['wrong']} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables, and what is not right."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.dialogues")
    parser.add_argument("--held-out", action="store_true", help="play those written afterwards")
    parser.add_argument("--traps", action="store_true", help="play those that were once wrong")
    parser.add_argument("--elsewhere", action="store_true", help="play those with others")
    options = parser.parse_args(arguments)
    name = HELD_OUT if options.held_out else TRAPS if options.traps else FIRST
    for title, embedder in (("words", None), ("meanings", JoinedEmbedder())):
        if options.elsewhere:
            came = asyncio.run(play_elsewhere(embedder))
        else:
            came = asyncio.run(play_all(pipeline_by(embedder), name))
        print(f"\n{title}\n")
        print("\n".join(table(came, meanings=embedder is not None)))
        print()
        for one in came:
            if one.is_wrong or (one.counts and not one.is_right):
                word = "WRONG" if one.is_wrong else "missed"
                asked = one.said.say or f"[{one.said.click}]"
                print(
                    f"{word}: {one.before!r} > {asked!r}: {one.label}, not {list(one.said.right)}"
                )


if __name__ == "__main__":
    main()
