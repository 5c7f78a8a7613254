"""What must hold at the end of a run, when all is well again and everybody has had time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from agentbot.bot.bot import Bot
from agentbot.devserver.store.records import Conversation, Message
from tests.simulation import acts, excuses, holding, rival, seen
from tests.simulation.speech import Meaning, is_address, is_thanks, meaning_of, misspoken
from tests.simulation.world import Running, Sent, World, metrics

_SETTLED_TASKS = 20
"""Tasks that a bot has when it has nothing to do, at most."""

_BAD = frozenset({"lost", "doubled", "unfounded"})
"""Fates that no message may have."""


def broken(world: World) -> list[str]:
    """Return what does not hold now."""
    found: list[str] = []
    for conversation in world.server.store.conversations.values():
        found += (text for fate, text in fates(world, conversation) if fate in _BAD)
        found += misspoken(world, conversation)
        found += _talked_over(world, conversation)
        found += _not_findable(world, conversation)
        found += _closed_over(world, conversation)
        found += _not_told(world, conversation)
        found += _not_stored(world, conversation)
        found += acts.undone(world, conversation)
        found += seen.misjudged(world, conversation)
        found += holding.misplaced(world, conversation)
    for running in world.bots.values():
        found += (f"{running.holder}: {problem}" for problem in _problems_of(world, running))
    found += _wrong_presence(world)
    found += rival.unnoticed(world)
    if failed := metrics().shed["conversation_failed"]:
        found.append(f"{failed} times a conversation FAILED")
    return found


def fates(world: World, conversation: Conversation) -> Iterator[tuple[str, str]]:
    """Yield what has become of each of a customer's messages: a short name, and a text."""
    replies: dict[str, list[Message]] = {}
    for message in conversation.messages:
        for id_ in world.marks.get(message.id, ()):
            replies.setdefault(id_, []).append(message)
    for message in conversation.messages:
        if message.customer_id is None:
            continue
        answers = replies.get(message.id, [])
        if len(answers) > 1 and world.rivals:
            answers = _of_one_bot(world, answers)
        if len(answers) > 1 and excuses.seemed_unanswered(world, message, answers):
            yield "answered again: no trace was left", message.id
        elif len(answers) > 1:
            yield "doubled", f"DOUBLED: {message.id} has {len(answers)} replies"
        elif answers:
            yield "answered", message.id
        else:
            yield _unanswered(world, conversation, message)


def _of_one_bot(world: World, replies: list[Message]) -> list[Message]:
    """Return the replies of one of two bots with a state each: of that which has more of them."""
    theirs = [one for one in replies if world.hands[one.id] in world.rivals]
    ours = [one for one in replies if one not in theirs]
    return max(ours, theirs, key=len)


def _unanswered(world: World, conversation: Conversation, message: Message) -> tuple[str, str]:
    """Return the fate of a message without a reply: by the journal, or by what the world shows."""
    problem = None
    for place in world.database.ledger.of(message.id):
        case = excuses.case_of(world, conversation, place)
        if (problem := excuses.unfounded(case)) is None:
            return f"left: {excuses.name(case)}", message.id
        if excuses.has_its_reply(case) and (why := _has_answer(world, conversation, message)):
            return f"left: {why}", message.id
        code, asked_at = case.record.reason_code, case.seen.asked_at
        problem = f"{case.seen.who} left {message.id} as {code} at {asked_at:.3f}, but {problem}"
    if problem is not None:
        return "unfounded", f"UNFOUNDED: {problem}"
    if (why := _needs_nobody(world, conversation, message)) is not None:
        return f"left: {why}", message.id
    return "lost", f"LOST: {message.id} {message.body!r} has no reply, and nothing in the journal"


def _has_answer(world: World, conversation: Conversation, message: Message) -> str | None:
    """Return by what a message passes for answered, None where it does not."""
    if any(excuses.is_persons(m) and _after(world, m, message) for m in conversation.messages):
        return "a person has answered"
    if excuses.has_unmarked_answer(world, conversation, [message]):
        return "a reply without its mark may be its answer"
    return None


def _needs_nobody(world: World, conversation: Conversation, message: Message) -> str | None:
    """Return why a message needs no outcome, None where there is no reason."""
    if (why := _has_answer(world, conversation, message)) is not None:
        return why
    custody = world.custody.get(conversation.id)
    since = world.stored_at[message.id]
    closing = custody.closing(since, world.kernel.now) if custody is not None else None
    if closing is None or not (closing.by_person or "state lost" in world.counts):
        return None
    return "closed before it was taken up"


def _after(world: World, later: Message, earlier: Message) -> bool:
    # Times on the server are in whole seconds, by a clock that may be set: the bot knows no other.
    return (
        world.stored_at[later.id] > int(world.stored_at[earlier.id])
        or later.created_at >= earlier.created_at
    )


def _talked_over(world: World, conversation: Conversation) -> Iterator[str]:
    persons = [world.stored_at[m.id] for m in conversation.messages if excuses.is_persons(m)]
    for message in conversation.messages:
        ids = world.marks.get(message.id)
        if not ids:
            continue
        sent = _sent(world, ids, before=world.stored_at[message.id])
        if sent is None:
            yield f"{message.id} was sent by nobody"
            continue
        for at in persons:
            asked = max((world.stored_at.get(id_, 0.0) for id_ in ids), default=0.0)
            if at + world.heard_within < sent.at and at > asked - 1.0 and not sent.held:
                yield f"TALKED OVER a person of {at:.3f} with a reply of {sent.at:.3f}"


