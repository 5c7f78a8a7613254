"""A Phoenix socket without I/O and without a clock.

The driver tells what happened (:meth:`Socket.opened`, :meth:`Socket.lost`, :meth:`Socket.receive`,
:meth:`Socket.tick`), is told what it means (a list of events), writes what
:meth:`Socket.data_to_send` returns after *every* call, and calls :meth:`Socket.tick` when
:meth:`Socket.next_deadline` comes. ``now`` is monotonic seconds, on one clock throughout.

A push is sent once or not at all. It is never kept for later and never sent again after a rejoin:
whoever pushed is told, and alone can know whether sending it again does harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agentbot.errors import LocalProtocolError, PushNotSent, RemoteProtocolError
from agentbot.phoenix import frames
from agentbot.phoenix.channel import Channel, ChannelState, Payload, PayloadFactory
from agentbot.phoenix.events import (
    ChannelClosed,
    ChannelErrored,
    ChannelJoined,
    Event,
    FrameDropped,
    HeartbeatTimedOut,
    JoinRefused,
    JoinTimedOut,
    MessageReceived,
    PresenceSynced,
    ReplyLost,
    ReplyReceived,
    ReplyTimedOut,
    SocketLost,
    SocketOpened,
)
from agentbot.phoenix.frames import Data, Frame
from agentbot.phoenix.heartbeat import Beat, Heartbeat
from agentbot.phoenix.joins import JoinQueue
from agentbot.phoenix.options import SocketOptions
from agentbot.phoenix.outbox import Outbox
from agentbot.phoenix.presence import Metas
from agentbot.phoenix.push import Deadline, Deadlines, Push, Waiting
from agentbot.phoenix.transport import ABNORMAL

_UNMATCHED = "unmatched topic"


class Socket:
    """The channels, pushes and heartbeat of one client. ``random`` returns numbers in [0, 1)."""

    def __init__(
        self, *, random: Callable[[], float], options: SocketOptions | None = None
    ) -> None:
        self._options = options or SocketOptions()
        self._random = random
        self._channels: dict[str, Channel] = {}
        self._pushes: dict[str, Push] = {}
        self._deadlines = Deadlines(self._is_live)
        self._joins = JoinQueue(self._options)
        self._outbox = Outbox()
        self._events: list[Event] = []
        self._open = False
        self._heartbeat = Heartbeat(
            interval=self._options.heartbeat_interval, grace=self._options.heartbeat_grace
        )

    # What the driver tells.

    def opened(self, now: float) -> list[Event]:
        """Take note that the connection is open; queue a join of every channel."""
        self._open = True
        self._heartbeat.opened(now)
        self._joins.begin_anew()
        self._events.append(SocketOpened())
        for channel in self._channels.values():
            self._queue(channel)
        self._send_joins(now)
        return self._take_events()

    def lost(self, code: int = ABNORMAL, reason: str = "") -> list[Event]:
        """Take note that the connection is gone: pushes in flight are lost, all channels wait."""
        self._open = False
        self._outbox.take()
        self._joins.begin_anew()
        self._lose_pushes(None)
        for channel in list(self._channels.values()):
            if channel.state is ChannelState.LEAVING:
                self._close(channel)
            else:
                channel.queued()
                channel.tries = 0
        self._events.append(SocketLost(code, reason))
        return self._take_events()

    def receive(self, data: Data, now: float) -> list[Event]:
        """Take one frame.

        Raises :class:`RemoteProtocolError`, and nothing else, for a frame that breaks the
        protocol; the socket can go on after it.
        """
        self._take(data, now)
        return self._read_ended(now)

    def receive_all(self, batch: Sequence[Data], now: float) -> list[Event]:
        """Take the frames of one read. One that breaks the protocol is told as dropped."""
        for data in batch:
            try:
                self._take(data, now)
            except RemoteProtocolError as error:
                self._events.append(FrameDropped("", str(error), "malformed"))
        return self._read_ended(now)

    def tick(self, now: float) -> list[Event]:
        """Do what is due: heartbeat, time-outs, joins whose turn has come."""
        if self._open:
            self._beat(now)
        while (due := self._deadlines.pop_due(now)) is not None:
            self._expire(due, now)
        if self._open:
            self._send_joins(now)
        return self._take_events()

    def next_deadline(self) -> float | None:
        """Return when :meth:`tick` has something to do, ``None`` where it never has."""
        times = [self._deadlines.next()]
        if self._open:
            times += [self._heartbeat.next(), self._joins.next()]
        return min((when for when in times if when is not None), default=None)

    def data_to_send(self) -> list[str]:
        """Return the frames to write, in order, and forget them."""
        return self._outbox.take()

    # What the user wants.

    def join(self, topic: str, payload: Payload | PayloadFactory, now: float) -> None:
        """Join ``topic``, now or when the connection is open, and again whenever it is lost.

        A payload given as a callable is made afresh for every join.
        Raises :class:`LocalProtocolError` where the topic is already wanted.
        """
        known = self._channels.get(topic)
        if known is not None and known.state is not ChannelState.LEAVING:
            raise LocalProtocolError(f"{topic} is already {known.state.value}")
        channel = self._channels[topic] = Channel(topic, payload)
        self._queue(channel)
        if self._open:
            self._send_joins(now)

    def hurry(self, topic: str, now: float) -> None:
        """Join ``topic``, which is wanted, before those that wait: somebody wants to push on it."""
        channel = self._channels.get(topic)
        if channel is not None and channel.state is not ChannelState.JOINED:
            channel.is_hurried = True
            self._joins.hurry(channel)
            if self._open:
                self._send_joins(now)

    def leave(self, topic: str, now: float) -> list[Event]:
        """Leave ``topic``; :class:`ChannelClosed` follows, at once where nothing is joined."""
        channel = self._channels.get(topic)
        if channel is not None and channel.state is not ChannelState.LEAVING:
            if channel.join_ref is None:
                self._close(channel)
            else:
                self._lose_pushes(topic)
                channel.leaving(self._send_leave(channel))
                self._wait(Waiting.LEAVE, channel, now + self._options.join_timeout)
        return self._take_events()

    def push(
        self, topic: str, event: str, payload: object, *, now: float, timeout: float | None = None
    ) -> str:
        """Send ``event`` on a joined topic; return its ref.

        With a ``timeout`` (seconds) exactly one of :class:`ReplyReceived`, :class:`ReplyTimedOut`
        and :class:`ReplyLost` follows; without, no answer is waited for.
        Raises :class:`PushNotSent` where the topic is not joined or the connection is too slow, and
        :class:`LocalProtocolError` where the payload is no JSON.
        """
        channel = self._channels.get(topic)
        if channel is None or channel.state is not ChannelState.JOINED:
            state = ChannelState.CLOSED if channel is None else channel.state
            raise PushNotSent(topic, event, f"the channel is {state.value}")
        if len(self._outbox) >= self._options.max_unsent:
            raise PushNotSent(topic, event, f"{len(self._outbox)} frames wait to be written")
        ref = self._outbox.put(channel.join_ref, topic, event, payload)
        if timeout is not None:
            self._pushes[ref] = Push(topic, event, ref, timeout)
            self._deadlines.add(now + timeout, Deadline(Waiting.PUSH, ref, None))
        return ref

    def forget(self, ref: str) -> None:
        """Wait no longer for the answer to the push ``ref``."""
        self._pushes.pop(ref, None)

    # What can be asked.

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._open

    @property
    def topics(self) -> list[str]:
        """The topics that are wanted, in the order of their joins."""
        return list(self._channels)

    def state(self, topic: str) -> ChannelState:
        """Return the state of the topic's channel."""
        channel = self._channels.get(topic)
        return ChannelState.CLOSED if channel is None else channel.state

    def presence(self, topic: str) -> Mapping[str, Metas]:
        """Return who is present on ``topic`` as far as is known: ``{key: metas}``."""
        channel = self._channels.get(topic)
        return channel.presence.roster if channel is not None and channel.presence else {}

    # Frames from the server.

    def _read_ended(self, now: float) -> list[Event]:
        """Send the joins that the answers of one read have let out; return what happened."""
        if self._joins and self._open:
            self._send_joins(now)
        return self._take_events()

    def _take(self, data: Data, now: float) -> None:
        frame = frames.decode(data)
        self._heartbeat.heard(now)
        if frame.topic == frames.PHOENIX_TOPIC:
            self._heartbeat.answered(frame.ref)
            return
        channel = self._channels.get(frame.topic)
        if channel is None:
            self._drop(frame, "unjoined")
        elif channel.is_stale(frame):
            self._drop(frame, "stale")
        elif frame.event == frames.REPLY:
            self._receive_reply(channel, frame, now)
        elif frame.event == frames.ERROR:
            self._receive_end(channel, frame, "crashed", now)
        elif frame.event == frames.CLOSE:
            self._receive_end(channel, frame, "closed", now)
        elif channel.state is not ChannelState.JOINED:
            self._drop(frame, "unjoined")
        elif frame.event in {frames.PRESENCE_STATE, frames.PRESENCE_DIFF}:
            self._receive_presence(channel, frame)
        else:
            self._events.append(MessageReceived(frame.topic, frame.event, frame.payload))

    def _receive_reply(self, channel: Channel, frame: Frame, now: float) -> None:
        match frame.payload:
            case {"status": str(status), "response": response}:
                ok = status == "ok"
            case _:
                raise RemoteProtocolError("reply without status", repr(frame.payload)[:200])
        reason = _reason(response)
        if frame.ref is not None and frame.ref == channel.join_ref:
            self._joins.answered(frame.ref, now)
            self._receive_join_reply(channel, ok=ok, response=response, now=now)
            return
        if channel.state is ChannelState.LEAVING:
            if frame.ref == channel.leave_ref:
                self._close(channel)
            return
        push = self._pushes.pop(frame.ref, None) if frame.ref is not None else None
        if push is not None:
            self._events.append(ReplyReceived(push.topic, push.event, push.ref, ok, response))
        # While a join is under way this answers a push from before it, and tells nothing new.
        if not ok and reason == _UNMATCHED and channel.state is ChannelState.JOINED:
            self._error(channel, ChannelErrored(channel.topic, "unmatched", frame.ref), now)

    def _receive_join_reply(
        self, channel: Channel, *, ok: bool, response: object, now: float
    ) -> None:
        if channel.state is not ChannelState.JOINING:
            return
        if ok:
            rejoined = channel.joined()
            self._events.append(ChannelJoined(channel.topic, response, rejoined))
            return
        reason = _reason(response)
        final = channel.gives_up(reason)
        self._events.append(JoinRefused(channel.topic, reason, final))
        if final:
            del self._channels[channel.topic]
        else:
            self._rejoin_later(channel, now)

    def _receive_end(self, channel: Channel, frame: Frame, reason: str, now: float) -> None:
        if channel.state is ChannelState.LEAVING:
            self._close(channel)
        elif channel.join_ref is None:
            self._drop(frame, "unjoined")
        else:
            self._error(channel, ChannelErrored(channel.topic, reason), now)

    def _receive_presence(self, channel: Channel, frame: Frame) -> None:
        if (changed := channel.take_presence(frame)) is not None:
            self._events.append(PresenceSynced(channel.topic, *changed))

    def _drop(self, frame: Frame, reason: str) -> None:
        self._events.append(FrameDropped(frame.topic, frame.event, reason))

    # Channels.

    def _queue(self, channel: Channel) -> None:
        channel.queued()
        if self._open:
            self._joins.add(channel)

    def _send_joins(self, now: float) -> None:
        while (channel := self._joins.take(now)) is not None:
            ref = self._outbox.put_join(channel.topic, channel.payload)
            channel.joining(ref)
            self._joins.sent(ref, now)
            self._wait(Waiting.JOIN, channel, now + self._options.join_timeout)

    def _error(self, channel: Channel, event: ChannelErrored, now: float) -> None:
        self._events.append(event)
        self._lose_pushes(channel.topic)
        self._rejoin_later(channel, now)

    def _rejoin_later(self, channel: Channel, now: float) -> None:
        channel.errored()
        self._wait(Waiting.REJOIN, channel, now + channel.rejoin_delay(self._random()))

    def _close(self, channel: Channel) -> None:
        del self._channels[channel.topic]
        self._joins.discard(channel)
        self._events.append(ChannelClosed(channel.topic))

    def _lose_pushes(self, topic: str | None) -> None:
        """Tell of every unanswered push, on ``topic`` or on all, that its answer will not come."""
        lost = [push for push in self._pushes.values() if topic is None or push.topic == topic]
        for push in lost:
            del self._pushes[push.ref]
            self._events.append(ReplyLost(push.topic, push.event, push.ref))

    # Time.

    def _wait(self, kind: Waiting, channel: Channel, when: float) -> None:
        token = channel.tries if kind is Waiting.REJOIN else channel.join_ref
        self._deadlines.add(when, Deadline(kind, channel.topic, token))

    def _is_live(self, deadline: Deadline) -> bool:
        if deadline.kind is Waiting.PUSH:
            return deadline.key in self._pushes
        channel = self._channels.get(deadline.key)
        return channel is not None and channel.waits_for(deadline)

    def _expire(self, deadline: Deadline, now: float) -> None:
        if deadline.kind is Waiting.PUSH:
            push = self._pushes.pop(deadline.key)
            self._events.append(ReplyTimedOut(push.topic, push.event, push.ref, push.timeout))
            return
        channel = self._channels[deadline.key]
        if deadline.kind is Waiting.REJOIN:
            self._queue(channel)
        elif deadline.kind is Waiting.LEAVE:
            self._close(channel)
        else:
            # A join that the server takes up late would leave two channels for one: take it back.
            self._send_leave(channel)
            self._events.append(JoinTimedOut(channel.topic))
            self._rejoin_later(channel, now)

    def _beat(self, now: float) -> None:
        beat = self._heartbeat.due(now)
        if beat is Beat.SEND:
            ref = self._outbox.put(None, frames.PHOENIX_TOPIC, frames.HEARTBEAT, {})
            self._heartbeat.sent(ref, now)
        elif beat is Beat.DEAD:
            self._events.append(HeartbeatTimedOut())

    # Frames to the server.

    def _send_leave(self, channel: Channel) -> str:
        return self._outbox.put(channel.join_ref, channel.topic, frames.LEAVE, {})

    def _take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events


def _reason(response: object) -> str:
    reason = response.get("reason") if isinstance(response, dict) else None
    return reason if isinstance(reason, str) else "no reason given"
