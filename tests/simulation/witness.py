"""What is seen of the server, and of what bots hear: kept in the world, and told to the followers.

Nothing is changed by it, but for the one thing that another program does to a stored reply.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from agentbot.devserver.faults import Lose
from agentbot.devserver.store.memory import Missing
from agentbot.devserver.store.records import Conversation, Message
from tests.simulation.hand import whose
from tests.simulation.history import Custody
from tests.simulation.network import SimulatedConnection

if TYPE_CHECKING:
    from tests.simulation.world import World

_GMAIL_TAKES = 0.3
"""Seconds from a reply's storing until it has gone out by Gmail."""


class Witness:
    """Watches one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def watch(self) -> None:
        """See all that is stored, changed, lost and heard from now on."""
        world = self._world
        store, faults = world.server.store, world.server.faults
        add_message, update_conversation = store.add_message, store.update_conversation
        on_shout, crash = faults.on_shout, world.server.crash
        mark_seen, is_pool_dry = store.mark_seen, faults.is_pool_dry

        def added(fields: Any) -> Message:  # noqa: ANN401 - as the server has it
            message = add_message(fields)
            self._on_stored(message)
            return message

        def updated(conversation: Conversation, changes: Any) -> bool:  # noqa: ANN401 - see above
            before = conversation.assignee_id
            has_changed = update_conversation(conversation, changes)
            if has_changed:
                if conversation.assignee_id != before:
                    moved = (before, conversation.assignee_id)
                    world.tell("assigned", whose(), conversation.id, moved)
                world.custody.setdefault(conversation.id, Custody()).note(
                    world.kernel.now,
                    assignee_id=conversation.assignee_id,
                    is_closed=conversation.status == "closed",
                    by_person=not whose(),
                )
            return has_changed

        def shouted(topic: str) -> Any:  # noqa: ANN401 - see above
            effect = on_shout(topic)
            if isinstance(effect, Lose):
                world.lost_shouts[topic.partition(":")[2]] += 1
            return effect

        def crashed(topic: str) -> int:
            world.lost_shouts[topic.partition(":")[2]] += 1  # what comes before the rejoin
            return crash(topic)

        def seen(conversation_id: str) -> None:
            mark_seen(conversation_id)
            world.looks.setdefault(conversation_id, []).append(world.kernel.now)
            world.tell("answers seen", "", conversation_id)

        def dry(now: datetime, *, share: float = 1.0) -> bool:
            is_dry = is_pool_dry(now, share=share)
            if is_dry:
                world.tell("pool dry", whose(), detail=share == 1.0)
            return is_dry

        store.mark_seen = seen  # type: ignore[method-assign] # see below
        faults.is_pool_dry = dry  # type: ignore[method-assign] # see below
        store.add_message = added  # type: ignore[method-assign] # to see, not to change
        store.update_conversation = updated  # type: ignore[method-assign] # see above
        faults.on_shout = shouted  # type: ignore[method-assign] # see above
        world.server.crash = crashed  # type: ignore[method-assign] # see above
        world.network.on_hear = self._on_hear

    def _on_stored(self, message: Message) -> None:
        world = self._world
        world.stored_at[message.id] = world.kernel.now
        world.messages[message.id] = message
        world.kernel.note("server", f"stored {_about(message)}")
        where = message.conversation_id
        if message.customer_id is not None:
            world.tell("customer writes", "", where, message.id)
            world.customer_wrote(where)
        elif message.user_id == world.person_user_id:
            if message.type == "reply" and not message.private:
                world.tell("person writes", "", where)
        elif (id_ := held(message)) is not None:
            world.see("a holding message is stored")
            world.held_by[id_] = world.hands[message.id] = whose()
        elif ids := answers(message):
            mark = (message.metadata or {})["agentbot"]
            world.marks[message.id] = ids
            world.hands[message.id] = whose()
            if any(world.held_by.get(id_, whose()) != whose() for id_ in ids):
                world.see("a holding message is stored, and its answer is another process's")
            self._see_both(message.id, ids)
            world.authors[message.id] = (mark.get("by", ""), mark.get("source", ""))
            world.tell("reply stored", "", where, ids)
            is_mail = world.server.store.conversations[where].source == "email"
            if world.marks_to_lose and is_mail:
                world.marks_to_lose -= 1
                world.clock.call_later(_GMAIL_TAKES, self._lose_mark, message)

    def _see_both(self, reply_id: str, ids: tuple[str, ...]) -> None:
        """See whether two bots answer the same."""
        world = self._world
        if not world.rivals:
            return
        is_theirs = world.hands[reply_id] in world.rivals
        for other, answered in world.marks.items():
            if set(ids) & set(answered) and (world.hands[other] in world.rivals) is not is_theirs:
                world.see("another bot answers as well")

    def _lose_mark(self, message: Message) -> None:
        """Do what Papercups does once a reply has gone out by Gmail: its metadata stands there."""
        message.metadata = {"gmail_message_id": message.id}
        self._world.tell("mark lost", "", message.conversation_id)

    def _on_hear(self, connection: SimulatedConnection, text: str) -> None:
        """See what a bot hears that turns are about."""
        world = self._world
        if '"shout"' in text:
            _, _, _, _, message = orjson.loads(text)
            where, holder = message.get("conversation_id", ""), connection.process.name
            if message.get("customer_id") is not None:
                world.tell("customer heard", holder, where, message["id"])
            elif "in_reply_to" in (mark := (message.get("metadata") or {}).get("agentbot") or {}):
                ids = (*mark.get("also", ()), mark.get("in_reply_to", ""))
                world.tell("echo heard", holder, where, ids)
        elif '"status":"error"' in text and '"conversation:' in text:
            _, _, topic, _, _ = orjson.loads(text)
            world.tell("join refused", connection.process.name, topic.partition(":")[2])


class Conversations(dict[str, Conversation]):
    """The server's conversations: who works on one that has been deleted finds that it is gone."""

    def __missing__(self, id_: str) -> Conversation:
        kind = "conversation"
        raise Missing(kind, id_)


def answers(message: Message) -> tuple[str, ...]:
    """Return which messages a stored reply says that it answers."""
    marked = (message.metadata or {}).get("agentbot")
    if not isinstance(marked, dict) or "in_reply_to" not in marked or message.customer_id:
        return ()
    return (*marked.get("also", ()), marked["in_reply_to"])


def held(message: Message) -> str | None:
    """Return the id of the message to which a stored one asks for a moment; else None."""
    marked = (message.metadata or {}).get("agentbot")
    if not isinstance(marked, dict) or message.customer_id:
        return None
    return marked.get("holding")


def _about(message: Message) -> str:
    who = "customer" if message.customer_id else f"user {message.user_id}"
    marked = (message.metadata or {}).get("agentbot", "")
    return f"{message.id} by {who} in {message.conversation_id}: {message.body!r} {marked}"
