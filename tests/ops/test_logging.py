"""Logs: one pipeline for all, and no secret in it."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any, Literal

import orjson
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from agentbot.ops.logging import Redactor, configure_logging
from agentbot.ops.redaction import REDACTED, is_telling
from tests.support.logs import logging_restored


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave the process's logging as it was."""
    with logging_restored():
        yield


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The JSON lines that were logged."""
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_json_line_holds_event_level_time_and_context() -> None:
    """An event is one JSON object; what is bound in the context stands in it."""
    stream = io.StringIO()
    configure_logging(format="json", stream=stream)

    with structlog.contextvars.bound_contextvars(conversation_id="c1", message_id="m1"):
        structlog.get_logger().info("replied", by="rule")

    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "message": "replied",
        "level": "info",
        "by": "rule",
        "conversation_id": "c1",
        "message_id": "m1",
    }


def test_auto_is_json_where_nobody_looks() -> None:
    """Without a terminal the automatic format is JSON."""
    stream = io.StringIO()
    configure_logging(stream=stream)

    structlog.get_logger().info("hello")

    assert lines(stream)[0]["message"] == "hello"


def test_pretty_is_for_reading() -> None:
    """The pretty format writes the event and its values in plain text."""
    stream = io.StringIO()
    configure_logging(format="pretty", stream=stream)

    structlog.get_logger().info("replied", by="rule")

    assert "replied" in stream.getvalue()
    assert "by=rule" in stream.getvalue()
    assert "\x1b[" not in stream.getvalue()


def test_pretty_is_one_line_an_event_whatever_a_library_says() -> None:
    """Nothing in it moves the terminal, or passes for a line of its own."""
    stream = io.StringIO()
    configure_logging(format="pretty", stream=stream)

    logging.getLogger("theirs").warning("cleared \x1b[2J\r\nand [error] made up", extra={})

    (line,) = stream.getvalue().splitlines()
    assert "cleared \\u001b[2J\\nand [error] made up" in line


def test_level_filters_ours_and_theirs() -> None:
    """Below the level nothing is written, whoever logs it."""
    stream = io.StringIO()
    configure_logging(level="warning", format="json", stream=stream)

    structlog.get_logger().info("quiet")
    logging.getLogger("somewhere").info("quiet")
    structlog.get_logger().warning("loud")
    logging.getLogger("somewhere").error("loud")

    assert [line["message"] for line in lines(stream)] == ["loud", "loud"]


def test_libraries_share_the_pipeline() -> None:
    """A record of the standard library comes out as a line like ours, with its logger's name."""
    stream = io.StringIO()
    configure_logging(format="json", stream=stream)

    logging.getLogger("asyncpg").info("connected to %s", "db")

    (line,) = lines(stream)
    assert (line["message"], line["logger"], line["level"]) == (
        "connected to db",
        "asyncpg",
        "info",
    )


def test_made_up_levels_are_rounded_down() -> None:
    """A library's level without a name of ours is still written."""
    stream = io.StringIO()
    configure_logging(format="json", stream=stream)

    logging.getLogger("x").log(25, "between")

    assert lines(stream)[0]["level"] == "info"


@pytest.mark.parametrize("name", ["httpx2", "websockets.client", "uvicorn.access"])
def test_chatty_libraries_are_hushed(name: str) -> None:
    """A line a request is for debugging."""
    stream = io.StringIO()
    configure_logging(format="json", stream=stream)

    logging.getLogger(name).info("GET / 200")

    assert stream.getvalue() == ""


def test_warnings_are_logged() -> None:
    """What Python warns of reaches the log."""
    stream = io.StringIO()
    configure_logging(format="json", stream=stream)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("careful", UserWarning, stacklevel=1)

    assert "careful" in lines(stream)[0]["message"]


def test_a_record_that_cannot_be_formatted_stops_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A library's broken log call is reported, not raised."""
    configure_logging(format="json", stream=io.StringIO())

    logging.getLogger("x").error("%d", "no number")

    assert "no number" in capsys.readouterr().err


def test_exceptions_are_logged_without_secrets() -> None:
    """A traceback is part of the event, and is redacted like the rest."""
    stream = io.StringIO()
    configure_logging(format="json", stream=stream, secrets=["correct horse"])

    try:
        raise ValueError("bad login: correct horse")
    except ValueError:
        structlog.get_logger().exception("failed")

    (line,) = lines(stream)
    assert "ValueError: bad login" in line["exception"]
    assert "correct horse" not in stream.getvalue()


