"""The figures of a run; and for a broken promise the whole history of each message concerned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from agentbot.devserver.store.records import Message
from tests.chaos.ledger import Question
from tests.chaos.scenario import UNDER_WAY, ChaosResult

_MOST = 5
"""Messages of each kind of failure that are told about in full: one log's page each."""


def figures(result: ChaosResult) -> str:
    """Return the figures as a table."""
    ledger, lives, plan = result.ledger, result.lives, result.plan
    asked, waited = len(ledger.questions), ledger.slowest()
    over = f"{len(ledger.said_over)} (latest {ledger.latest_over():.1f} s)"
    rows = [
        ("seed", plan.seed),
        ("store", "PostgreSQL" if plan.database else "SQLite"),
        ("replicas", plan.replicas),
        ("kills", _counted(lives.kills)),
        ("… with a turn claimed, unsettled", result.killed_at_work),
        ("… with its answer on the server", result.killed_unsettled),
        ("other ends", _counted(lives.stops)),
        ("turns", _counted(result.customers.kinds)),
        ("messages", asked),
        ("replies", len(ledger.replies)),
        ("asked for a moment", len(ledger.held)),
        ("lost", len(ledger.unanswered())),
        ("doubled", len(ledger.doubled())),
        ("wrong text", len(ledger.mistaken())),
        ("people stepping in", len(ledger.taken_over)),
        ("… with a reply under way", over),
        ("talked over", len(ledger.talked_over(allowed=UNDER_WAY))),
        ("strange messages", len(ledger.strangers)),
        ("replies without a claim", len(result.unclaimed)),
        ("processes that ended badly", len(lives.broken)),
        ("faults", _counted(result.fault_maker.counts)),
        ("slowest answer", f"{waited:.1f} s"),
        ("most memory of a bot", f"{lives.peak_kb / 1024:.0f} MB"),
        ("most CPU until ready", f"{lives.start_cpu:.1f} s"),
        ("duration", f"{result.seconds:.0f} s"),
    ]
    return "\n".join(f"{name:34} {value}" for name, value in rows)


async def failures(result: ChaosResult) -> str:
    """Return what went wrong, in full, and how to run it again; empty where all went well."""
    if result.is_good:
        return ""
    ledger, plan = result.ledger, result.plan
    records = [json.loads(record) for record in await result.claims.records()]
    store = "postgres" if plan.database else "sqlite"
    again = (
        f"python -m tests.chaos --seed {plan.seed} --kills {plan.kills}"
        f" --turns {plan.turns} --store {store} --replicas {plan.replicas}"
    )
    lines = [
        f"again: {again}",
        f"logs: {plan.folder}",
        *result.slack,
        *result.lives.broken,
    ]
    for what, questions in (("LOST", ledger.unanswered()), ("DOUBLED", ledger.doubled())):
        for question in questions[:_MOST]:
            lines += [f"{what}: {_told(question.message)}", *_history(result, question, records)]
    for what, replies in (
        ("WITHOUT CLAIM", result.unclaimed),
        ("WRONG TEXT", ledger.mistaken()),
        ("STRANGE", ledger.strangers),
        ("TALKED OVER", ledger.talked_over(allowed=UNDER_WAY)),
        ("A MOMENT TOO LATE", ledger.held_too_late(allowed=UNDER_WAY)),
    ):
        lines += [f"{what}: {_told(reply)}" for reply in replies[:_MOST]]
    return "\n".join(lines)


def slowest(result: ChaosResult) -> str:
    """Return the story of the answer that was waited for longest."""
    questions = [q for q in result.ledger.questions.values() if q.answered_at is not None]
    question = max(questions, key=lambda q: (q.answered_at or 0.0) - q.stored_at)
    return "\n".join(["SLOWEST:", _told(question.message), *_history(result, question, [])])


def _history(
    result: ChaosResult, question: Question, records: list[dict[str, object]]
) -> Iterator[str]:
    id_, conversation_id = question.message.id, question.message.conversation_id
    for other in result.ledger.conversations()[conversation_id]:
        yield f"  server: {_told(other.message)}"
    for reply in result.ledger.replies:
        if reply.conversation_id == conversation_id:
            yield f"  server: {_told(reply)}"
    for record in records:
        ids = record["message_ids"]
        if isinstance(ids, list) and id_ in ids:
            kept = {key: record[key] for key in ("outcome", "reason", "reply_id", "settled_at")}
            yield f"  journal: {kept}"
    found = sorted(_mentions(result.plan.folder, id_, conversation_id))
    yield from (f"  {line}" for _, line in found)


def _mentions(folder: Path, *ids: str) -> Iterator[tuple[str, str]]:
    for log in folder.glob("*.log"):
        for line in log.read_text(errors="replace").splitlines():
            if any(id_ in line for id_ in ids):
                try:
                    at = str(json.loads(line).get("timestamp"))
                except ValueError:
                    at = ""
                yield at, f"{log.name}: {line}"


def _told(message: Message) -> str:
    mark = (message.metadata or {}).get("agentbot")
    return f"{message.created_at:%H:%M:%S} {message.id} {message.body!r} {mark or ''}"


def _counted(counts: object) -> str:
    if not isinstance(counts, dict):
        return str(counts)
    parts = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    return f"{sum(counts.values())}" + (f" ({parts})" if parts else "")
