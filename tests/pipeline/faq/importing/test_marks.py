"""Questions that are no headings keep their lines, pipeline/faq/importing/marks.py."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.importing.marks import (
    END,
    QUESTION,
    TERM,
    is_short,
    marked,
    opens_more,
    with_marks,
)


def test_lines_keep_their_numbers() -> None:
    """What is put between them is no line of the page."""
    text = "a\n<details><summary>Q <b>one</b>\ntwo?</summary>b</details>\nc\n<dl><dt>T</dt></dl>"
    lines, origins = with_marks(text)
    found = {line: origin for line, origin in zip(lines, origins, strict=True) if line}
    assert found == {
        "a": 0,
        marked(QUESTION, "Q one two?"): 1,
        "b": 2,
        marked(END): 4,
        "c": 3,
        "<dl>": 4,
        marked(TERM, "T"): 4,
    }
    assert origins == sorted(origins)


def test_a_page_without_them_stays_as_it_is() -> None:
    """Line for line."""
    text = "# One\n\ntwo <b>three</b>\n"
    assert with_marks(text) == (text.split("\n"), [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("label", "short", "more"),
    [
        ("Show more", True, True),
        ("Mehr anzeigen", True, True),
        ("Zobacz więcej", True, True),
        ("Returns", True, False),
        ("More?", False, False),
        ("What more do you have", False, False),
    ],
)
def test_a_label_that_opens_more_of_an_answer_is_no_question(
    label: str,
    short: bool,  # noqa: FBT001 - a case's
    more: bool,  # noqa: FBT001 - a case's
) -> None:
    """A few words without a sign."""
    assert (is_short(label), opens_more(label)) == (short, more)
