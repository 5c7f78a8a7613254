"""The bot: what it hears goes into mailboxes, and a task empties each that is not empty."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import structlog

from agentbot.bot.connection_report import tell
from agentbot.bot.first_answers import FirstAnswers
from agentbot.bot.hearing.intake import Intake, Kind
from agentbot.bot.hearing.reconcile import MOST_FRESH, Reconciler
from agentbot.bot.housekeeping import Housekeeping
from agentbot.bot.other_bots import OtherBots
from agentbot.bot.services import Services
from agentbot.bot.turns.dialogue import take_turns
from agentbot.bot.turns.mailbox import LIVE, Mailbox
from agentbot.errors import LoginRefused, first_error
from agentbot.papercups import events
from agentbot.papercups.models import ConversationUpdates, Message
from agentbot.pipeline.pipeline import Pipeline
from agentbot.retry import retry_while_away

_log = structlog.get_logger("agentbot.bot")

_MOST_FOLLOWED = 10_000
"""Conversations joined at a time, half a kilobyte each here. ``notification:`` brings every shout
anyway; a conversation's own topic is needed to speak on it, and those last heard of are the ones
that are spoken in. Beyond it each new one costs a join and a leave."""

_HAND_BACK = 2.0
"""Seconds at the end of the grace time in which nothing new is said: an echo that is awaited comes
within them, and claims are given back."""
_HAND_BACK_SHARE = 0.25
"""The share of a short grace time that this may take."""


class Bot:
    """Listens, and answers. Give it to the session as ``on_events``, then :meth:`run` it."""

    def __init__(
        self,
        services: Services,
        *,
        most_followed: int = _MOST_FOLLOWED,
        most_fresh: int = MOST_FRESH,
    ) -> None:
        self._services = services
        self._most_followed = most_followed
        self._current = services.current
        self._intake = Intake(started_at=services.clock())
        self._mailboxes: dict[str, Mailbox] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._followed: OrderedDict[str, None] = OrderedDict()
        self._first_answers = FirstAnswers(services)
        self._reconciler = Reconciler(
            services,
            found=self._take,
            seen_open=self._seen_open,
            has_read=self._first_answers.look,
            most_fresh=most_fresh,
        )
        self._housekeeping = Housekeeping(services)
        self._other_bots = OtherBots(services)
        self._starting: asyncio.Task[None] | None = None

    # Running

    async def run(self) -> None:
        """Work until :meth:`drain` is done, or something fails that no retry mends.

        Raises ``LoginRefused`` where e-mail and password are not (any more) accepted.
        """
        services = self._services
        # First of all, learn which users are bots: until then their messages look like a person's.
        reading = retry_while_away(self._housekeeping.read_account, what="account")
        self._starting = asyncio.create_task(reading)
        try:
            await self._starting
        except asyncio.CancelledError:
            if services.draining.is_set():
                return  # stopped before it began
            raise
        try:
            async with asyncio.TaskGroup() as group:
                helpers = [
                    group.create_task(run)
                    for run in (
                        services.leases.run(),
                        self._reconciler.run(),
                        self._housekeeping.run(),
                        self._other_bots.run(),
                        self._first_answers.run(),
                    )
                ]
                await services.session.run()
                for helper in helpers:
                    helper.cancel()
        except BaseExceptionGroup as group_error:
            raise first_error(group_error) from None

    async def drain(self) -> None:
        """Begin no new turns; let those that have begun finish, or hand them back; then leave.

        Returns within the grace time. :meth:`run` returns after it.
        """
        services = self._services
        services.draining.set()
        self._wake_all()
        tasks = list(self._tasks.values())
        if tasks:
            _log.info("draining", conversations=len(tasks))
            await self._finish(tasks)
        if self._starting is not None:
            self._starting.cancel()
        await services.session.close()

    async def _finish(self, tasks: list[asyncio.Task[None]]) -> None:
        """Wait for turns that have begun; near the end of the grace time nothing new is said."""
        grace = self._services.settings.drain.grace_seconds
        reserve = min(_HAND_BACK, grace * _HAND_BACK_SHARE)
        _, left = await asyncio.wait(tasks, timeout=grace - reserve)
        if left:
            self._services.handing_back.set()
            self._wake_all()
            await asyncio.wait(left, timeout=reserve)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _wake_all(self) -> None:
        for mailbox in self._mailboxes.values():
            mailbox.wake()

    def use(self, pipeline: Pipeline) -> None:
        """Decide by ``pipeline`` from the next turn on."""
        self._current.pipeline = pipeline

    def not_ready(self) -> dict[str, str]:
        """Return what keeps the bot from answering, by part; nothing where all is well."""
        waiting_for = {}
        if self._services.draining.is_set():
            waiting_for["bot"] = "draining"
        if not self._services.session.is_ready:
            waiting_for["socket"] = "not joined"
        if self._housekeeping.state_problem is not None:
            waiting_for["state"] = self._housekeeping.state_problem
        return waiting_for

    def warnings(self) -> dict[str, str]:
        """Return what the operator should look at though the bot can answer, by part."""
        problem = self._other_bots.problem
        return {} if problem is None else {"other_bot": problem}

    # Hearing

    def on_events(self, happened: Sequence[events.Event]) -> None:
        """Take what the session tells. Never waits."""
        for event in happened:
            self._services.conversations.heard(event)
            match event:
                case events.MessageReceived(message=message):
                    self._hear(message)
                case events.ConversationCreated(conversation_id=conversation_id):
                    self._follow(conversation_id)
                    self._reconciler.conversation_created(conversation_id)
                case events.ConversationUpdated(conversation_id=conversation_id, updates=updates):
                    self._update(conversation_id, updates)
                case events.MessagesSeen(conversation_id=conversation_id):
                    self._reconciler.conversation_created(conversation_id)
                case events.Connected():
                    self._reconciler.connected(first=self._current.connections == 0)
                    self._current.connections += 1
                case events.ConnectionLost():
                    self._services.echoes.connection_lost()
                    self._services.catching_up.window.begin_anew()
                case events.ConversationCrashed():
                    self._services.catching_up.failed()
                case _:
                    pass
            tell(event, self._services)

    def _hear(self, message: Message) -> None:
        kind = self._intake.classify(message, self._current.identity)
        self._services.metrics.message_received(kind)
        mailbox = self._mailboxes.get(message.conversation_id)
        match kind:
            case Kind.CUSTOMER:
                self._take(message, path=LIVE)
            case Kind.OLD:
                # It may only seem old, by a clock that was wrong when we started.
                self._reconciler.conversation_created(message.conversation_id)
            case Kind.PERSON:
                self._first_answers.person_wrote(message.conversation_id)
                if mailbox is not None:
                    mailbox.person_wrote(message)
            case Kind.OWN:
                self._services.echoes.heard(message)
                self._other_bots.heard(message)
                if mailbox is not None:
                    mailbox.answered(message)
            case _:
                _log.debug(
                    "message.no_turn",
                    reason=kind.value,
                    conversation_id=message.conversation_id,
                    message_id=message.id,
                )

    def _update(self, conversation_id: str, updates: ConversationUpdates) -> None:
        if "assignee_id" in updates.model_fields_set:
            self._first_answers.assigned(conversation_id, updates.assignee_id)
        self._services.closings.heard(conversation_id, updates)
        mailbox = self._mailboxes.get(conversation_id)
        if mailbox is None:
            return
        if updates.status is not None:
            mailbox.status_changed(updates.status, closed_at=updates.closed_at)
        assignee_id = updates.assignee_id
        if "assignee_id" in updates.model_fields_set:
            mailbox.held_by(assignee_id)
        nobody = {self._services.session.user_id, *self._current.identity.nobody_ids}
        if assignee_id is not None and assignee_id not in nobody:
            mailbox.assigned_to(assignee_id)

    # Working

    def _take(self, message: Message, *, path: str) -> bool:
        """Put a customer's message into its mailbox. False: it is there, or there is no room."""
        services, id_ = self._services, message.conversation_id
        mailbox = self._mailboxes.get(id_)
        if mailbox is None:
            if services.draining.is_set():
                return False  # it is only added to a turn that has begun
            if len(self._mailboxes) >= services.settings.turns.queue_limit:
                services.metrics.dropped("turn")  # catching up finds it again
                return False
            mailbox = self._mailboxes[id_] = Mailbox(id_)
        elif mailbox.is_full:
            services.metrics.dropped("message")  # the turn's own reading finds it, or catching up
            return False
        is_new = mailbox.hear(message, path=path)
        if path == LIVE:
            services.catching_up.let_in(id_)
        if id_ not in self._tasks:
            self._follow(id_)
            self._tasks[id_] = asyncio.create_task(self._empty(mailbox), name=f"turns {id_}")
            services.metrics.set_conversations_active(len(self._tasks))
            services.on_work(id_, True)  # noqa: FBT003 - it begins
        return is_new

    async def _empty(self, mailbox: Mailbox) -> None:
        """Work on one conversation. What goes wrong here is logged, and stops no other."""
        id_ = mailbox.conversation_id
        try:
            with structlog.contextvars.bound_contextvars(conversation_id=id_):
                await take_turns(mailbox, self._services)
        except LoginRefused as error:
            # Whoever looks at everything asks once more: that ends the bot, or finds this again.
            _log.warning("conversation.not_let_in", conversation_id=id_, error=str(error))
            self._reconciler.connected(first=False)
        except Exception:  # noqa: BLE001 - one conversation's failure must not stop the others
            _log.exception("conversation.failed", conversation_id=id_)
            self._services.metrics.dropped("conversation_failed")
        finally:
            del self._tasks[id_], self._mailboxes[id_]
            self._services.on_work(id_, False)  # noqa: FBT003 - it has ended
            if id_ not in self._followed:  # joined to be spoken on, while there was no room
                self._services.session.unfollow(id_)
            self._services.metrics.set_conversations_active(len(self._tasks))

    # Following

    def _seen_open(self, conversation_id: str) -> None:
        """Be in the channel of a conversation that is open, as long as there is room."""
        if conversation_id not in self._followed and len(self._followed) < self._most_followed:
            self._follow(conversation_id)

    def _follow(self, conversation_id: str) -> None:
        """Be in the conversation's channel; leave the one that was quiet longest for it."""
        self._followed[conversation_id] = None
        self._followed.move_to_end(conversation_id)
        self._services.session.follow(conversation_id)
        if len(self._followed) > self._most_followed:
            for quiet in self._followed:
                if quiet not in self._tasks:
                    del self._followed[quiet]
                    self._services.session.unfollow(quiet)
                    break
