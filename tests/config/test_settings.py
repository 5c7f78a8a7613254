"""The settings themselves, and their public list, .env.example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from agentbot.config import Settings, Variable, load_settings, variables
from agentbot.config.groups import NotifySettings, SocketSettings
from agentbot.errors import ConfigurationError

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def documented() -> dict[str, str]:
    """The variables that .env.example shows, set or commented out, with their values."""
    lines = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", EXAMPLE.read_text(), flags=re.MULTILINE)
    return dict(lines)


def test_example_shows_exactly_the_settings() -> None:
    """Every setting stands in .env.example, and nothing else does."""
    assert set(documented()) == {variable.name for variable in variables()}


def test_example_shows_the_defaults(tmp_path: Path) -> None:
    """Uncommented, .env.example changes nothing."""
    (tmp_path / "prompts").mkdir()

    assert load_settings(documented(), folder=tmp_path) == load_settings({}, folder=tmp_path)


@pytest.mark.parametrize("variable", list(variables()), ids=lambda variable: variable.name)
def test_units_stand_in_names(variable: Variable) -> None:
    """A duration's, a size's or a sum's name ends in its unit."""
    units = ("_seconds", "_hours", "_days", "_bytes", "_per_second", "_usd")
    is_float = "float" in str(variable.field.annotation)

    assert not is_float or variable.path[-1].endswith(units)


def test_secrets_do_not_show() -> None:
    """Neither repr nor str of the settings gives a secret away."""
    settings = Settings(
        papercups_password=SecretStr("hunter2"),
        openai_api_key=SecretStr("hunter2"),
        state_url=SecretStr("postgresql://bot:hunter2@db/x"),
        notify=NotifySettings(url=SecretStr("https://hooks.example.com/hunter2")),
    )

    assert "hunter2" not in f"{settings!r}{settings}"


@pytest.mark.parametrize("url", ["hooks.example.com/x", "ftp://hooks.example.com", "https://"])
def test_a_webhook_is_a_web_address(url: str) -> None:
    """And is not shown where it is wrong: what is left of it may be the secret."""
    with pytest.raises(ValidationError, match="write the webhook's web address"):
        NotifySettings(url=SecretStr(url))


def test_reads_nothing_by_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings built in a test do not depend on whoever runs it."""
    monkeypatch.setenv("PAPERCUPS_URL", "https://elsewhere.example.com")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OPENAI_MODEL=other\n")

    assert Settings() == Settings(papercups_url=None, openai_model="gpt-4.1-mini")


def test_server_url_loses_its_last_slash() -> None:
    """Paths are appended to it."""
    assert Settings(papercups_url="https://x.example.com/").papercups_url == "https://x.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "x.example.com",
        "wss://x.example.com",
        "https://",
        "https://x.example.com/conversations/all",
        "https://x.example.com:port",
        "https://x.example.com:99999",
        "https://x example.com",
        "https://[::1",
        '"https://x.example.com"',
    ],
)
def test_server_url_is_scheme_and_host(url: str) -> None:
    """Anything but a web address without a path is refused."""
    with pytest.raises(ValidationError, match=r"https://papercups\.example\.com"):
        Settings(papercups_url=url)


def test_base_url_may_have_a_path() -> None:
    """A provider's address ends in /v1, mostly; it makes the language model available."""
    settings = Settings(openai_base_url="http://127.0.0.1:1234/v1/")

    assert settings.openai_base_url == "http://127.0.0.1:1234/v1"
    assert settings.llm_configured


def test_login_names_what_is_missing() -> None:
    """What `run` needs and `check` does not is asked for when it is needed."""
    with pytest.raises(ConfigurationError) as caught:
        Settings(papercups_url="https://x.example.com").papercups_login()

    assert caught.value.place == "PAPERCUPS_EMAIL, PAPERCUPS_PASSWORD"


def test_login() -> None:
    """A complete login is handed out as one value."""
    login = Settings(
        papercups_url="https://x.example.com",
        papercups_email="bot@example.com",
        papercups_password=SecretStr("hunter2"),
    ).papercups_login()

    assert (login.url, login.email) == ("https://x.example.com", "bot@example.com")


def test_heartbeat_stays_below_the_servers_limit() -> None:
    """The server hangs up after 45 s without a byte."""
    with pytest.raises(ValidationError):
        SocketSettings(heartbeat_seconds=45)


