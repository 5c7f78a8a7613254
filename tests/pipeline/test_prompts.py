"""The operator's folder is read all or nothing, and every problem named with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agentbot.errors import ConfigurationError
from agentbot.pipeline.decision import Handoff, Reply
from agentbot.pipeline.files.problems import PromptsError
from agentbot.pipeline.languages.pack import load_pack
from agentbot.pipeline.pipeline import build_pipeline
from agentbot.pipeline.prompts import FILES, load_prompts
from tests.support.folders import DEFAULT, folder
from tests.support.turns import turn


def problems_of(path: Path) -> list[str]:
    """What is said about a folder."""
    with pytest.raises(PromptsError) as caught:
        load_prompts(path)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_folder_is_good() -> None:
    """With hours and facts of its own."""
    prompts = load_prompts(DEFAULT)
    assert prompts.hours is not None
    assert prompts.company.name == "Fjord & Fern"
    assert prompts.warnings == ()
    assert len(prompts.version) == 12


def test_a_folder_that_cannot_be_looked_at_is_named(tmp_path: Path) -> None:
    """Whatever the operating system says of it: here, that no name may be so long."""
    with pytest.raises(ConfigurationError, match="cannot be read: File name too long"):
        load_prompts(tmp_path / ("x" * 300))


def test_the_companys_facts_are_for_all_texts(tmp_path: Path) -> None:
    """Rules, canned texts, the model's instructions and the FAQ; numbers may be written as such."""
    texts = (DEFAULT / "texts.yaml").read_text(encoding="utf-8")
    made = folder(
        tmp_path,
        company="name: Tea House\nfacts: {days: 30, price: €9}\n",
        rules="rules:\n  - {id: a, reply: '{{ company.days }} days'}\n",
        texts=texts + "\n# {{ company.price }}\n",
        system="You are {{ company.name }}, {{ account.name }}.",
    )
    (made / "faq").mkdir()
    (made / "faq" / "a.md").write_text("# Price?\n\n{{ company.price }}\n", encoding="utf-8")
    prompts = load_prompts(made)
    assert prompts.faq[0].answer == "€9"
    answered = build_pipeline(prompts).decide(turn("?"))
    assert isinstance(answered, Reply)
    assert answered.text == "30 days"


def test_a_fact_that_company_yaml_lacks_is_named_where_it_is_used(tmp_path: Path) -> None:
    """With the one that was meant."""
    made = folder(
        tmp_path,
        company="facts: {return_days: 30}\n",
        rules="rules:\n  - {id: a, reply: '{{ company.retrun_days }}'}\n",
        system="{{ company.nam }}",
    )
    assert problems_of(made) == [
        (
            "rules.yaml:2: unknown fact 'company.retrun_days'"
            " (did you mean 'return_days'?; or write it under 'facts' in company.yaml)"
        ),
        (
            "system.md:1: unknown fact 'company.nam'"
            " (did you mean 'name'?; or write it under 'facts' in company.yaml)"
        ),
    ]


@pytest.mark.parametrize(
    ("company", "said"),
    [
        ("nam: Tea House\n", "company.yaml:1: unknown key 'nam' (did you mean 'name'?)"),
        ("facts: {name: Tea House}\n", "company.yaml:1: 'name' stands among the facts"),
        ("facts: {Return-Days: 30}\n", "company.yaml:1:"),
        ("facts: {days: true}\n", "company.yaml:1: 'days' must be text"),
        ("facts: {days: }\n", "company.yaml:1: 'days' must be text"),
    ],
)
def test_what_is_wrong_in_company_yaml_is_told_alone(
    tmp_path: Path, company: str, said: str
) -> None:
    """Every text that uses a fact would seem wrong as well."""
    made = folder(tmp_path, company=company, system="{{ company.days }}")
    [problem] = problems_of(made)
    assert problem.startswith(said)


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """In one error, which is a configuration error."""
    texts = (DEFAULT / "texts.yaml").read_text(encoding="utf-8")
    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    made = folder(
        tmp_path,
        rules="rules:\n  - {id: a, replay: A}\n",
        texts=texts.replace("reopens_at", "reopens"),
        policy=policy.replace("presence: always", "presence: allways").replace("24h", "soon"),
        hours="time_zone: UTC\nweek: {monday: 9-5}\n",
        system="Hi {{ costumer.name }}",
    )
    (made / "faq").mkdir()
    (made / "faq" / "a.md").write_text("no heading here\n", encoding="utf-8")
    said = problems_of(made)
    for expected in (
        "rules.yaml:2: unknown key 'replay' (did you mean 'reply'?)",
        "unknown fact 'reopens' (did you mean 'reopens_at'?)",
        "policy.yaml:8: 'presence' cannot be 'allways' (did you mean 'always'?)",
        "'soon' is not a duration",
        "hours.yaml:2: '9-5' is not a span",
        "system.md:1: unknown fact 'costumer' (did you mean 'customer'?)",
        "faq/a.md:",
    ):
        assert any(expected in one for one in said), (expected, said)
    with pytest.raises(ConfigurationError, match="replay"):
        load_prompts(made)


