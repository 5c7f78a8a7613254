"""``sets.py``: sets are read, joined, and FAQs cut out of them; ``folder.py`` finds the data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.folder import DEFAULT, VARIABLE, DataAbsent, data_folder, existing_folder
from tests.bench.sets import JOINED, TRIAGE, FaqSet, Question, cut_out, joined, large_faq, load_sets


def _set(name: str = "shop", unanswerable: int = 2) -> FaqSet:
    """Return eight entries of four phrasings, two questions to each, and some to none."""
    asked = [Question(f"asks {n} of {e}", f"e{e}") for e in range(8) for n in range(2)]
    asked += [Question(f"asks {n} of nothing", None) for n in range(unanswerable)]
    phrasings = {f"e{e}": tuple(f"{name} says {n} of {e}" for n in range(4)) for e in range(8)}
    return FaqSet(name, phrasings, tuple(asked), (), frozenset({name}))


def test_a_set_with_unanswerable_questions_is_asked_whole() -> None:
    """All entries, all phrasings, all questions."""
    cut = cut_out(_set())
    assert [(entry.id, entry.wordings) for entry in cut.entries] == list(_set().phrasings.items())
    assert cut.asked == _set().asked


def test_of_another_some_entries_are_held_out_whole() -> None:
    """A quarter of them: their questions have no entry then, and are asked after the others."""
    cut = cut_out(_set(unanswerable=0))
    known = {entry.id for entry in cut.entries}
    assert len(known) == 6
    assert {question.entry for question in cut.asked} == {*known, None}
    assert [question.entry is None for question in cut.asked] == [False] * 12 + [True] * 4
    held_out = {question.text[-1] for question in cut.asked if question.entry is None}
    assert not held_out & {id_[1] for id_ in known}


def test_entries_and_phrasings_are_cut_as_many_as_asked_for() -> None:
    """Their own, in their order; questions of entries left out join those without one."""
    cut = cut_out(_set(), entries=3, phrasings=2)
    assert len(cut.entries) == 3
    for entry in cut.entries:
        assert len(entry.wordings) == 2
        assert set(entry.wordings) < set(_set().phrasings[entry.id])
        assert list(entry.wordings) == sorted(entry.wordings)
    assert sum(question.entry is not None for question in cut.asked) == 6
    assert sum(question.entry is None for question in cut.asked) == 12


def test_what_is_cut_depends_on_the_seed_alone() -> None:
    """The same seed cuts the same, some other one another."""
    first = [cut_out(_set(), entries=3, phrasings=1, seed=seed) for seed in range(4)]
    again = [cut_out(_set(), entries=3, phrasings=1, seed=seed) for seed in range(4)]
    assert first == again
    assert len({cut.entries for cut in first}) > 1


def test_of_each_kind_at_most_so_many_are_asked() -> None:
    """Drawn over all entries, not the first ones."""
    cut = cut_out(_set(), entries=4, most_asked=5)
    answerable = [question for question in cut.asked if question.entry is not None]
    assert len(answerable) == 5
    assert len(cut.asked) == 10
    assert len({question.entry for question in answerable}) > 2


def test_no_question_stands_in_the_faq() -> None:
    """It would be found by its very words."""
    one = _set()
    copied = Question("shop says 0 of 0", "e0")
    faq_set = FaqSet("shop", one.phrasings, (copied, *one.asked), (), one.parts)
    assert cut_out(faq_set).asked == one.asked


def test_numbered_entries_keep_their_questions() -> None:
    """Ids say nothing, and still lead to the same entry."""
    cut = cut_out(_set(), entries=3)
    numbered = cut.numbered()
    assert [entry.id for entry in numbered.entries] == ["1", "2", "3"]
    assert [entry.wordings for entry in numbered.entries] == [one.wordings for one in cut.entries]
    names = {one.id: other.id for one, other in zip(cut.entries, numbered.entries, strict=True)}
    assert [question.entry for question in numbered.asked] == [
        question.entry and names[question.entry] for question in cut.asked
    ]


def test_joined_sets_keep_entries_and_questions_apart() -> None:
    """An id that two have gets its set's name; what no entry answers stays out, as one may now."""
    first = _set("first")
    second = FaqSet(
        "second",
        {"e0": ("FIRST says 0 of 0!", "second says this"), "new": ("something new",)},
        (Question("this", "e0"), Question("new", "new"), Question("nothing", None)),
        (Question("learn this", "e0"), Question("learn nothing", None)),
        frozenset({"second"}),
    )
    both = joined([first, second])
    assert list(both.phrasings) == [*first.phrasings, "second-e0", "new"]
    assert both.phrasings["second-e0"] == ("second says this",)
    assert both.asked == (
        *_set("first", unanswerable=0).asked,
        Question("this", "second-e0"),
        Question("new", "new"),
    )
    assert both.taught == (Question("learn this", "second-e0"),)
    assert both.parts == {"first", "second"}


def test_a_large_faq_has_the_size_asked_for() -> None:
    """Every phrasing once, also where there are fewer texts."""
    large = large_faq({"shop": _set()}, 50, 3)
    wordings = [text for entry in large.entries for text in entry.wordings]
    assert (len(large.entries), len(set(wordings))) == (50, 150)
    assert {len(entry.wordings) for entry in large.entries} == {3}
    assert {question.entry for question in large.asked} == {None}
    assert not {question.text for question in large.asked} & set(wordings)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of data: the triage set, the two others, and one that nobody knows of."""
    faq: list[dict[str, Any]] = [{"id": "e", "questions": ["a", "a", "b"]}]
    _write(tmp_path / TRIAGE / "faq.jsonl", faq)
    for name in ("test", "valid"):
        _write(
            tmp_path / TRIAGE / f"{name}.jsonl", [{"text": name, "faq": "e", "kind": "in_scope"}]
        )
    for name in ("hwu", "sofmattress", "kept-apart"):
        _write(tmp_path / "more" / f"{name}-faq.jsonl", faq)
        _write(tmp_path / "more" / f"{name}-questions.jsonl", [{"text": name, "faq": None}])
    return tmp_path


def test_every_set_of_the_folder_is_found(data: Path) -> None:
    """What to report on is apart from what to learn on where the set says so."""
    sets = load_sets(data)
    assert list(sets) == [TRIAGE, "hwu", "kept-apart", "sofmattress", JOINED]
    assert sets[TRIAGE].phrasings == {"e": ("a", "b")}
    assert sets[TRIAGE].asked == (Question("test", "e", "in_scope"),)
    assert sets[TRIAGE].taught == (Question("valid", "e", "in_scope"),)
    assert sets["kept-apart"].asked == sets["kept-apart"].taught == (Question("kept-apart", None),)
    assert sets[JOINED].parts == {TRIAGE, "hwu", "sofmattress"}


def test_the_environment_names_the_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it stands beside the project's."""
    monkeypatch.setenv(VARIABLE, str(data))
    assert existing_folder() == data
    monkeypatch.delenv(VARIABLE)
    assert data_folder() == DEFAULT
    assert DEFAULT.parts[-2:] == ("shared", "data")


def test_absent_data_is_said_aloud(tmp_path: Path) -> None:
    """With the folder, and what to do."""
    with pytest.raises(DataAbsent, match=r"not in .*elsewhere.*AGENTBOT_BENCH_DATA"):
        load_sets(tmp_path / "elsewhere")


def _write(path: Path, records: list[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
