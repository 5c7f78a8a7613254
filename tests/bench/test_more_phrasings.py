"""The bench of many phrasings widens its sets fairly, and tells where more make it worse."""

from __future__ import annotations

from tests.bench.more_phrasings import Point, curve, falls, widened
from tests.bench.sets import FaqSet, Question


def questions(entry: str | None, *texts: str) -> tuple[Question, ...]:
    """Return questions with one entry."""
    return tuple(Question(text, entry) for text in texts)


TEA = questions(
    "tea", "which teas are there", "got tea?", "any green tea", "Which tea!", "tea list"
)
CUPS = questions("cups", "do you sell cups", "cups?", "a cup please")
SMALL = FaqSet(
    "small",
    {"tea": ("which tea",), "cups": ("sell cups",)},
    (*TEA, *CUPS, *questions(None, "boats?")),
    (*TEA, *CUPS, *questions(None, "boats?")),
    frozenset({"small"}),
)


def test_no_question_is_a_phrasing_too() -> None:
    """Of those that an entry answers one in three is asked; the others are phrasings, once."""
    made = widened(SMALL)
    assert [one.text for one in made.asked] == ["which teas are there", "cups?"]
    assert made.phrasings["tea"] == ("which tea", "got tea?", "any green tea", "tea list")
    assert made.phrasings["cups"] == ("sell cups", "do you sell cups", "a cup please")


def test_questions_to_learn_on_are_phrasings_where_there_are_some() -> None:
    """All others are asked."""
    made = widened(
        FaqSet("other", SMALL.phrasings, CUPS[:2], (TEA[0], TEA[3], CUPS[2]), frozenset())
    )
    assert [one.text for one in made.asked] == ["do you sell cups", "cups?"]
    assert made.phrasings["tea"] == ("which tea", "which teas are there")
    assert made.phrasings["cups"] == ("sell cups", "a cup please")


def test_the_same_questions_are_asked_of_each() -> None:
    """With as many phrasings as there are."""
    one, three, many = curve(widened(SMALL), None, (1, 3, 100))
    assert one.asked == three.asked == many.asked == 2
    assert (one.found, three.found, many.found) == (1, 3, 3.5)


def test_what_chance_does_is_no_fall() -> None:
    """A fall is told with the best that there was."""
    good = [Point(1, 1, 400, 0.5), Point(5, 5, 400, 0.8), Point(10, 10, 400, 0.79)]
    assert falls(good) == []
    bad = [*good, Point(20, 20, 400, 0.75)]
    assert falls(bad) == ["0.750 with 20, 0.800 with fewer"]