@pytest.mark.parametrize("name", FILES)
def test_each_file_may_be_left_out(tmp_path: Path, name: str) -> None:
    """Its defaults count."""
    made = folder(tmp_path, system="You are Fern.")
    (made / name).unlink(missing_ok=True)
    assert isinstance(build_pipeline(load_prompts(made)).decide(turn("Which glaze?")), Handoff)


def test_each_key_of_the_policy_may_be_left_out(tmp_path: Path) -> None:
    """What is left out is as the example has it."""
    written = load_prompts(folder(tmp_path)).policy
    assert load_prompts(folder(tmp_path, policy="# nothing\n")).policy == written
    changed = load_prompts(folder(tmp_path, policy="stand_back: {after_person: 5m}\n")).policy
    assert changed.stand_back.after_person == timedelta(minutes=5)
    assert changed.stand_back.after_hand_over == written.stand_back.after_hand_over


def test_a_folder_with_nothing_in_it_is_named(tmp_path: Path) -> None:
    """It is hardly the one that was meant."""
    [said] = problems_of(tmp_path)
    assert "agentbot init" in said


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rule.yaml", "did you mean 'rules.yaml'?"),
        ("rules.yml", "did you mean 'rules.yaml'?"),
        ("System.md", "did you mean 'system.md'?"),
        ("faq.yaml", "move it into faq/"),
    ],
)
def test_a_misspelt_file_is_named(tmp_path: Path, name: str, hint: str) -> None:
    """It would change nothing, in silence."""
    made = folder(tmp_path)
    (made / name).write_text("", encoding="utf-8")
    assert problems_of(made) == [f"{name}: this file is not read ({hint})"]


def test_another_file_raises_a_doubt_only_where_it_looks_like_one(tmp_path: Path) -> None:
    """Notes, drafts and pages about the folder may stand beside."""
    made = folder(tmp_path)
    for name in ("README.md", "notes.md", "_rules.yaml", "todo.txt", "prices.yaml"):
        (made / name).write_text("", encoding="utf-8")
    [said] = load_prompts(made).warnings
    assert said.startswith("prices.yaml: this file is not read")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """With the setting that names it."""
    (said,) = problems_of(tmp_path / "nowhere")
    assert "AGENTBOT_PROMPTS_DIR" in said


def test_a_text_left_out_is_the_languages_own(tmp_path: Path) -> None:
    """One by one, and within the words of times too; what is written stays as it is written."""
    made = folder(tmp_path, texts="language: de\nfallback: Moment.\ntimes: {today: gleich}\n")
    texts, german = load_prompts(made).texts, load_pack("de").texts
    assert texts.language == "de"
    assert texts.fallback.source == "Moment."
    assert texts.handoff.source == german.hand_over
    assert texts.unanswered is not None
    assert texts.none_of_these == german.none_of_these
    assert (texts.times.today, texts.times.tomorrow) == ("gleich", german.times.tomorrow)
    assert texts.times.zones.abbreviations["CET"] == "MEZ"


def test_texts_written_as_null_are_not_said(tmp_path: Path) -> None:
    """Which is another thing than left out."""
    made = folder(tmp_path, texts="{unanswered: null, unanswered_again: null, none_of_these: null}")
    texts = load_prompts(made).texts
    assert (texts.unanswered, texts.unanswered_again, texts.none_of_these) == (None, None, None)


def test_texts_left_out_altogether_are_english(tmp_path: Path) -> None:
    """A folder needs no texts.yaml."""
    made = folder(tmp_path)
    (made / "texts.yaml").unlink()
    texts = load_prompts(made).texts
    assert texts.language == "en"
    assert texts.ask_email.source == load_pack("en").texts.ask_email


def test_a_text_that_is_not_known_is_named(tmp_path: Path) -> None:
    """With the one that was probably meant; so is a language that has no pack."""
    said = problems_of(folder(tmp_path, texts="did_you_maen: A\nlanguage: ed\n"))
    assert any("did you mean 'did_you_mean'" in one for one in said)
    assert any("'language' cannot be 'ed'" in one for one in said)


def test_a_time_pattern_with_an_unknown_field_is_named(tmp_path: Path) -> None:
    """With those that it may hold."""
    texts = (DEFAULT / "texts.yaml").read_text(encoding="utf-8")
    made = folder(tmp_path, texts=texts.replace("today at {time}", "today at {hour}"))
    (said,) = problems_of(made)
    assert "{time}, {day}, {date}, {month} and {year}" in said


def test_a_zone_pattern_with_an_unknown_field_is_named(tmp_path: Path) -> None:
    """With the one that it may hold."""
    (said,) = problems_of(folder(tmp_path, texts="times: {zone: 'time in {town}'}"))
    assert "only {city} can stand in braces" in said


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("[rules, fag]", "did you mean 'faq'?"),
        ("[rules, rules]", "stands there twice"),
        ("[]", "'responders'"),
        ("['a b:c']", "not a dotted path"),
    ],
)
def test_a_responder_that_cannot_be_is_named(tmp_path: Path, order: str, expected: str) -> None:
    """Without importing any."""
    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    made = folder(tmp_path, policy=policy.replace("[rules, faq, llm, otherwise]", order))
    (said,) = problems_of(made)
    assert expected in said
    assert said.startswith("policy.yaml:")