@pytest.mark.parametrize("variable", list(variables()), ids=lambda variable: variable.name)
def test_every_setting_is_read(variable: Variable) -> None:
    """A setting that nothing reads would promise what it cannot hold."""
    package = EXAMPLE.parent / "agentbot"
    readers = [path for path in package.rglob("*.py") if path.parent.name != "config"]
    reading = re.compile(rf"\.{variable.path[-1]}\b")

    # The three that a login is made of are read by it, in Settings itself.
    assert variable.path[0].startswith("papercups_") or any(
        reading.search(path.read_text()) for path in readers
    )


@pytest.mark.parametrize("around", ["{}\n", " {} ", "\ufeff{}\r\n", "\t{}\u00a0"])
def test_white_space_around_a_value_is_left_out(around: str) -> None:
    """Files and copying bring it along; a key with it cannot be sent."""
    settings = load_settings(
        {
            "OPENAI_API_KEY": around.format("sk-verysecretkey123"),
            "OPENAI_BASE_URL": around.format("http://model:8000/v1"),
            "OPENAI_MODEL": around.format("small"),
            "PAPERCUPS_URL": around.format("https://papercups.example.com"),
            "PAPERCUPS_EMAIL": around.format("bot@example.com"),
            "PAPERCUPS_PASSWORD": " my pass word \n",
            "AGENTBOT_MODE": around.format("Suggest"),
            "LOG_LEVEL": around.format("DEBUG"),
        }
    )
    assert (settings.mode, settings.log_level) == ("suggest", "debug")
    assert settings.openai_api_key == SecretStr("sk-verysecretkey123")
    assert settings.openai_base_url == "http://model:8000/v1"
    assert settings.openai_model == "small"
    assert settings.papercups_url == "https://papercups.example.com"
    assert settings.papercups_email == "bot@example.com"
    assert settings.papercups_password == SecretStr(" my pass word ")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ('"sk-key"', "quotation marks"),
        ("Bearer sk-key", "Bearer"),
        ("sk-one sk-two", "a space, a line break"),
        ("sk-one\nsk-two", "a space, a line break"),
        ("sk-schlüssel", "a sign that no key has"),
        (" \n", "nothing but white space"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused_by_name(key: str, problem: str) -> None:
    """At the start, and without a word of it."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_settings({"OPENAI_API_KEY": key})
    assert caught.value.place == "OPENAI_API_KEY"
    assert "sk-" not in str(caught.value)


@pytest.mark.parametrize("rest", ["chat/completions", "models", "responses/", "?version=1"])
def test_a_base_url_ends_with_the_version(rest: str) -> None:
    """The client adds the rest."""
    with pytest.raises(ConfigurationError, match="leave out what comes after the version"):
        load_settings({"OPENAI_BASE_URL": f"http://model:8000/v1/{rest}"})


def test_a_model_has_a_name() -> None:
    """White space is none, and is not sent as one."""
    with pytest.raises(ConfigurationError, match="OPENAI_MODEL: holds nothing but white space"):
        load_settings({"OPENAI_MODEL": "  "})


@pytest.mark.parametrize(
    "email", ["bot", '"bot@example.com"', "Bot <bot@example.com>", "bot @example.com"]
)
def test_an_email_address_stands_alone(email: str) -> None:
    """The server would only say that the login is wrong."""
    with pytest.raises(ConfigurationError, match="PAPERCUPS_EMAIL: write the e-mail address"):
        load_settings({"PAPERCUPS_EMAIL": email})


def test_the_secret_parts_of_the_settings() -> None:
    """Of an address the password alone: its host must stay readable."""
    settings = Settings(
        papercups_password=SecretStr("hunter2"),
        openai_api_key=SecretStr("sk-key"),
        openai_base_url="https://me:pass1@model/v1",
        state_url=SecretStr("postgresql://bot:p%40ss@db/x"),
        notify=NotifySettings(url=SecretStr("https://hooks.example.com/services/T0/k3y")),
    )
    assert {"hunter2", "sk-key", "p%40ss", "p@ss", "pass1"} <= set(settings.secrets())
    assert {"services/T0/k3y", "k3y"} <= set(settings.secrets())
    assert "db" not in " ".join(settings.secrets())
    assert Settings().secrets() == []


@pytest.mark.parametrize(
    ("url", "is_shared"),
    [
        ("sqlite:///agentbot.db", False),
        ("sqlite:///:memory:", False),
        ("postgresql://bot@db/x", True),
    ],
)
def test_a_database_may_be_shared_and_a_file_is_not(url: str, *, is_shared: bool) -> None:
    """Replicas need the first."""
    assert load_settings({"AGENTBOT_STATE_URL": url}).state_is_shared is is_shared
