"""Reading the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.config import load_settings
from agentbot.errors import ConfigurationError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with a prompts folder in it."""
    (tmp_path / "prompts").mkdir()
    return tmp_path


def refusal(environ: dict[str, str], folder: Path) -> str:
    """Load what must be refused; return what the operator reads."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ, folder=folder)
    return str(caught.value)


def test_defaults_need_no_variable(folder: Path) -> None:
    """An empty environment gives the documented defaults."""
    settings = load_settings({}, folder=folder)

    assert settings.http.host == "127.0.0.1"
    assert settings.state_url.get_secret_value() == "sqlite:///agentbot.db"
    assert settings.prompts_dir == folder / "prompts"
    assert not settings.llm_configured


def test_environment_wins_over_env_file(folder: Path) -> None:
    """A variable of the environment beats the same one in .env; others come from .env."""
    (folder / ".env").write_text("AGENTBOT_HTTP__PORT=1\nAGENTBOT_MODE=suggest\n")

    settings = load_settings({"AGENTBOT_HTTP__PORT": "2"}, folder=folder)

    assert settings.http.port == 2
    assert settings.mode == "suggest"


def test_foreign_variables_are_let_be(folder: Path) -> None:
    """A .env that is shared with other programs is fine."""
    (folder / ".env").write_text("DATABASE_URL=postgres://x\nBACKEND_URL=y\n")

    load_settings(
        {"PATH": "/bin", "LOGNAME": "me", "LOG_DIR": "logs", "RUST_LOG_LEVEL": "x"}, folder=folder
    )


def test_empty_means_unset(folder: Path) -> None:
    """An empty value, as compose files pass for what is not set, counts as none."""
    settings = load_settings({"OPENAI_API_KEY": "", "AGENTBOT_HTTP__PORT": ""}, folder=folder)

    assert settings.openai_api_key is None
    assert settings.http.port == 8080


def test_dollar_signs_in_env_file_stand(folder: Path) -> None:
    """A password in .env is taken as written, not expanded."""
    (folder / ".env").write_text("PAPERCUPS_PASSWORD=a${HOME}b$c\n")

    password = load_settings({}, folder=folder).papercups_password

    assert password is not None
    assert password.get_secret_value() == "a${HOME}b$c"


@pytest.mark.parametrize("where", ["environment", "file"])
def test_unknown_name_is_refused_with_a_guess(folder: Path, where: str) -> None:
    """A mistyped AGENTBOT_ variable is an error that names the likely one."""
    environ = {"AGENTBOT_HTPP__PORT": "1"} if where == "environment" else {}
    if where == "file":
        (folder / ".env").write_text("AGENTBOT_HTPP__PORT=1\n")

    said = refusal(environ, folder)

    assert "AGENTBOT_HTPP__PORT" in said
    assert "did you mean AGENTBOT_HTTP__PORT?" in said


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PAPERCUPS_ULR", "PAPERCUPS_URL"),
        ("PAPERCUPS_PASSWD", "PAPERCUPS_PASSWORD"),
        ("PAPERCUP_URL", "PAPERCUPS_URL"),
        ("papercups_emial", "PAPERCUPS_EMAIL"),
        ("OPENAI_BASEURL", "OPENAI_BASE_URL"),
        ("OPENAI_API_BASE", "OPENAI_BASE_URL"),
        ("OPENAPI_BASE_URL", "OPENAI_BASE_URL"),
        ("OPEN_AI_API_KEY", "OPENAI_API_KEY"),
        ("OPENAI_KEY", "OPENAI_API_KEY"),
        ("LOG_LEVLE", "LOG_LEVEL"),
        ("LOGLEVEL", "LOG_LEVEL"),
        ("LOG_FORMT", "LOG_FORMAT"),
        ("AGENT_BOT_MODE", "AGENTBOT_MODE"),
        ("papercups_url", "PAPERCUPS_URL"),
        ("log_level", "LOG_LEVEL"),
        ("AGENTBOT_LOG_LEVEL", "LOG_LEVEL"),
        ("PAPERCUPS_USER", "PAPERCUPS_EMAIL"),
        ("OPENAI_TIMEOUT", "AGENTBOT_LLM__TIMEOUT_SECONDS"),
    ],
)
@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_slip_in_any_name_is_refused(folder: Path, name: str, meant: str, where: str) -> None:
    """In the environment as in .env: else what was meant is not set, in silence."""
    environ = {name: "x"} if where == "environment" else {}
    if where == "file":
        (folder / ".env").write_text(f"{name}=x\n")

    assert f"{name}: there is no such setting (did you mean {meant}?)" in refusal(environ, folder)


@pytest.mark.parametrize("name", ["AGENTBOT_HTTP", "AGENTBOT_HTTP__PROT", "AGENTBOT_TEAPOT"])
def test_no_other_name_gets_in(folder: Path, name: str) -> None:
    """Neither a group as a whole, nor an unknown member, nor an unknown group is accepted."""
    assert name in refusal({name: "{broken"}, folder)


@pytest.mark.parametrize("name", ["AGENTBOT_FOO", "AGENTBOT_DB", "PAPERCUPS_FOO"])
def test_no_setting_is_guessed_from_the_prefix_alone(folder: Path, name: str) -> None:
    """What all names have in common is no likeness."""
    assert f"{name}: there is no such setting (see .env.example" in refusal({name: "x"}, folder)


def test_all_problems_are_listed_at_once(folder: Path) -> None:
    """The operator sees every mistake in one go, each under its variable's name."""
    said = refusal(
        {
            "PAPERCUPS_URL": "papercups.example.com",
            "AGENTBOT_HTTP__PORT": "eighty",
            "AGENTBOT_TURNS__MAX_SECONDS": "0.1",
            "AGENTBOT_CATCH_UP__FRESH_AFTER_SECONDS": "1,soon",
            "LOG_LEVEL": "loud",
        },
        folder,
    )

    assert said.startswith("settings: 5 things are wrong")
    for expected in (
        "PAPERCUPS_URL: write a web address",
        "AGENTBOT_HTTP__PORT: should be a valid integer",
        "AGENTBOT_TURNS: must hold",
        "AGENTBOT_CATCH_UP__FRESH_AFTER_SECONDS: should be a valid number",
        "LOG_LEVEL: should be 'debug', 'info', 'warning' or 'error' (default: info)",
    ):
        assert expected in said


