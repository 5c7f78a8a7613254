"""The server's end of a client's socket, without a network: text in, text and close codes out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agentbot.devserver.backend import Backend, Timer
from agentbot.devserver.faults import Cut, Delay, Duplicate, Lose
from agentbot.devserver.realtime.channels import Crash, JoinDenied, ServerChannel, channel_for
from agentbot.devserver.store.records import User
from agentbot.errors import RemoteProtocolError
from agentbot.phoenix import frames
from agentbot.phoenix.frames import Frame, decode, encode

IDLE_TIMEOUT = 45.0
"""Seconds without any data from the client until the server closes with 1000 [T: idle_close]."""

NORMAL = 1000
"""The close code (RFC 6455) of an end in good order."""
ABNORMAL = 1006
"""Never sent: what a client sees where the connection ends without a close frame."""
SERVER_ERROR = 1011
"""The close code for a client whose frames cannot be read [T: bad_frames]."""


@dataclass(slots=True)
class _DelayedFrames:
    """Frames of one topic that wait for their time, in order."""

    frames: deque[tuple[datetime, str]]
    timer: Timer


class ServerSocket:
    """The server's end of one socket.

    ``send`` takes a text frame for the client; ``close`` takes the close code and reason, 1006
    meaning that the connection is to end without a close frame. Neither may call the socket.
    The driver calls :meth:`receive` for each message and :meth:`disconnected` once the client is
    gone; after ``close`` has been called nothing more is sent.
    """

    def __init__(
        self,
        backend: Backend,
        user: User | None,
        *,
        send: Callable[[str], None],
        close: Callable[[int, str], None],
        ended: Callable[[ServerSocket], None],
        idle_timeout: float = IDLE_TIMEOUT,
    ) -> None:
        self.user = user
        self.open = True
        self._backend = backend
        self._send = send
        self._close = close
        self._ended = ended
        self._channels: dict[str, ServerChannel] = {}
        self._delayed: dict[str, _DelayedFrames] = {}
        self._idle_timeout = idle_timeout
        self._heard_at = backend.now()
        self._idle: Timer = backend.call_later(idle_timeout, self._check_idle)

    @property
    def topics(self) -> list[str]:
        """The topics that are joined."""
        return list(self._channels)

    # From the client

    def receive(self, data: str | bytes) -> None:
        """Take one message; what is no frame (a binary message never is) closes with 1011."""
        if not self._heard():
            return
        try:
            if isinstance(data, bytes):
                raise RemoteProtocolError("frame is binary")
            frame = decode(data)
        except RemoteProtocolError:
            self.close(SERVER_ERROR)
            return
        self._dispatch(frame)

    def pinged(self) -> None:
        """Note a WebSocket ping or any other sign of life."""
        self._heard()

    def disconnected(self) -> None:
        """Take note that the client is gone."""
        self._end()

    def _heard(self) -> bool:
        if not self.open or self._backend.faults.on_received(self):
            return False
        self._heard_at = self._backend.now()
        return True

    def _dispatch(self, frame: Frame) -> None:
        if frame.topic == frames.PHOENIX_TOPIC and frame.event == frames.HEARTBEAT:
            self._reply(Frame(None, frame.ref, frame.topic, frames.REPLY, _ok()))
            return
        channel = self._channels.get(frame.topic)
        if frame.event == frames.JOIN:
            self._join(frame, channel)
        elif channel is not None:
            # The join_ref of a push is not looked at [T: joins_and_leaves].
            channel.receive(frame)
        else:
            self._unmatched(frame)

    def _join(self, frame: Frame, before: ServerChannel | None) -> None:
        kind = channel_for(frame.topic)
        if kind is None:
            self._unmatched(frame)
            return
        if before is not None:
            # A second join ends the first channel without a word, and its unfinished work with it.
            del self._channels[frame.topic]
            before.end()
        channel = kind(self._backend, self, frame.topic, frame.join_ref)
        try:
            self._check_join(channel, frame)
        except JoinDenied as denied:
            self._reply_to_join(frame, _error(str(denied)))
            return
        except Crash:
            self._reply_to_join(frame, _error("join crashed"))
            return
        self._channels[frame.topic] = channel
        self._backend.hub.subscribe(frame.topic, channel)
        self._reply_to_join(frame, _ok())
        channel.joined()

    def _check_join(self, channel: ServerChannel, frame: Frame) -> None:
        denied = self._backend.faults.on_join(frame.topic)
        if denied is not None:
            raise JoinDenied(denied.reason)
        channel.join(frame.payload)

    def _reply_to_join(self, frame: Frame, payload: object) -> None:
        self._reply(Frame(frame.join_ref, frame.ref, frame.topic, frames.REPLY, payload))

    def _unmatched(self, frame: Frame) -> None:
        self._reply(Frame(None, frame.ref, frame.topic, frames.REPLY, _error("unmatched topic")))

    def _reply(self, frame: Frame) -> None:
        self.deliver(encode(frame), frame.topic, frame.event, self)

    # To the client

    def deliver(self, text: str, topic: str, event: str, origin: object | None) -> None:
        """Send a frame, as far as the faults let it through."""
        if not self.open:
            return
        faults = self._backend.faults
        if faults.quiet and not self._delayed:
            self._send(text)
            return
        copies, wait = 1, 0.0
        for effect in faults.on_sent(topic, event, self, origin):
            match effect:
                case Lose():
                    return
                case Cut(code):
                    self.close(ABNORMAL if code is None else code)
                    return
                case Duplicate():
                    copies += 1
                case Delay(seconds):
                    wait += seconds
        for _ in range(copies):
            self._send_after(wait, topic, text)

    def _send_after(self, wait: float, topic: str, text: str) -> None:
        delayed = self._delayed.get(topic)
        if delayed is not None:
            due = max(delayed.frames[-1][0], self._backend.now() + timedelta(seconds=wait))
            delayed.frames.append((due, text))
        elif wait > 0:
            due = self._backend.now() + timedelta(seconds=wait)
            timer = self._backend.call_later(wait, lambda: self._release(topic))
            self._delayed[topic] = _DelayedFrames(deque([(due, text)]), timer)
        else:
            self._send(text)

    def _release(self, topic: str) -> None:
        delayed = self._delayed[topic]
        due, text = delayed.frames.popleft()
        self._send(text)
        if delayed.frames:
            wait = max(0.0, (delayed.frames[0][0] - due).total_seconds())
            delayed.timer = self._backend.call_later(wait, lambda: self._release(topic))
        else:
            del self._delayed[topic]

    def channel_ended(self, channel: ServerChannel, event: str) -> None:
        """Forget the channel and tell the client."""
        if self._channels.get(channel.topic) is channel:
            del self._channels[channel.topic]
            self._reply(Frame(channel.join_ref, channel.join_ref, channel.topic, event, {}))

    def crash(self, topic: str) -> bool:
        """Let the channel of ``topic`` crash; return whether there was one."""
        channel = self._channels.get(topic)
        if channel is None:
            return False
        channel.crash()
        return True

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close from this side: with a close frame, or for 1006 without."""
        if self.open:
            self._end()
            self._close(code, reason)

    def _end(self) -> None:
        if not self.open:
            return
        self.open = False
        self._idle.cancel()
        for delayed in self._delayed.values():
            delayed.timer.cancel()
        self._delayed.clear()
        channels = list(self._channels.values())
        self._channels.clear()
        for channel in channels:
            channel.end()
        self._ended(self)

    def _check_idle(self) -> None:
        silent = (self._backend.now() - self._heard_at).total_seconds()
        if silent >= self._idle_timeout:
            self.close(NORMAL)
        else:
            self._idle = self._backend.call_later(self._idle_timeout - silent, self._check_idle)


def _ok() -> dict[str, Any]:
    return {"status": "ok", "response": {}}


def _error(reason: str) -> dict[str, Any]:
    return {"status": "error", "response": {"reason": reason}}