@pytest.mark.parametrize("format_name", ["json", "pretty"])
def test_secrets_stay_in_for_libraries_too(format_name: Literal["json", "pretty"]) -> None:
    """The redaction is at the pipeline's end, so no format and no source gets around it."""
    stream = io.StringIO()
    configure_logging(format=format_name, stream=stream)

    logging.getLogger("x").warning("GET /socket/websocket?token=SFMyNTY.abc.def&vsn=2.0.0")
    structlog.get_logger().warning("login", body={"user": {"password": "hunter2"}})

    assert "abc" not in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert "vsn=2.0.0" in stream.getvalue()


@pytest.mark.parametrize(
    "event",
    [
        {"password": "hunter2"},
        {"PAPERCUPS_PASSWORD": "hunter2"},
        {"renew_token": "hunter2"},
        {"api_key": "hunter2"},
        {"headers": {"Authorization": "hunter2"}},
        {"bodies": [{"data": {"token": "hunter2"}}]},
        {"url": "wss://x/socket/websocket?vsn=2.0.0&token=hunter2"},
        {"url": "postgresql://bot:hunter2@db/x"},
        {"header": "authorization: hunter2"},
        {"headers": "[(b'authorization', b'hunter2')]"},
        {"header": "Bearer hunter2"},
        {"body": '{"renew_token": "hunter2"}'},
        {"error": ValueError("Authorization: hunter2")},
        {"key": "sk-hunter2-0123"},
        {"token_object": SecretStr("hunter2")},
    ],
    ids=str,
)
def test_secret_is_redacted(event: dict[str, Any]) -> None:
    """A secret is recognised by its key, at any depth, or by its looks."""
    assert "hunter2" not in str(Redactor()(None, "info", event))


@pytest.mark.parametrize(
    "event",
    [
        {"prompt_tokens": 120, "max_tokens": 400},
        {"message": "I forgot my password, what now?"},
        {"url": "https://papercups.example.com/api/conversations?limit=50"},
        {"reason": "rule: shipping", "seconds": 1.5, "ok": True, "nothing": None},
        {"message": "the key is under the mat"},
    ],
    ids=str,
)
def test_plain_facts_stay(event: dict[str, Any]) -> None:
    """Redaction leaves alone what is no secret."""
    assert Redactor()(None, "info", dict(event)) == event


@given(
    st.text(alphabet=st.characters(exclude_characters='"\\'), min_size=6).filter(is_telling),
    st.sampled_from(["plain {}", "?token={}&x", "({})", "{} {}", '{{"a": "{}"}}']),
)
def test_known_secrets_never_show(secret: str, pattern: str) -> None:
    """A secret in use is blotted out wherever it stands in a text."""
    redacted = str(Redactor([secret])(None, "info", {"event": pattern.format(secret, secret)}))

    assert secret not in redacted.replace(REDACTED, "")


_PIECES = st.sampled_from(
    [
        *("token", "Token=", "?api_key=", "&password=", "://", "https", "user:", "@host", "sk-"),
        *("Authorization", ": ", "Bearer ", "bearer\t", '"secret": "', "'apikey':'", "SFMyNTY."),
        *("pass\u017fword", "to\u212aen", "&to\u212aen=", "b'", '"', "'", "\n", " ", "-", "=", ","),
        *("abcdefgh12345678", "open-sesame-42", "open%2Dsesame", "x", "é", "example.com", "/"),
    ]
)


@given(
    st.dictionaries(
        st.sampled_from(["event", "why", "url", "user_token", "reason", "api_key", "tokens"]),
        st.lists(_PIECES, max_size=8).map("".join) | st.integers() | st.none(),
    ),
    st.sampled_from([(), ("open-sesame-42",)]),
)
def test_one_look_at_a_line_lets_nothing_through_that_a_close_look_finds(
    event: dict[str, Any], secrets: tuple[str, ...]
) -> None:
    """A line that holds more than texts and figures is looked at closely: both come out alike."""
    redactor = Redactor(secrets)
    closely = redactor(None, "", {**event, "closely": []})
    assert {**redactor(None, "", dict(event)), "closely": []} == closely