@pytest.mark.parametrize("system", ["", "  \n", "{{ knowledge.x }} {% if %}"])
def test_a_system_prompt_that_says_nothing_or_is_broken_is_named(
    tmp_path: Path, system: str
) -> None:
    """By its own file's name."""
    (said,) = problems_of(folder(tmp_path, system=system))
    assert said.startswith("system.md")


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    """Equal folders have equal versions; a change in any file that is read makes another."""
    one, two = folder(tmp_path / "a"), folder(tmp_path / "b")
    before = load_prompts(one).version
    assert load_prompts(two).version == before
    (two / "notes.txt").write_text("not read", encoding="utf-8")
    assert load_prompts(two).version == before
    with (two / "system.md").open("a", encoding="utf-8") as file:
        file.write("\nBe kind.\n")
    assert load_prompts(two).version != before


def test_doubts_about_the_faq_are_kept_with_the_folder(tmp_path: Path) -> None:
    """They do not stop the bot."""
    made = folder(tmp_path)
    (made / "faq").mkdir()
    text = "---\nphrasings: [ship to Norway, ship to norway]\n---\n# Norway?\n\nYes.\n"
    (made / "faq" / "norway.md").write_text(text, encoding="utf-8")
    (said,) = load_prompts(made).warnings
    assert "twice" in said
    assert str(tmp_path) not in said


@pytest.mark.parametrize("name", ["rules.yaml", "system.md", "faq"])
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, name: str) -> None:
    """A broken mount must not pass for a folder that leaves the file out."""
    (tmp_path / "company.yaml").write_text("name: Tea House\n")
    (tmp_path / name).symlink_to("nowhere")
    assert problems_of(tmp_path) == [f"{name}: this link leads nowhere (mend it, or take it away)"]


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    """An editor or a full disk has left it so; one with comments alone leaves all out."""
    (tmp_path / "rules.yaml").write_text(text)
    (said,) = problems_of(tmp_path)
    assert said.startswith("rules.yaml: the file is empty")
    (tmp_path / "rules.yaml").write_text("# nothing yet\n")
    assert load_prompts(tmp_path).rules.first == ()


def test_what_lies_in_the_faq_and_is_not_read_is_named(tmp_path: Path) -> None:
    """A file of another kind, a folder; a file in the folder's own place is no FAQ."""
    made = tmp_path / "faq"
    (made / "more").mkdir(parents=True)
    (made / "a.csv").write_text("question,answer")
    (made / "a.png").write_text("")
    told = load_prompts(tmp_path).warnings
    assert [one.partition(": this is not read")[0] for one in told] == ["faq/a.csv", "faq/more"]
    (made / "b.yaml").symlink_to("nowhere")
    assert problems_of(tmp_path) == ["faq/b.yaml: this link leads nowhere (mend it, or delete it)"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "faq").write_text("- id: a")
    (said,) = problems_of(other)
    assert said.startswith("faq: this is a file")


def test_one_mistake_is_told_once(tmp_path: Path) -> None:
    """The hours of weekdays are those of five days."""
    hours = "time_zone: Europe/Oslo\nweek: {weekdays: 9-17}\n"
    (tmp_path / "hours.yaml").write_text(hours)
    assert len(problems_of(tmp_path)) == 1


def test_an_id_that_cannot_be_one_is_told_in_words(tmp_path: Path) -> None:
    """Not as a regular expression."""
    (tmp_path / "rules.yaml").write_text("rules:\n  - id: Für alle!\n    reply: Hi\n")
    (said,) = problems_of(tmp_path)
    assert said.startswith("rules.yaml:2: 'id' cannot be 'für alle!' (write small letters")


@pytest.mark.parametrize("name", ["faq", "pages"])
def test_the_folders_in_it_are_folders(tmp_path: Path, name: str) -> None:
    """A file of that name, or a page beside them, would not be read."""
    made = folder(tmp_path)
    (made / name).write_text("x", encoding="utf-8")
    (made / f"{name}.md").write_text("x", encoding="utf-8")
    problems = problems_of(made)
    assert any(one.startswith(f"{name}: this is a file") for one in problems)
    assert any(one.startswith(f"{name}.md: this file is not read") for one in problems)


def test_pages_alone_are_a_folder(tmp_path: Path) -> None:
    """And their fields are filled in as those of the FAQ."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "company.yaml").write_text("name: Tea House\n", encoding="utf-8")
    (tmp_path / "pages" / "a.md").write_text("By {{ company.name }}.", encoding="utf-8")
    (page,) = load_prompts(tmp_path).pages
    assert page.passages[0].text == "By Tea House."
    (tmp_path / "company.yaml").unlink()
    (tmp_path / "pages" / "a.md").write_text("By us.", encoding="utf-8")
    assert load_prompts(tmp_path).pages[0].passages[0].text == "By us."