def _not_told(world: World, conversation: Conversation) -> Iterator[str]:
    """A handoff leaves a tag and a note: one for each turn, and none of them twice."""
    notes = Counter(
        (message.metadata or {})["agentbot"]["note_on"]
        for message in conversation.messages
        if message.private and "agentbot" in (message.metadata or {})
    )
    yield from (f"{id_} has {count} NOTES" for id_, count in notes.items() if count > 1)
    handed = [
        message
        for message in conversation.messages
        if world.marks.get(message.id)
        and meaning_of(world, message) in {Meaning.HANDOFF, Meaning.UNANSWERED}
    ]
    if not handed or world.may_lose_acts:
        return
    tags = {world.server.store.tags[id_].name for id_ in conversation.tag_ids}
    if "handed-over" not in tags:
        yield f"{conversation.id} was handed off and bears NO TAG"
    if not notes:
        yield f"{conversation.id} was handed off, and people have NO NOTE"


def _not_stored(world: World, conversation: Conversation) -> Iterator[str]:
    """An e-mail address that was thanked for is the customer's, and the first of theirs."""
    email = world.server.store.customers[conversation.customer_id].fields.get("email")
    own = [m.body for m in conversation.messages if m.customer_id and is_address(m.body or "")]
    if email is not None and email not in own:
        yield f"{conversation.id} has the ADDRESS {email}, which is not the customer's"
    thanked = [
        world.marks[message.id][-1]
        for message in conversation.messages
        if world.marks.get(message.id) and is_thanks(message.body or "")
    ]
    if thanked and email is None and not world.may_lose_acts:
        yield f"{conversation.id} was thanked for an ADDRESS that is not stored"


def _sent(world: World, ids: tuple[str, ...], *, before: float) -> Sent | None:
    sent = [one for one in world.sent if set(one.message_ids) == set(ids) and one.at <= before]
    return sent[-1] if sent else None


def _not_findable(world: World, conversation: Conversation) -> Iterator[str]:
    """A conversation that is the bot's, or read, is one that people do not find."""
    touched = conversation.id in world.touched or any(
        m.user_id == world.person_user_id for m in conversation.messages
    )
    # Without the state nobody remembers that there was something left to undo.
    if conversation.status == "closed" or touched or "state lost" in world.counts:
        return
    if conversation.assignee_id == world.bot_user_id:
        yield f"{conversation.id} is left assigned to the bot"
    if conversation.read and any(m.customer_id for m in conversation.messages):
        yield f"{conversation.id} is left read"


def _closed_over(world: World, conversation: Conversation) -> Iterator[str]:
    """What the bot has closed is closed over its own last word, and over nobody else's."""
    custody = world.custody.get(conversation.id)
    if custody is None or not custody.closings or conversation.status != "closed":
        return
    closing = custody.closings[-1]
    if closing.by_person or "state lost" in world.counts:
        return
    replies = [m for m in conversation.messages if "close" in _asked(world, m)]
    answered = {id_ for reply in replies for id_ in world.marks[reply.id]}
    said_at = max((world.stored_at[reply.id] for reply in replies), default=0.0)
    for message in conversation.messages:
        is_theirs = message.customer_id is not None or excuses.is_persons(message)
        came = said_at < world.stored_at[message.id] < closing.since
        if is_theirs and message.id not in answered and came:
            yield f"CLOSED OVER {message.id} {message.body!r}"


def _asked(world: World, reply: Message) -> list[str]:
    """Return the words of what a reply of the bot's answers; none where it is none."""
    ids = world.marks.get(reply.id, ())
    question = world.messages.get(ids[-1]) if ids else None
    return (question.body or "").split() if question is not None else []


def _problems_of(world: World, running: Running) -> Iterator[str]:
    bot = running.bot
    if bot is None or running.task is None or running.task.done():
        yield "does not run"
        return
    for error in running.process.errors:
        yield f"unhandled: {error.get('message')}: {error.get('exception')!r}"
    yield from _leaks(bot)
    if len(running.process.tasks) > _SETTLED_TASKS:
        yield f"{len(running.process.tasks)} tasks"
    if not_ready := bot.not_ready():
        yield f"not ready: {not_ready}"
    # Without the state nobody knows what the life before has claimed.
    is_alone = "state lost" not in world.counts and not world.rivals
    if is_alone and (warnings := bot.warnings()):
        yield f"takes a replica for another bot: {warnings}"
    session = bot._services.session
    there = set(world.server.backend.presence.state(f"notification:{world.account_id}"))
    seen = set(session._client.presence(f"notification:{world.account_id}"))
    if seen != there:
        yield f"sees {sorted(seen)}, there are {sorted(there)}"
    if session.agents_online:
        yield f"sees people online who have gone: {session.agents_online}"


def _leaks(bot: Bot) -> Iterator[str]:
    services = bot._services
    session = services.session
    held: dict[str, object] = {
        "mailboxes": bot._mailboxes,
        "tasks": bot._tasks,
        "echoes": services.echoes._awaited,
        "leases": services.leases._held,
        "turns that wait for a place": services.catching_up._waiting,
        "places for turns that were found": services.catching_up._taken,
        "fresh conversations": bot._reconciler._fresh,
        "waiters": session._waiters._waiting,
        "answers": session._client._answers,
        "pushes": session._client._socket._pushes,
    }
    for name, kept in held.items():
        if kept:
            yield f"{name} left over: {kept!r:.300}"


def _wrong_presence(world: World) -> Iterator[str]:
    """Each bot is in the room once."""
    state = world.server.backend.presence.state(f"room:{world.account_id}")
    metas = state.get(f"user:{world.bot_user_id}", {"metas": []})["metas"]
    if len(metas) != len(world.bots):
        yield f"{len(world.bots)} bots, but {len(metas)} of them in the room"
