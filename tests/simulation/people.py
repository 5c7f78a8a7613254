"""A person of the account, who takes over, closes, assigns and notes at the worst moments."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from agentbot.devserver.store.records import Conversation
from tests.simulation.actors import Wire
from tests.simulation.hand import by
from tests.simulation.history import Period
from tests.simulation.world import Moment, World

_DEEDS = {
    "reply": 8,
    "note": 2,
    "close": 4,
    "reopen": 1,
    "close and reopen": 1,
    "take": 4,
    "give back": 1,
    "give to the bot": 1,
    "read": 1,
}
"""What people do, and how often in proportion."""


@dataclass(slots=True)
class Person:
    """An agent who does some of it, then goes."""

    world: World
    random: Random
    deeds: int
    wire: Wire | None = None
    span: Period | None = None
    """When they were online, once they were."""

    async def live(self) -> None:
        """Come online, and do this and that."""
        random = self.random
        await asyncio.sleep(random.random() * 5)
        self._online()
        for _ in range(self.deeds):
            conversation = await self._choose()
            if conversation is not None:
                self.act(random.choices(list(_DEEDS), list(_DEEDS.values()))[0], conversation)
        self.leave()

    def leave(self) -> None:
        """Go, for good."""
        if self.wire is not None:
            self.wire.close()
        if self.span is not None:
            self.span.until = self.world.kernel.now

    def _online(self) -> Wire:
        """Be online, and return by which connection."""
        if self.wire is None:
            token = self.world.server.backend.tokens.issue(self.world.person_user_id).token
            self.wire = Wire(self.world, token)
            self.wire.join(self._notification, {})
            self.wire.open()
            self.world.people_online.append(Period(self.world.kernel.now, by_person=True))
            self.span = self.world.people_online[-1]
        return self.wire

    async def _choose(self) -> Conversation | None:
        """Wait for a good moment, or a bad one; return where to act then."""
        world, random = self.world, self.random
        conversations = world.server.store.conversations
        match random.randrange(4):
            case 0:  # between a reply's sending and its echo
                id_ = await world.next(Moment.REPLY_LEAVES, within=8.0)
                await asyncio.sleep(random.choice((0.0, 0.01, 0.03)))
            case 1:  # while the bot may be at a draft
                id_ = await world.next(Moment.CUSTOMER_WRITES, within=8.0)
                await asyncio.sleep(random.choice((0.05, 0.5, 1.2, 2.5, 8.0)) * random.random())
            case 2:  # between a plan's look at whose it is, and its assignment
                id_ = await world.next(Moment.ACT_LEAVES, within=8.0)
                await asyncio.sleep(random.choice((0.0, 0.01, 0.03)))
            case _:
                await asyncio.sleep(1 + random.random() * 15)
                id_ = random.choice(list(conversations)) if conversations else None
        return None if id_ is None else conversations.get(id_)

    def act(self, deed: str, conversation: Conversation) -> None:
        """Do one thing."""
        world, id_ = self.world, conversation.id
        world.touched.add(id_)
        world.count(f"person: {deed}")
        world.kernel.note("person", f"{deed} {id_}")
        shout = {"conversation_id": id_, "body": "a person's words"}
        match deed:
            case "reply":
                self._online().push(self._notification, "shout", {**shout, "type": "reply"})
            case "note":
                note = {**shout, "type": "note", "private": True}
                self._online().push(self._notification, "shout", note)
            case "close":
                self._set(conversation, status="closed")
            case "reopen":
                self._set(conversation, status="open")
            case "close and reopen":
                self._set(conversation, status="closed")
                self._set(conversation, status="open")
            case "take":
                self._set(conversation, assignee_id=world.person_user_id)
            case "give back":
                self._set(conversation, assignee_id=None)
            case "delete":
                world.delete(conversation)
            case "give to the bot":
                self._set(conversation, assignee_id=world.bot_user_id)
            case _:
                self._online().push(self._notification, "read", {"conversation_id": id_})

    def _set(self, conversation: Conversation, **fields: object) -> None:
        world, backend = self.world, self.world.server.backend
        with by(""):
            if not backend.store.update_conversation(conversation, fields):
                return
            if conversation.status == "closed" and "status" in fields:
                world.tell("closed", "", conversation.id)
            if fields.get("assignee_id") == world.person_user_id:
                world.tell("taken", "", conversation.id)
            backend.announce_updated(conversation)

    @property
    def _notification(self) -> str:
        return f"notification:{self.world.account_id}"
