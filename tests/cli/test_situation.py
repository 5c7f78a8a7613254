"""``situation.py``: what an answer depends on beside the question, from options and a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from agentbot.cli.situation import Situation, read_conversation
from agentbot.errors import ConfigurationError
from agentbot.pipeline.files.problems import PromptsError
from agentbot.pipeline.turn import Author

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
VERA = """
    customer: {name: Vera, time_zone: Asia/Tokyo}
    source: email
    tags: vip
    messages:
      - customer: hello
      - bot: Hi Vera!
        ago: 1h
      - customer: Do you ship
      - customer: to Norway?
"""


def situation(tmp_path: Path, text: str = VERA) -> Situation:
    """Return the situation of a file with this text."""
    path = tmp_path / "conversation.yaml"
    path.write_text(dedent(text))
    return Situation(now=NOW, before=read_conversation(path))


def test_the_customers_last_words_are_the_question(tmp_path: Path) -> None:
    """All of them that nobody has answered; what came before is history."""
    turn = situation(tmp_path).turn(None)
    assert turn.text == "Do you ship\nto Norway?"
    assert [(one.author, one.text) for one in turn.history] == [
        (Author.CUSTOMER, "hello"),
        (Author.BOT, "Hi Vera!"),
    ]
    assert (turn.customer.name, turn.customer.time_zone) == ("Vera", "Asia/Tokyo")
    assert (turn.conversation.source, turn.conversation.tags) == ("email", ("vip",))


def test_a_question_goes_on_from_them(tmp_path: Path) -> None:
    """As a customer who writes on."""
    turn = situation(tmp_path).turn("And how much is it?")
    assert turn.text == "Do you ship\nto Norway?\nAnd how much is it?"


def test_times_are_as_said_or_a_minute_apart(tmp_path: Path) -> None:
    """Counted back from the question; in order in any case."""
    turn = situation(tmp_path).turn(None)
    ago = [NOW - one.at for one in (*turn.history, *turn.messages)]
    assert ago == [
        timedelta(minutes=61),
        timedelta(hours=1),
        timedelta(minutes=2),
        timedelta(minutes=1),
    ]


def test_an_option_wins_over_the_file(tmp_path: Path) -> None:
    """What is not given stays the file's."""
    before = situation(tmp_path).before
    turn = Situation(now=NOW, name="Nils", source="sms", attachments=2, before=before).turn("?")
    assert (turn.customer.name, turn.customer.time_zone) == ("Nils", "Asia/Tokyo")
    assert turn.conversation.source == "sms"
    assert turn.messages[-1].attachments == 2


def test_nothing_asked_is_an_error(tmp_path: Path) -> None:
    """Neither on the command line nor at the file's end."""
    answered = situation(tmp_path, "messages: [{customer: hello}, {person: Hi!}]")
    with pytest.raises(ConfigurationError, match="there is no question"):
        answered.turn(None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("messages:\n  - text: hello\n", "conversation.yaml:2: unknown key 'text'"),
        ("messages:\n  - ago: 5m\n", "conversation.yaml:2: write one of customer, person and bot"),
        ("messages:\n  - {bot: a, person: b}\n", "write one of customer, person and bot"),
        ("messages:\n  - {bot: a, ago: soon}\n", "'soon' is not a duration"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """As in the prompts folder's files."""
    with pytest.raises(PromptsError) as raised:
        situation(tmp_path, text)
    assert said in str(raised.value)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """By the name that the operator wrote."""
    with pytest.raises(PromptsError, match=r"nowhere\.yaml: the file is missing"):
        read_conversation(tmp_path / "nowhere.yaml")
