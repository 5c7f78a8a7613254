"""Every setting, once: name, type, default and meaning. Reads nothing: see ``environment.py``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    AliasGenerator,
    SecretStr,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from agentbot.config.groups import (
    CatchUpSettings,
    DrainSettings,
    FaqSettings,
    Group,
    HttpSettings,
    LLMSettings,
    NotifySettings,
    ReceiptsSettings,
    ReplySettings,
    RestSettings,
    SocketSettings,
    StateSettings,
    TracesSettings,
    TurnsSettings,
)
from agentbot.config.values import (
    BaseUrl,
    Email,
    Folder,
    Key,
    Lowered,
    Name,
    Password,
    ServerUrl,
    StateUrl,
)
from agentbot.errors import ConfigurationError

NESTING = "__"


def variable_name(field: str) -> str:
    """Return the environment's name for a field of :class:`Settings`."""
    known_elsewhere = field.startswith(("papercups_", "openai_", "log_"))
    return (field if known_elsewhere else f"agentbot_{field}").upper()


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
    traces: TracesSettings = TracesSettings()
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

    @property
    def state_is_shared(self) -> bool:
        """Whether other replicas may have the same state: a file of SQLite's is one bot's alone."""
        return not self.state_url.get_secret_value().startswith("sqlite:")

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
    """Return the password of a database's address, the way within a web address, else the value.

    Of the way its last part by itself too: that is what makes a webhook's address hard to guess.
    """
    if "://" not in value:
        return [value]
    try:
        parts = urlsplit(value)
    except ValueError:
        return [value]
    passwords = [parts.password, unquote(parts.password)] if parts.password else []
    if parts.scheme in {"http", "https"}:
        within = f"{parts.path}?{parts.query}".strip("/?")
        return [*passwords, value, within, within.rpartition("/")[2]]
    return passwords
