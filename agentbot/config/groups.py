"""The settings that stand in groups, each once: name, type, default and meaning."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from agentbot.config.values import BaseUrl, Folder, Instants, Key, Lowered, Name, Names, WebhookUrl


class Group(BaseModel):
    """Nested settings: a name that is not one of them is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class HttpSettings(Group):
    """Where health and metrics are served."""

    host: Name = "127.0.0.1"
    """Address to listen on; 0.0.0.0 in a container."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port to listen on; 0 takes a free one."""
    status_token: Key | None = None
    """The password of the page at /status, which tells how the bot is. Unset: there is no page."""


class ReplySettings(Group):
    """How a reply leaves."""

    speak_as: Annotated[Literal["account", "user"], Lowered] = "account"
    """``account``: under the company's name, leaving the conversation unassigned and unread.
    ``user``: as the bot's own user, which assigns the conversation to it."""
    first_delay_seconds: NonNegativeFloat = 1.5
    """Age that a fresh conversation must have before its first reply: the widget rejoins and
    reloads after its first message, and loses from view what comes meanwhile."""
    confirm_timeout_seconds: PositiveFloat = 5.0
    """How long to wait for a reply's echo before looking on the server: an echo takes milliseconds,
    and a busy server a second or two."""
    max_attempts: PositiveInt = 3
    """How often one reply is sent at most: a server that has lost it three times on a good
    connection will lose it again, and people should see that."""


class ReceiptsSettings(Group):
    """Which receipts are sent. The facts are in Papercups' own behaviour, seen on its wire.

    ``seen`` (``messages:seen``) stamps those messages that carry a user_id: it is the *customer's*
    receipt for what agents wrote. It is sent when a customer's turn is taken up, and it is true
    then: whoever writes sees the conversation. It also ends the wait for the e-mail
    that goes out about messages which stay unseen. After a reply of ours it would claim that the
    customer has read what has only just been sent, so it is never sent there.

    ``read`` is the *agents'* receipt, and the unread flag is how people find work: a bot that marks
    everything read hides its customers from them. Where the bot closes a conversation, nobody needs
    to look any more: the default is ``when_closed``.
    """

    seen: bool = True
    """Mark agents' messages seen when the customer has written again."""
    read: Annotated[Literal["never", "when_closed", "always"], Lowered] = "when_closed"
    """When a conversation is marked read, which hides it from people."""


class TurnsSettings(Group):
    """How a customer's messages become turns."""

    idle_seconds: NonNegativeFloat = 1.0
    """Quiet time after which quick messages are taken as one turn: about as long as it takes to go
    on with a sentence, and hardly felt as a wait."""
    max_seconds: PositiveFloat = 6.0
    """Longest wait for a turn's further messages: who writes on for longer should see a first
    answer."""
    deadline_seconds: PositiveFloat = 45.0
    """Time after which a turn gets the fallback text: more than two answers of a language model may
    take, less than a customer waits in front of a silent window."""
    mirror_seconds: NonNegativeFloat = 300.0
    """How long a conversation that was read is known by what is heard since, before it is read
    anew; 0: it is read for every turn. Longer than the pause between two looks at all
    conversations, which read them anyway; what the server never broadcasts is so old at most."""
    concurrency: PositiveInt = 100
    """Conversations worked on side by side. Each reads the server once: more would only wait for
    REST, and ten times Papercups' usual pool of database connections is plenty."""
    queue_limit: PositiveInt = 10_000
    """Conversations with unanswered messages in memory at most, those worked on included; what
    comes beyond is left to catching up. Bounds the memory of a flood to some tens of megabytes."""

    @model_validator(mode="after")
    def _order(self) -> Self:
        if not self.idle_seconds <= self.max_seconds < self.deadline_seconds:
            raise ValueError("must hold: idle_seconds <= max_seconds < deadline_seconds")
        return self


class CatchUpSettings(Group):
    """How messages are found that no broadcast announced."""

    interval_seconds: PositiveFloat = 180.0
    """Pause between two looks at all open conversations: the longest that a message waits which no
    broadcast announced, against a page of REST for every fifty conversations."""
    fresh_after_seconds: Instants = (1.0, 4.0)
    """When a fresh conversation is read, counted from its creation: the server never broadcasts
    some first messages."""
    settle_seconds: NonNegativeFloat = 2.0
    """Longest time that something sent may still be under way after its connection, or its sender,
    is gone. The bot waits that long before it asks the server whether a reply has arrived, and
    before it looks at all conversations at start and after a reconnect; and what a look between
    finds, it calls lost only if it has not come so long. Too short, and a reply may come twice."""


class StateSettings(Group):
    """Claims and the journal."""

    lease_seconds: PositiveFloat = 15.0
    """Time after which another replica takes over from a dead one. Shorter, and a process that
    stands still for a moment loses its turns; longer, and customers wait for an answer."""
    retention_days: Annotated[float, Field(gt=0, le=36_500)] = 90.0
    """Age at which entries of the journal are deleted: a quarter of a year, for reports. The
    entries hold what customers wrote, so keep them no longer than you need."""

    @property
    def lease(self) -> timedelta:
        """``lease_seconds`` as a duration."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def retention(self) -> timedelta:
        """``retention_days`` as a duration."""
        return timedelta(days=self.retention_days)


class RestSettings(Group):
    """Papercups' REST API."""

    requests_per_second: PositiveFloat = 200.0
    """The pace of catching up: most requests a second of those that nobody waits for, so that they
    do not drown the server. What a customer's turn asks goes out at once."""


