"""What init writes is good, small, and in the language that was asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from dotenv import dotenv_values

from agentbot.cli.example import trace_of_example
from agentbot.cli.init.starter import (
    AfterHours,
    Answers,
    OpeningHours,
    env_file,
    full_file,
    starter_files,
)
from agentbot.pipeline.decision import Handoff, Reply
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import CODES, load_pack
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import Prompts, load_prompts
from tests.support.turns import MONDAY_NOON, turn

HOURS = OpeningHours("Europe/Berlin", {"weekdays": ("9:00-12:00", "13:00-17:00")}, "DE", "BY")


def written(folder: Path, answers: Answers) -> Prompts:
    """Write the files, and read them."""
    for name, text in starter_files(answers).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_prompts(folder)


def says(pipeline: Pipeline, text: str, *, days: int = 0) -> str:
    """Return what is said so many days after Monday noon."""
    decision = pipeline.decide(turn(text, now=MONDAY_NOON + timedelta(days=days)))
    assert isinstance(decision, Reply | Handoff)
    return decision.text or ""


@pytest.mark.parametrize("language", CODES)
def test_a_folder_of_each_language_answers_in_it(tmp_path: Path, language: Language) -> None:
    """Without a doubt about any file, and with nothing of the example."""
    prompts = written(tmp_path, Answers('Tea: the "House" {1}', language, HOURS))
    pipeline = build_pipeline(prompts)
    pack = load_pack(language)
    assert prompts.warnings == ()
    assert prompts.company.name == 'Tea: the "House" {1}'
    assert trace_of_example(prompts) == ""
    assert pack.texts.times.week[0] in says(pipeline, pack.starter.opening_hours.keywords[0])
    person = pipeline.decide(turn(pack.persons.keywords[0]))
    assert isinstance(person, Handoff)
    assert person.source == "person"
    job = pipeline.decide(turn(f"{pack.persons.keywords[0]} {pack.persons.not_[0]}"))
    assert getattr(job, "source", None) != "person"
    for phrase in pack.small_talk["are_you_a_bot"].phrases:
        asked = pipeline.decide(turn(phrase))
        assert getattr(asked, "source", None) == "small_talk/are_you_a_bot", phrase
    closed = says(pipeline, "Xyzzy plugh?", days=5)
    assert closed.split("!")[0].split(".")[0] in pack.starter.after_hours


@pytest.mark.parametrize(
    ("after_hours", "knows", "presence"),
    [("answer", True, "always"), ("notice", False, "always"), ("window", True, "on_duty")],
)
def test_after_hours_it_does_as_it_was_told(
    tmp_path: Path, after_hours: AfterHours, presence: str, *, knows: bool
) -> None:
    """Answer what it knows, say that nobody is there, or leave that to the window."""
    prompts = written(tmp_path, Answers("Tea House", "en", HOURS, after_hours))
    pipeline = build_pipeline(prompts)
    assert prompts.policy.presence == presence
    assert ("Monday\N{EN DASH}Friday" in says(pipeline, "When are you open?", days=5)) is knows
    closed = says(pipeline, "Which glaze is that?", days=5)
    assert ("Thank you for your message" in closed) is (after_hours != "window")


@pytest.mark.parametrize("name", ["texts.yaml", "system.md"])
@pytest.mark.parametrize("language", CODES)
def test_a_file_in_full_says_what_is_said_without_it(
    tmp_path: Path, language: Language, name: str
) -> None:
    """So that one word of it can be changed."""
    short = written(tmp_path / "short", Answers("Tea House", language))
    full = full_file(name, Answers("Tea House", language))
    assert full is not None
    folder = tmp_path / "full"
    written(folder, Answers("Tea House", language))
    (folder / name).write_text(full, encoding="utf-8")
    read = load_prompts(folder)
    assert read.system.source.split() == short.system.source.split()
    assert read.texts.times == short.texts.times
    assert read.texts.none_of_these == short.texts.none_of_these
    assert read.texts.handoff.source == short.texts.handoff.source


WRITTEN = {
    "plain": "plain",
    "": "",
    "with space": "'with space'",
    " #hash": "' #hash'",
    "$HOME ${HOME}": "'$HOME ${HOME}'",
    'a"b`c`': "'a\"b`c`'",
    "back\\slash\\n": "'back\\slash\\n'",
    "ä€": "'ä€'",
    "it's": '"it\'s"',
    "'": '"\'"',
    'it\'s "x" \\': '"it\'s \\"x\\" \\\\"',
    "two\\\\": '"two\\\\\\\\"',
    "end\\": '"end\\\\"',
}
"""Values, and how they are written: so that systemd 252, docker compose 2.26 and agentbot read the
same, as each was seen to do with these very lines."""


@pytest.mark.parametrize(("value", "text"), WRITTEN.items())
def test_env_is_read_alike_by_all_who_start_the_bot(value: str, text: str) -> None:
    """A password that compose or systemd hands on changed is refused by the server."""
    assert f"\nA={text}\n" in env_file({"A": value})


@pytest.mark.parametrize("value", [*WRITTEN, "it's $5 \\ x", "$two\\\\", "$a\\'b", "$end\\"])
def test_env_says_what_was_given(tmp_path: Path, value: str) -> None:
    """Whatever a password holds."""
    path = tmp_path / ".env"
    path.write_text(env_file({"PAPERCUPS_PASSWORD": value, "B": "x"}), encoding="utf-8")
    assert dotenv_values(path, interpolate=False) == {"PAPERCUPS_PASSWORD": value, "B": "x"}