@pytest.mark.parametrize(
    "environ",
    [
        {"PAPERCUPS_URL": "https://bot:hunter2@example.com"},
        {"PAPERCUPS_URL": "hunter2"},
        {"AGENTBOT_STATE_URL": "mysql://bot:hunter2@db/x"},
        {"PAPERCUPS_EMAIL": "hunter2"},
        {"AGENTBOT_HTTP__PORT": "hunter2"},
        {"AGENTBOT_HTTPS__PORT": "hunter2"},
    ],
)
def test_no_value_is_repeated(folder: Path, environ: dict[str, str]) -> None:
    """What was set is not echoed: it may be a secret in the wrong place."""
    assert "hunter2" not in refusal(environ, folder)


def test_secret_from_a_file(folder: Path) -> None:
    """A secret's _FILE variable names a file; the line's end is not part of the secret."""
    (folder / "password").write_text("hunter2\n")

    settings = load_settings(
        {"PAPERCUPS_PASSWORD_FILE": str(folder / "password")},
        folder=folder,
    )

    assert settings.papercups_password is not None
    assert settings.papercups_password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_secret_twice_is_refused(folder: Path) -> None:
    """A secret that is given both ways is ambiguous."""
    environ = {"OPENAI_API_KEY": "hunter2", "OPENAI_API_KEY_FILE": "key"}

    assert refusal(environ, folder) == (
        "OPENAI_API_KEY_FILE: OPENAI_API_KEY is set as well (set one of the two)"
    )


def test_secret_file_must_be_readable(folder: Path) -> None:
    """A missing file, and one that is no text, are named."""
    (folder / "noise").write_bytes(b"\xff\xfe\x00")

    assert "No such file" in refusal({"OPENAI_API_KEY_FILE": str(folder / "none")}, folder)
    assert "not UTF-8" in refusal({"OPENAI_API_KEY_FILE": str(folder / "noise")}, folder)


