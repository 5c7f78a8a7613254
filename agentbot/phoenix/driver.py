"""What couples a :class:`~agentbot.phoenix.socket.Socket` to the event loop and to a connection.

Frames of one read become one batch of events, and what they cause to be sent becomes one write.
There is no task and no timer for a push or a channel: one timer serves the socket's next deadline.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agentbot.errors import PushLost, PushRefused, PushTimedOut
from agentbot.phoenix import events
from agentbot.phoenix.channel import ChannelState, Payload, PayloadFactory
from agentbot.phoenix.frames import Data
from agentbot.phoenix.presence import Metas
from agentbot.phoenix.socket import Socket
from agentbot.phoenix.transport import ABNORMAL, Connection

_STOOD_STILL = 2.0
"""Seconds between a push and its writing after which the process must have been stopped in between:
only one turn of the loop lies there. What was true when it pushed need not be true any more."""

OnEvents = Callable[[Sequence[events.Event]], None]


@dataclass(slots=True)
class ConnectionCounters:
    """What has been counted since the start. ``closes`` is by close code, ``drops`` by reason."""

    connects: int = 0
    failed_connects: int = 0
    push_timeouts: int = 0
    frames_in: int = 0
    frames_out: int = 0
    drops: Counter[str] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)


class Driver:
    """The half of the client that does not care how connections come about.

    ``on_events`` is called with the events of one read or one tick; it must not block.
    """

    def __init__(self, *, socket: Socket, on_events: OnEvents) -> None:
        self.counters = ConnectionCounters()
        self.joined_at: float | None = None
        self._socket = socket
        self._on_events = on_events
        self._connection: Connection | None = None
        self._lost: asyncio.Future[tuple[int, str]] | None = None
        self._answers: dict[str, asyncio.Future[object]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._flush_due: float | None = None

    # What the user wants.

    def join(self, topic: str, payload: Payload | PayloadFactory | None = None) -> None:
        """Join ``topic`` and stay on it: see :meth:`Socket.join`."""
        self._socket.join(topic, payload or {}, self._now())
        self._flush_soon()

    def hurry(self, topic: str) -> None:
        """Join ``topic`` before those that wait: see :meth:`Socket.hurry`."""
        self._socket.hurry(topic, self._now())
        self._flush_soon()

    def leave(self, topic: str) -> None:
        """Leave ``topic``: see :meth:`Socket.leave`."""
        self._deliver(self._socket.leave(topic, self._now()))
        self._flush_soon()

    def send(self, topic: str, event: str, payload: object) -> str:
        """Push without waiting for an answer; return the ref.

        Raises :class:`PushNotSent` where the channel is not joined or the connection is too slow.
        """
        ref = self._socket.push(topic, event, payload, now=self._now())
        self._flush_soon()
        return ref

    async def push(
        self,
        topic: str,
        event: str,
        payload: object,
        *,
        timeout: float = 10.0,  # noqa: ASYNC109 - the socket's deadlines keep it, not asyncio
    ) -> object:
        """Push and return the response of the server's ``ok``. ``timeout`` is in seconds.

        Raises :class:`PushNotSent`, :class:`PushRefused`, :class:`PushTimedOut` or
        :class:`PushLost`. Only after the first is it certain that the server has not acted.
        """
        ref = self._socket.push(topic, event, payload, now=self._now(), timeout=timeout)
        answer = self._answers[ref] = asyncio.get_running_loop().create_future()
        self._flush_soon()
        try:
            return await answer
        finally:
            del self._answers[ref]
            self._socket.forget(ref)

    # What can be asked.

    @property
    def unanswered(self) -> int:
        """The number of pushes whose answer is waited for."""
        return len(self._answers)

    def state(self, topic: str) -> ChannelState:
        """Return the state of the topic's channel."""
        return self._socket.state(topic)

    def presence(self, topic: str) -> Mapping[str, Metas]:
        """Return who is present on ``topic``: ``{key: metas}``."""
        return self._socket.presence(topic)

    # What the connection tells (:class:`~agentbot.phoenix.transport.Listener`).

    def on_batch(self, batch: Sequence[Data], /) -> None:
        """Take the frames of one read."""
        self.counters.frames_in += len(batch)
        self._deliver(self._socket.receive_all(batch, self._now()))
        self._flush()

    def on_writable(self) -> None:
        """Write what has waited for the connection."""
        self._flush()

    def on_lost(self, code: int, reason: str) -> None:
        """End :meth:`_serve`."""
        if self._lost is not None and not self._lost.done():
            self._lost.set_result((code, reason))

    # One connection, from its opening to its end.

    async def _serve(self, connection: Connection) -> None:
        """Stay on an open connection until it is lost. Raises what ``on_events`` raised."""
        self._connection = connection
        self._lost = self._lost or asyncio.get_running_loop().create_future()
        self.joined_at = None
        code, reason = ABNORMAL, "stopped"
        try:
            self._deliver(self._socket.opened(self._now()))
            self._flush()
            code, reason = await self._lost
        except BaseException:
            connection.abort()
            raise
        finally:
            self._connection = self._lost = None
            self._stop_timer()
            self.counters.closes[code] += 1
            self._deliver(self._socket.lost(code, reason))

    def _deliver(self, happened: list[events.Event]) -> None:
        if not happened:
            return
        for event in happened:
            if not isinstance(event, events.MessageReceived):  # as nearly all are
                self._note(event)
        try:
            self._on_events(happened)
        except Exception as error:
            # In a callback of the loop it would only be logged: it has to end the run.
            if self._connection is None or self._lost is None or self._lost.done():
                raise
            self._lost.set_exception(error)

    def _note(self, event: events.Event) -> None:
        """Do the driver's own part of what an event asks for."""
        match event:
            case events.ReplyReceived():
                if event.ok:
                    self._answer(event.ref, event.response)
                else:
                    refused = PushRefused(event.topic, event.event, event.response)
                    self._answer(event.ref, refused)
            case events.ReplyTimedOut():
                self.counters.push_timeouts += 1
                late = PushTimedOut(event.topic, event.event, event.timeout)
                self._answer(event.ref, late)
            case events.ReplyLost():
                self._answer(event.ref, PushLost(event.topic, event.event))
            case events.ChannelJoined() if self.joined_at is None:
                self.joined_at = self._now()
            case events.FrameDropped():
                self.counters.drops[event.reason] += 1
            case events.HeartbeatTimedOut() if self._connection is not None:
                self._connection.abort()
            case _:
                pass

    def _answer(self, ref: str, answer: object) -> None:
        # Done before its answer came: whoever pushed has been cancelled.
        if (future := self._answers.get(ref)) is None or future.done():
            return
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)

    # Frames out, time in.

    def _flush_soon(self) -> None:
        """Write at the end of this turn of the loop, so that several pushes make one write."""
        if self._flush_due is None:
            self._flush_due = self._now()
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        asked_at, self._flush_due = self._flush_due, None
        if self._connection is None:
            return
        if asked_at is not None and self._now() - asked_at > _STOOD_STILL:
            self._socket.data_to_send()  # never late: whoever pushed is told that it is lost
            self._connection.abort()
            return
        if self._connection.is_writable and (unsent := self._socket.data_to_send()):
            self.counters.frames_out += len(unsent)
            self._connection.send(unsent)
        self._arm()

    def _arm(self) -> None:
        """See to it that :meth:`_tick` runs no later than the socket's next deadline."""
        when = self._socket.next_deadline()
        if when is None or (self._timer is not None and self._timer.when() <= when):
            return
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_at(when, self._tick)

    def _tick(self) -> None:
        # The loop's clock is coarse: it may fire a timer a little before its time.
        due = self._now() if self._timer is None else max(self._now(), self._timer.when())
        self._timer = None
        self._deliver(self._socket.tick(due))
        self._flush()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
