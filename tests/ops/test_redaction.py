"""Secrets in use get out nowhere, and what only looks like one stays."""

from __future__ import annotations

import io
from collections.abc import Iterator

import orjson
import pytest

from agentbot.ops.redaction import (
    REDACTED,
    Secrets,
    is_telling,
    redact,
    redact_json,
    redacted,
    use_secrets,
)

KEY = "sk-verysecretkey123"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave the process without secrets."""
    yield
    use_secrets(())


@pytest.mark.parametrize(
    "secret", [KEY, "hunter2", "correct horse", "Tr0ub4dor&3", "correcthorsebattery", "pässword1"]
)
@pytest.mark.parametrize(
    "text",
    ["{}", "the key is {}.", "b'Bearer {}\\n'", "?token={}&x=1", "https://bot:{}@host/x", "({}),"],
)
def test_a_secret_shows_nowhere(secret: str, text: str) -> None:
    """Whatever stands around it."""
    assert Secrets([secret]).redact(text.format(secret)) == text.format(REDACTED)


def test_a_long_one_is_found_within_words() -> None:
    """It stands there on purpose."""
    assert Secrets([KEY]).redact(f"x{KEY}y") == f"x{REDACTED}y"


def test_a_secret_is_known_as_others_write_it() -> None:
    """In addresses, in JSON, in Python's own texts."""
    secrets = Secrets(['p"a/s\\s w0rd'])
    assert secrets.redact("postgresql://bot:p%22a%2Fs%5Cs%20w0rd@db/x") == (
        f"postgresql://bot:{REDACTED}@db/x"
    )
    assert secrets.redact(r'{"password": "p\"a/s\\s w0rd"}') == f'{{"password": "{REDACTED}"}}'


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("papercups", "https://papercups.example.com refused the bot: ask papercups"),
        ("Papercups", "Papercups is away"),
        ("norway", "we ship to norway"),
        ("password", "I forgot my password"),
        ("12345678", "order 12345678"),
        ("key", "the key is under the mat"),
        ("papercups1", "https://papercups1.example.com/api"),
        ("papercups1", "https://papercups1/api"),
        ("papercups1", "https://bot@papercups1:443/api"),
        ("papercups1", "db.papercups1.svc, bot@papercups1 and papercups1.example.com"),
        ("hunter2", "hunter22 and xhunter2"),
    ],
)
def test_what_anybody_might_write_stays(secret: str, text: str) -> None:
    """A common word, a date, a host's name, a part of another word."""
    assert Secrets([secret]).redact(text) == text


def test_a_secret_beside_a_host_of_its_name() -> None:
    """The password goes, the host stays."""
    said = Secrets(["papercups1"]).redact("https://bot:papercups1@papercups1/x")
    assert said == f"https://bot:{REDACTED}@papercups1/x"


def test_telling() -> None:
    """Long enough, or of several kinds of signs."""
    assert is_telling("x7Kq2p")
    assert not is_telling("x7K")
    assert not is_telling("Swordfish")


def test_all_of_a_process_goes_by_the_secrets_in_use() -> None:
    """Texts, JSON at any depth, and streams; those said last count."""
    use_secrets(["hunter2"])
    use_secrets([KEY])
    assert redact(f"{KEY} hunter2") == f"{REDACTED} hunter2"
    assert redact_json({"a": [f"x {KEY}", 5, None, ({"b": KEY},)]}) == {
        "a": [f"x {REDACTED}", 5, None, ({"b": REDACTED},)]
    }
    assert redact_json([f"{KEY} \ud800", {"a": object}]) == [f"{REDACTED} \ud800", {"a": object}]
    stream = io.StringIO()
    guarded = redacted(stream)
    assert guarded.write(f"{KEY}\n") == len(KEY) + 1
    guarded.writelines([KEY, "\n"])
    print(f"the key {KEY}", file=guarded)
    assert stream.getvalue() == f"{REDACTED}\n{REDACTED}\nthe key {REDACTED}\n"
    assert guarded.isatty() is False


def test_what_moves_a_terminal_is_written_out() -> None:
    """So that JSON stays JSON of the same meaning; colours pass."""
    stream = io.StringIO()
    guarded = redacted(stream)
    guarded.write("\x1b[31mred\x1b[0m\x1b[2J\n")
    guarded.write(orjson.dumps("a\x85b\x7f").decode())
    coloured, written = stream.getvalue().split("\n")
    assert coloured == "\x1b[31mred\x1b[0m\\u001b[2J"
    assert written == '"a\\u0085b\\u007f"'
    assert orjson.loads(written) == "a\x85b\x7f"


@pytest.mark.parametrize("secret", ['pä"ss\\w0rd', "pass\tw0rd", "pä\u2028sswörd1", KEY])
def test_a_secret_within_json_is_found_however_it_is_written(secret: str) -> None:
    """With what JSON writes otherwise: quotation marks, letters beyond ASCII, ends of lines."""
    use_secrets([secret])
    told = {"trace": [{"text": f"it was {secret}."}], "usd": 0.5}
    assert redact_json(told) == {"trace": [{"text": f"it was {REDACTED}."}], "usd": 0.5}
    harmless = {"trace": [{"text": "nothing"}]}
    assert redact_json(harmless) == harmless


def test_without_secrets_nothing_changes() -> None:
    """Nor is anything looked for."""
    assert redact("anything at all") == "anything at all"
