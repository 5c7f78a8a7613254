"""`agentbot init` asks for a login until it works, as long as somebody answers (`asking`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from agentbot.cli.init.asking import Asking
from agentbot.cli.init.questions import Questions
from agentbot.devserver.serve import serve
from agentbot.devserver.server import DEMO_PASSWORD, DevServer

T = TypeVar("T")


class Typist(Questions):
    """Somebody at a terminal who types these answers, by option, one after the other."""

    def __init__(self, **typed: list[str]) -> None:
        super().__init__(given={}, terminal=True)
        self.typed = typed

    def ask(
        self,
        option: str,
        text: str,  # noqa: ARG002 - what is asked does not matter to them
        read: Callable[[str], T],
        *,
        default: str | None = None,
        hidden: bool = False,  # noqa: ARG002 - nothing is shown
        needed: str = "",  # noqa: ARG002 - they answer whatever is asked
    ) -> T | None:
        """Return the next answer; where there is none, what Enter means."""
        answers = self.typed.get(option)
        written = answers.pop(0) if answers else default
        return None if written is None else read(written)


@pytest.mark.parametrize(
    ("passwords", "company"), [(["wrong", "again", DEMO_PASSWORD], "Acme"), (["wrong", ""], "")]
)
async def test_a_refused_login_is_asked_for_again(
    passwords: list[str],
    company: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A slip is mended at once, what is written is what has worked, and Enter ends the asking."""
    monkeypatch.chdir(tmp_path)
    refused = len(passwords) - 1
    last = passwords[-1]
    server = DevServer()
    server.seed()
    async with serve(server) as url:
        typist = Typist(url=[url], email=["bot@example.com"], password=passwords)
        asking = Asking(typist, {}, tmp_path / "prompts", (".env", "company.yaml"))
        answers = await asking.answers()
    assert capsys.readouterr().out.count("The account cannot be read") == refused
    assert answers.company == company
    assert asking.env(tmp_path)["PAPERCUPS_PASSWORD"] == last
    assert passwords == []


def test_a_region_needs_its_country(tmp_path: Path) -> None:
    """What was said is not dropped without a word."""
    given = {"hours": "always", "time-zone": "Europe/Berlin", "region": "BY"}
    questions = Questions(given=given, terminal=False)
    Asking(questions, {}, tmp_path, ("hours.yaml",))._hours(None, "en")
    assert questions.missing == ["--holidays (--region is a part of its country)"]
