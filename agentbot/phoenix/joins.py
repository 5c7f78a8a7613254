"""The channels that wait for their join, and how many joins may be unanswered at a time."""

from __future__ import annotations

from collections import OrderedDict, deque

from agentbot.phoenix.channel import Channel
from agentbot.phoenix.options import SocketOptions

_QUEUEING = 0.02
"""Seconds that a join may wait at the server for those sent before it. A server at ease needs one
or two for each; what a person does not notice is time enough for it never to run out of them."""
_SHRINK = 0.5
"""By how much an answer that came too late narrows the window: a whole window of them halves it."""


class JoinWindow:
    """The number of joins that may be unanswered, learnt from how long their answers take.

    Phoenix works off the joins of one connection one after the other: while a channel is being
    joined, the connection does nothing else (phoenix: lib/phoenix/channel/server.ex, `join`). So
    many joins under way cost the server no more than few, but all that is pushed meanwhile waits
    behind them, a reply to a customer too. How long, the answers tell: what they take beyond the
    quickest of them they have waited. Times are in seconds.
    """

    __slots__ = ("_first", "_most", "_quickest", "_size")

    def __init__(self, *, first: int, most: int) -> None:
        self._first = min(first, most)
        self._most = most
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was learnt: the connection is new, and the server may have just started."""
        self._size = float(self._first)
        self._quickest = float("inf")

    @property
    def size(self) -> int:
        """How many joins may be unanswered now, at least one."""
        return int(self._size)

    def answered(self, seconds: float) -> None:
        """Take note of an answer: the window doubles with each round of quick ones."""
        self._quickest = min(self._quickest, seconds)
        waited = seconds - self._quickest
        if waited <= _QUEUEING:
            self._size = min(self._size + 1, float(self._most))
        elif waited > 2 * _QUEUEING:
            self._size = max(self._size - _SHRINK, 1.0)

    def failed(self) -> None:
        """Take note of a join that nobody answered."""
        self._size = max(self._size / 2, 1.0)


class Pacer:
    """A token bucket without a clock: ``rate`` a second, at most ``burst`` at once."""

    __slots__ = ("_burst", "_credit", "_rate", "_since")

    def __init__(self, *, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._credit = float(burst)
        self._since = float("-inf")

    def take(self, now: float) -> bool:
        """Take one token; return whether there was one."""
        if now > self._since:
            self._credit = min(self._burst, self._credit + (now - self._since) * self._rate)
            self._since = now
        if self._credit < 1:
            return False
        self._credit -= 1
        return True

    def next(self) -> float:
        """Return when there will be a token."""
        # A microsecond late rather than a rounding error too early, at which the caller would spin.
        return self._since + max(0.0, 1 - self._credit) / self._rate + 1e-6


class JoinQueue:
    """The channels that wait, those in a hurry first, and the joins that wait for their answer.

    A hurried one does not wait for the window: somebody waits for what is said on it. Where the
    options name a rate, it holds for all.
    """

    __slots__ = ("_hurried", "_order", "_pacer", "_sent", "_timeout", "_waiting", "_window")

    def __init__(self, options: SocketOptions) -> None:
        self._hurried: OrderedDict[Channel, None] = OrderedDict()
        self._waiting: OrderedDict[Channel, None] = OrderedDict()
        self._sent: dict[str, float] = {}
        self._order: deque[str] = deque()  # those answered since may stand in it
        self._timeout = options.join_timeout
        self._window = JoinWindow(first=options.joins_first, most=options.joins_most)
        self._pacer = (
            None
            if options.join_rate is None
            else Pacer(rate=options.join_rate, burst=options.join_burst)
        )

    def __len__(self) -> int:
        return len(self._hurried) + len(self._waiting)

    def begin_anew(self) -> None:
        """Forget what waits and what was sent: the connection is new, or gone."""
        self._hurried.clear()
        self._waiting.clear()
        self._sent.clear()
        self._order.clear()
        self._window.begin_anew()

    def add(self, channel: Channel) -> None:
        """Let a channel wait for its join; it stands where it stands already."""
        (self._hurried if channel.is_hurried else self._waiting)[channel] = None

    def hurry(self, channel: Channel) -> None:
        """Let a channel that waits go before the others."""
        if channel in self._waiting:
            del self._waiting[channel]
            self._hurried[channel] = None

    def discard(self, channel: Channel) -> None:
        """Let a channel wait no longer."""
        self._hurried.pop(channel, None)
        self._waiting.pop(channel, None)

    def take(self, now: float) -> Channel | None:
        """Take out the channel whose join may leave now, if there is one."""
        self._give_up(now)
        queue = self._hurried
        if not queue:
            queue = self._waiting
            if not queue or len(self._sent) >= self._window.size:
                return None
        if self._pacer is not None and not self._pacer.take(now):
            return None
        return queue.popitem(last=False)[0]

    def sent(self, ref: str, now: float) -> None:
        """Take note of a join that has left."""
        self._sent[ref] = now
        self._order.append(ref)

    def answered(self, ref: str, now: float) -> None:
        """Take note that a join was answered, however it was."""
        if (at := self._sent.pop(ref, None)) is not None:
            self._window.answered(now - at)

    def next(self) -> float | None:
        """Return when :meth:`take` has something, if no answer comes before that."""
        if not self:
            return None
        when = 0.0 if self._pacer is None else self._pacer.next()
        if self._hurried or len(self._sent) < self._window.size:
            return when
        return max(when, min(self._sent.values()) + self._timeout)

    def _give_up(self, now: float) -> None:
        """Count joins no longer that nobody will answer."""
        while self._order:
            at = self._sent.get(self._order[0])
            if at is not None:
                if now - at < self._timeout:
                    return
                del self._sent[self._order[0]]
                self._window.failed()
            self._order.popleft()