class SocketSettings(Group):
    """The connection to Papercups."""

    heartbeat_seconds: Annotated[float, Field(gt=0, lt=45)] = 30.0
    """Pause between heartbeats; the server hangs up after 45."""
    connect_timeout_seconds: PositiveFloat = 10.0
    """For opening the socket: far more than a handshake takes, less than a person waits."""
    reconnect_seconds: PositiveFloat = 20.0
    """The longest pause between two attempts to connect: clients that ask three times a minute do
    not keep a server down that is just starting."""
    join_timeout_seconds: PositiveFloat = 10.0
    """For a join's answer; Papercups' own client waits as long."""
    push_timeout_seconds: PositiveFloat = 10.0
    """For the answer to any other push; Papercups' own client waits as long."""
    max_frame_bytes: PositiveInt = 16_777_216
    """A larger frame from the server ends the connection. The list of everybody online is one
    frame, of some 165 bytes for each visitor."""
    joins_per_second: PositiveFloat | None = None
    """Most conversations joined a second. Unset: as many as the server's answers allow; a reply
    to a customer waits some hundredths of a second for them at most."""


class FaqSettings(Group):
    """How the FAQ is searched. What it answers, and how surely, stands in the prompts folder."""

    embeddings: Annotated[Literal["auto", "none", "local", "provider"], Lowered] = "auto"
    """None: words alone; local: meanings, by models in this process; auto: that, unless the
    installation is slim; provider: the language model's provider, at /v1/embeddings."""
    embedding_model: Name = "text-embedding-3-small"
    """The provider's model for embeddings."""
    embedding_base_url: BaseUrl | None = None
    """The address of another provider, for embeddings alone. Unset: the language model's."""
    embedding_api_key: Key | None = None
    """The key for it; another provider never gets the language model's."""
    cache_dir: Folder | None = None
    """Keeps vectors, a model's weights (79 MB, for memory's sake), and how models' servers want to
    be asked; unset: the user's cache folder."""


class LLMSettings(Group):
    """Limits of the language model."""

    timeout_seconds: PositiveFloat = 20.0
    """For one answer, retries included: less than half of a turn's deadline."""
    max_tokens: PositiveInt = 400
    """Length of one answer: some 300 words, more than a chat window shows at once."""
    max_attempts: PositiveInt = 2
    """How often one answer is asked for: one failure is common, and more attempts would use up the
    time for one answer."""
    history_messages: NonNegativeInt = 20
    """Earlier messages of the conversation that the model is shown: what a question may refer to,
    at a bounded cost."""
    history_tokens: PositiveInt = 2000
    """Tokens of the conversation that the model is shown, about: a quarter of the window of the
    smallest models in use."""
    knowledge_tokens: PositiveInt = 3000
    """Tokens of passages that the model is shown, about: with the conversation, they fit into the
    window of the smallest models in use."""
    look_ups: NonNegativeInt = 2
    """Look-ups that the model may ask for before one answer, where tools.yaml has any for it: the
    second may rest on the first. Each is one more call, within the time for one answer."""
    structured: bool = True
    """Whether answers are asked for in a form (JSON), which names their sources. Models of less
    than a billion parameters write it badly."""
    mask_local: bool = True
    """Whether a model on this machine is shown no personal data either: its answers then do not
    depend on where it runs."""
    first_token_seconds: PositiveFloat | None = None
    """For the first sign of an answer; unset: as long as for all of it, since a local model may
    have to be loaded first."""
    concurrency: PositiveInt = 8
    """Answers under way at once; others wait for their turn within their time. Providers' lowest
    limits bear as many, and a local model none more."""
    fallback_models: Names = ()
    """Models to ask, in this order, where the first cannot be had; with commas between them."""
    fallback_base_url: BaseUrl | None = None
    """Where these are served. Unset: where the first is."""
    fallback_api_key: Key | None = None
    """The key there, where it is another server."""
    prices_file: Folder | None = None
    """A YAML file of prices by model, in US dollars for a million tokens. It goes before the
    package's own; a price that stands in neither is unknown."""
    day_tokens: PositiveInt | None = None
    """Tokens that may be spent in a day (of UTC); past them rules and FAQ go on alone."""
    day_usd: PositiveFloat | None = None
    """US dollars in a day, as far as prices are known."""
    conversation_tokens: PositiveInt | None = None
    """Tokens of one conversation in a day."""
    conversation_usd: PositiveFloat | None = None
    """US dollars of one conversation in a day."""
    customer_tokens: PositiveInt | None = None
    """Tokens of one customer in a day."""
    customer_usd: PositiveFloat | None = None
    """US dollars of one customer in a day."""


class NotifySettings(Group):
    """Telling people of a handoff outside Papercups."""

    url: WebhookUrl | None = None
    """A webhook that takes {"text": …}, as Slack's and Mattermost's do. Unset: nobody is told."""


class TracesSettings(Group):
    """Telling a collector what each turn has done, and how long it took (OpenTelemetry)."""

    endpoint: BaseUrl | None = None
    """A collector's address for OTLP over HTTP: http://localhost:4318. Unset: nothing is traced."""
    texts: bool = False
    """Whether spans hold what customers and models wrote, as far as it is masked for a model."""


class DrainSettings(Group):
    """Stopping."""

    grace_seconds: PositiveFloat = 20.0
    """Time after SIGTERM for turns that have begun: a language model's answer takes less, and it is
    less than the 30 seconds after which containers are usually killed."""
