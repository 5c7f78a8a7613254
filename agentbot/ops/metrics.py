"""The figures that operators see. Floors below that report to them are handed plain callables."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

from agentbot import __version__

CatchUpPath = Literal["fresh", "periodic", "start", "reconnect", "orphan"]
ConversationSource = Literal["mirror", "server"]
Stage = Literal["wait", "claim", "read", "decide", "deliver", "settle"]

_TURN_BUCKETS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 45.0, 90.0)
"""Seconds. A rule answers after the quiet time of about 1, a model within 20; at 45, the default
deadline, the fallback is due."""

_STAGE_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
"""Seconds. A claim or a rule takes a millisecond, a pause for more text one second, a model ten."""

_LOOK_UP_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds. A shop's own server takes some tens of milliseconds; a tool's time ends at ten."""
_CLAIM_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Seconds. A good disk or database takes a few milliseconds; one that is in trouble, seconds."""

_MOST_LABEL_VALUES = 50
"""Values of one label: far more than the bot has by itself, and few enough for any Prometheus."""


class Metrics:
    """The bot's counters, gauges and histograms, in a registry of their own.

    Labels are bounded: what would be a label's 51st value counts as ``other``, so that neither a
    peer nor an operator's long list of rules can grow the process.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self.labels: dict[str, tuple[str, ...]] = {}
        """The labels of each metric that has some, by its name without ``_total``."""
        self._seen: dict[str, set[str]] = {}
        ProcessCollector(registry=self.registry)
        build = Info("agentbot_build", "The version that runs", registry=self.registry)
        build.info({"version": __version__})
        self._messages = self._counter("messages_received", "Messages that came in", "kind")
        self._turns = self._counter("turns", "Turns settled", "outcome", "by", "reason")
        self._turn_seconds = self._histogram(
            "turn_seconds", "From a turn's first message to its outcome", _TURN_BUCKETS
        )
        stages = self._histogram(
            "turn_stage_seconds",
            "A stage of a turn: wait (for more text, and a place), claim, read, decide, deliver,"
            " settle",
            _STAGE_BUCKETS,
            "stage",
        )
        self._stages = {stage: stages.labels(stage) for stage in get_args(Stage)}
        self._confirmed = self._counter("replies_confirmed", "Replies seen on the server")
        self._resent = self._counter("replies_resent", "Replies sent again")
        self._holding = self._counter("holding_messages", "Customers asked for a moment")
        self._taken = self._counter(
            "conversations_taken", "Conversations taken up for a turn, by where from", "source"
        )
        for source in get_args(ConversationSource):
            self._taken.labels(source)
        self._caught_up = self._counter(
            "catch_up_found", "Customers' messages that no broadcast announced", "path"
        )
        for path in get_args(CatchUpPath):
            self._caught_up.labels(path)
        self._reconnects = self._counter("reconnects", "Sockets opened after the first")
        self._joins = self._counter("joins", "Conversations' channels joined")
        frames = self._counter("frames", "Socket frames", "direction")
        self._frames_in, self._frames_out = frames.labels("in"), frames.labels("out")
        self._dropped = self._counter("dropped", "What was shed or ignored", "reason")
        self._push_timeouts = self._counter("push_timeouts", "Pushes that got no reply in time")
        self._state_errors = self._counter("state_errors", "Failures of the state store")
        self._claim_seconds = self._histogram(
            "state_claim_seconds", "Until a claim was durable", _CLAIM_BUCKETS
        )
        self._look_ups = self._counter("look_ups", "Look-ups in other systems", "tool", "outcome")
        self._look_up_seconds = self._histogram(
            "look_up_seconds", "From asking another system to its answer", _LOOK_UP_BUCKETS
        )
        self._llm_tokens = self._counter("llm_tokens", "Tokens of the language model", "kind")
        self._llm_usd = self._counter("llm_cost_usd", "Cost of the language model, if known")
        self._llm_failures = self._counter("llm_failures", "Answers that failed", "kind")
        self._prompts_loaded = self._gauge(
            "prompts_loaded_timestamp", "When the prompts in use were loaded, in Unix seconds"
        )
        self._reload_failed = self._gauge(
            "prompts_reload_failed", "1 while the prompts folder is broken, and older ones are used"
        )
        self._notices = self._counter("notices", "Messages to people by the webhook", "outcome")
        self._active = self._gauge("conversations_active", "Conversations being worked on")
        self._queue = self._gauge("queue_length", "Turns that wait for a free place")
        self._agents = self._gauge("agents_online", "People online, bots left out")
        self._present = self._gauge("present", "1 while the account's room shows the bot online")
        self._connected = self._gauge(
            "connected", "1 while connected, all topics of the bot's own joined"
        )

    def message_received(self, kind: str, count: int = 1) -> None:
        """Count messages that were heard, by what they are to the bot.

        ``customer``, ``person`` (of the account), ``own``, ``other_bot``, ``private`` (a note),
        ``duplicate`` (heard before) or ``old`` (a customer's, from before the start).
        """
        self._messages.labels(self._bounded("kind", kind)).inc(count)

    def turn_settled(self, *, outcome: str, by: str | None, reason_code: str) -> None:
        """Count a turn by its outcome, by who answered (None: nobody) and by its reason's code."""
        reason = self._bounded("reason", reason_code)
        self._turns.labels(self._bounded("outcome", outcome), by or "none", reason).inc()

    def turn_took(self, seconds: float) -> None:
        """Note how long a turn took from its first message to its outcome."""
        self._turn_seconds.observe(seconds)

    def stage_took(self, stage: Stage, seconds: float) -> None:
        """Note how long a stage of a turn took. One that is taken anew has them again."""
        self._stages[stage].observe(seconds)

    def reply_confirmed(self) -> None:
        """Count a reply that was seen on the server."""
        self._confirmed.inc()

    def reply_resent(self) -> None:
        """Count a reply that had to be sent again."""
        self._resent.inc()

    def holding_message(self) -> None:
        """Count a customer who was asked for a moment."""
        self._holding.inc()

    def conversation_taken(self, source: ConversationSource) -> None:
        """Count a conversation that a turn was decided from: as mirrored, or as just read."""
        self._taken.labels(source).inc()

    def caught_up(self, path: CatchUpPath, count: int = 1) -> None:
        """Count customers' messages found by reading, not by a broadcast."""
        self._caught_up.labels(path).inc(count)

    def reconnected(self, count: int = 1) -> None:
        """Count sockets that were opened after the first."""
        self._reconnects.inc(count)

    def joined(self) -> None:
        """Count a conversation's channel that was joined."""
        self._joins.inc()

    def frames_in(self, count: int = 1) -> None:
        """Count frames that came in."""
        self._frames_in.inc(count)

    def frames_out(self, count: int = 1) -> None:
        """Count frames that went out."""
        self._frames_out.inc(count)

    def dropped(self, reason: str, count: int = 1) -> None:
        """Count what was shed or ignored, by reason.

        Frames: ``stale``, ``unjoined``, ``malformed``. What they hold: ``frame``, ``shout``,
        ``raw_shout``, ``created``, ``updated``. For lack of room: ``turn``, ``message``,
        ``fresh_conversation``. By a bug of ours: ``conversation_failed``.
        """
        self._dropped.labels(self._bounded("drop", reason)).inc(count)

    def push_timed_out(self, count: int = 1) -> None:
        """Count pushes that got no reply in time."""
        self._push_timeouts.inc(count)

    def state_failed(self) -> None:
        """Count a failure of the state store."""
        self._state_errors.inc()

    def claim_took(self, seconds: float) -> None:
        """Note how long it took until a claim was durable."""
        self._claim_seconds.observe(seconds)

    def looked_up(self, tool: str, outcome: str, seconds: float) -> None:
        """Count a look-up: ``outcome`` is ``found``, or a code of ``ToolFailed``."""
        self._look_ups.labels(self._bounded("tool", tool), self._bounded("look_up", outcome)).inc()
        self._look_up_seconds.observe(seconds)

    def llm_used(self, *, prompt_tokens: int, completion_tokens: int) -> None:
        """Count the tokens of one answer."""
        self._llm_tokens.labels("prompt").inc(prompt_tokens)
        self._llm_tokens.labels("completion").inc(completion_tokens)

    def llm_paid(self, usd: float) -> None:
        """Count what one answer has cost, in US dollars."""
        self._llm_usd.inc(usd)

    def llm_failed(self, kind: str) -> None:
        """Count an answer that failed, by ``LLMError.kind``."""
        self._llm_failures.labels(self._bounded("failure", kind)).inc()

    def prompts_loaded(self, at: datetime) -> None:
        """Say when the prompts in use were loaded."""
        self._prompts_loaded.set(at.timestamp())
        self._reload_failed.set(0)

    def prompts_broken(self) -> None:
        """Say that the prompts folder could not be loaded, and those before go on being used."""
        self._reload_failed.set(1)

    def noticed(self, outcome: Literal["sent", "failed", "dropped"]) -> None:
        """Count a message to people by the webhook: ``dropped`` where too many were under way."""
        self._notices.labels(outcome).inc()

    def set_conversations_active(self, count: int) -> None:
        """Say how many conversations are being worked on."""
        self._active.set(count)

    def set_queue_length(self, count: int) -> None:
        """Say how many turns wait for a free place among those worked on side by side."""
        self._queue.set(count)

    def set_agents_online(self, count: int) -> None:
        """Say how many people are online."""
        self._agents.set(count)

    def set_present(self, present: bool) -> None:  # noqa: FBT001 - the value is the message
        """Say whether the room's presence shows the bot: customers see somebody online."""
        self._present.set(present)

    def set_connected(self, connected: bool) -> None:  # noqa: FBT001 - the value is the message
        """Say whether the bot is connected, and all topics of its own are joined."""
        self._connected.set(connected)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(self._full(name, labels), text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(self._full(name), text, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        full = self._full(name, labels)
        return Histogram(full, text, labels, buckets=buckets, registry=self.registry)

    def _full(self, name: str, labels: tuple[str, ...] = ()) -> str:
        """Return a metric's name as operators see it, and take note of its labels."""
        full = f"agentbot_{name}"
        if labels:
            self.labels[full] = labels
        return full

    def _bounded(self, label: str, value: str) -> str:
        seen = self._seen.setdefault(label, set())
        if value in seen:
            return value
        if len(seen) >= _MOST_LABEL_VALUES:
            return "other"
        seen.add(value)
        return value
