"""Every setting, once: name, type, default and meaning. Reads nothing: see ``environment.py``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from agentbot.config.values import (
    BaseUrl,
    Email,
    Folder,
    Instants,
    Key,
    Lowered,
    Name,
    Names,
    Password,
    ServerUrl,
    StateUrl,
    WebhookUrl,
)
from agentbot.errors import ConfigurationError

NESTING = "__"


def variable_name(field: str) -> str:
    """Return the environment's name for a field of :class:`Settings`."""
    known_elsewhere = field.startswith(("papercups_", "openai_", "log_"))
    return (field if known_elsewhere else f"agentbot_{field}").upper()


class Group(BaseModel):
    """Nested settings: a name that is not one of them is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class HttpSettings(Group):
    """Where health and metrics are served."""

    host: Name = "127.0.0.1"
    """Address to listen on; 0.0.0.0 in a container."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port to listen on; 0 takes a free one."""


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
    retention_days: PositiveFloat = 90.0
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
    """Keeps vectors, and how models' servers want to be asked; unset: the user's cache folder."""


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


class DrainSettings(Group):
    """Stopping."""

    grace_seconds: PositiveFloat = 20.0
    """Time after SIGTERM for turns that have begun: a language model's answer takes less, and it is
    less than the 30 seconds after which containers are usually killed."""


@dataclass(frozen=True, slots=True)
class PapercupsLogin:
    """Where to log in, and as whom."""

    url: str
    email: str
    password: SecretStr


class Settings(BaseSettings):
    """All settings, validated. Reads nothing by itself: ``load_settings`` collects the values."""

    model_config = SettingsConfigDict(
        alias_generator=AliasGenerator(validation_alias=variable_name),
        env_nested_delimiter=NESTING,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    papercups_url: ServerUrl | None = None
    """The Papercups server, as in a browser's address bar: https://papercups.example.com."""
    papercups_email: Email | None = None
    """The login of the bot's own agent account."""
    papercups_password: Password | None = None
    """That account's password."""
    openai_api_key: Key | None = None
    """The key of the language model's provider."""
    openai_base_url: BaseUrl | None = None
    """Any OpenAI-compatible provider's address. Unset: OpenAI's own."""
    openai_model: Name = "gpt-4.1-mini"
    """The model to ask."""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Lowered] = "info"
    """The least level that is logged."""
    log_format: Annotated[Literal["auto", "json", "pretty"], Lowered] = "auto"
    """``auto`` is pretty on a terminal and JSON elsewhere."""
    prompts_dir: Folder = Path("prompts")
    """The folder with what the bot says, and when. Unset: ./prompts, else the example."""
    allow_example_prompts: bool = False
    """Whether `run` may answer as the example shop on another machine's Papercups."""
    state_url: StateUrl = SecretStr("sqlite:///agentbot.db")
    """Where claims and the journal are kept; ``postgresql://`` for several replicas."""
    mode: Annotated[Literal["reply", "suggest", "dry_run"], Lowered] = "reply"
    """``reply`` to the customer, ``suggest`` in a private note, or ``dry_run``: only to the log."""
    http: HttpSettings = HttpSettings()
    reply: ReplySettings = ReplySettings()
    receipts: ReceiptsSettings = ReceiptsSettings()
    turns: TurnsSettings = TurnsSettings()
    catch_up: CatchUpSettings = CatchUpSettings()
    state: StateSettings = StateSettings()
    rest: RestSettings = RestSettings()
    socket: SocketSettings = SocketSettings()
    faq: FaqSettings = FaqSettings()
    llm: LLMSettings = LLMSettings()
    notify: NotifySettings = NotifySettings()
    drain: DrainSettings = DrainSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what the caller passes, and none of the places that pydantic-settings would."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @property
    def llm_configured(self) -> bool:
        """Whether there is a language model to ask: a key, or a server that needs none."""
        return self.openai_api_key is not None or self.openai_base_url is not None

    def secrets(self) -> list[str]:
        """Return the values that must never show: of an address those parts that are secret."""
        groups = [self, *(value for _, value in self if isinstance(value, Group))]
        values = (value for group in groups for _, value in group)
        found = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        urls = (self.openai_base_url, self.faq.embedding_base_url)
        found += [url for url in urls if url and urlsplit(url).password]
        return [part for value in found for part in _secret_parts(value)]

    def papercups_login(self) -> PapercupsLogin:
        """Return where to log in. Raises ``ConfigurationError`` naming what is not set."""
        url, email, password = self.papercups_url, self.papercups_email, self.papercups_password
        if url is None or email is None or password is None:
            values = {"URL": url, "EMAIL": email, "PASSWORD": password}
            missing = [f"PAPERCUPS_{name}" for name, value in values.items() if value is None]
            remedy = (
                "set it in the environment or in .env, which `agentbot init` writes;"
                " `agentbot demo` needs none of it"
            )
            raise ConfigurationError(", ".join(missing), "not set", remedy)
        return PapercupsLogin(url, email, password)


def _secret_parts(value: str) -> list[str]:
    """Return the password of a database's address, the way within a web address, else the value."""
    if "://" not in value:
        return [value]
    try:
        parts = urlsplit(value)
    except ValueError:
        return [value]
    passwords = [parts.password, unquote(parts.password)] if parts.password else []
    if parts.scheme in {"http", "https"}:
        return [*passwords, value, f"{parts.path}?{parts.query}".strip("/?")]
    return passwords