def test_only_secrets_come_from_files(folder: Path) -> None:
    """A _FILE name for what is no secret is an unknown name."""
    assert "there is no such setting" in refusal({"AGENTBOT_MODE_FILE": "x"}, folder)


def test_missing_prompts_folder_is_refused(folder: Path) -> None:
    """A prompts folder that was asked for must be there."""
    assert "AGENTBOT_PROMPTS_DIR: there is no folder" in refusal(
        {"AGENTBOT_PROMPTS_DIR": "texts"}, folder
    )


def test_what_cannot_be_looked_at_is_no_folder(folder: Path) -> None:
    """No traceback where the operating system refuses the very look."""
    assert "there is no folder" in refusal({"AGENTBOT_PROMPTS_DIR": "x" * 300}, folder)


def test_an_env_file_that_is_no_text_is_named(folder: Path) -> None:
    """Some editors save UTF-16."""
    (folder / ".env").write_text("AGENTBOT_MODE=suggest\n", encoding="utf-16")
    assert ".env: cannot be read: it is not UTF-8 text" in refusal({}, folder)


@pytest.mark.parametrize(
    "line",
    [
        "AGENTBOT_MODE: suggest",
        "AGENTBOT MODE=suggest",
        "set AGENTBOT_MODE=suggest",
        "AGENTBOT_MODE='suggest",
        "AGENTBOT_MODE",
    ],
)
def test_a_line_of_the_env_file_that_sets_nothing_is_named(folder: Path, line: str) -> None:
    """By its number: else the bot would run in another mode than the one that was written."""
    (folder / ".env").write_text(f"# settings\n{line}\n")

    said = refusal({}, folder)

    assert said == f"{folder / '.env'}:2: sets nothing (write NAME=value, or # before it)"


def test_an_env_file_as_editors_write_it(folder: Path) -> None:
    """A byte order mark, lines that end as on Windows, and names that nobody gives a value."""
    (folder / ".env").write_bytes(b"\xef\xbb\xbfAGENTBOT_MODE=suggest\r\n\r\nSHELL_NAME\r\n")
    assert load_settings({}, folder=folder).mode == "suggest"


def test_an_env_file_must_be_a_file(folder: Path) -> None:
    """Docker makes a folder of what it shall mount and does not find."""
    (folder / ".env").mkdir()
    assert ".env: cannot be read: Is a directory" in refusal({}, folder)


@pytest.mark.parametrize(
    ("content", "problem"), [("", "is empty"), (" \n", "is empty"), ("one\ntwo\n", "one line")]
)
def test_a_secrets_file_holds_one_secret(folder: Path, content: str, problem: str) -> None:
    """An empty file would pass for a secret that was never set."""
    (folder / "secret").write_text(content)
    said = refusal({"PAPERCUPS_PASSWORD_FILE": str(folder / "secret")}, folder)

    assert said.startswith("PAPERCUPS_PASSWORD_FILE: ")
    assert problem in said


def test_a_byte_order_mark_is_no_part_of_a_secret(folder: Path) -> None:
    """An editor has put it there."""
    (folder / "secret").write_bytes(b"\xef\xbb\xbfhunter2\r\n")
    settings = load_settings({"PAPERCUPS_PASSWORD_FILE": f" {folder}/secret\r"}, folder=folder)

    assert settings.papercups_password is not None
    assert settings.papercups_password.get_secret_value() == "hunter2"


def test_a_tilde_is_the_users_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell has replaced it in a file."""
    monkeypatch.setenv("HOME", str(folder))
    (folder / "secret").write_text("hunter2")
    environ = {"AGENTBOT_PROMPTS_DIR": "~/prompts", "OPENAI_API_KEY_FILE": "~/secret"}

    settings = load_settings(environ, folder=folder / "prompts")

    assert settings.prompts_dir == folder / "prompts"
    assert settings.openai_api_key is not None


def test_prompts_folder_that_ships_is_the_last_resort(tmp_path: Path) -> None:
    """Without a ./prompts the folder that ships with agentbot is used."""
    assert (load_settings({}, folder=tmp_path).prompts_dir / "system.md").is_file()
