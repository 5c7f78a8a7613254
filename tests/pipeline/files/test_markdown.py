"""A page in Markdown: its code stands aside while the rest is changed, its links lead somewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.files.markdown import Aside, with_addresses

FENCE = "```sh\npip install <name>\n\n# comment\n```"


@pytest.mark.parametrize("keeps_lines", [True, False])
def test_code_comes_back_as_it_stood(*, keeps_lines: bool) -> None:
    """Whatever was done to the text meanwhile."""
    aside = Aside()
    text = aside.put_code(f"Use `<b>` so:\n\n{FENCE}\n\nThen <i>go</i>.", keeps_lines=keeps_lines)

    assert "<b>" not in text
    assert "pip" not in text
    changed = aside.back(text.replace("<i>", "").replace("</i>", "").replace("Use", "Take"))
    assert changed.split() == f"Take `<b>` so: {FENCE} Then go.".split()


def test_lines_stay_where_they_were_if_that_is_asked_for() -> None:
    """A section is named by its line."""
    page = f"One\n\n{FENCE}\n\nTwo"

    kept = Aside().put_code(page, keeps_lines=True).split("\n")
    assert (len(kept), kept.index("Two")) == (9, 8)
    assert Aside().put_code(page, keeps_lines=False).count("\n") == 4


def test_indented_code_leaves_the_blank_lines_below_it() -> None:
    """They are none of it, though the parser counts them."""
    text = Aside().put_code("One\n\n    code\n\n\nTwo", keeps_lines=False)

    assert text.split("\n")[3:] == ["", "", "Two"]


def test_a_piece_within_a_piece_comes_back_too() -> None:
    """Such as what was put aside before the line that it stands in was."""
    aside = Aside()
    inner = aside.put("`a`")
    outer = aside.put(f"``{inner} b``")

    assert aside.back(f"x {outer} y") == "x ```a` b`` y"


def test_pieces_are_shown_as_they_are_wanted() -> None:
    """In a heading without their marks."""
    aside = Aside()

    assert aside.back(f"Set {aside.put('`x`')} up", lambda code: code.strip("`")) == "Set x up"


@given(st.text(alphabet="\ue000\ue001012` \n", max_size=40))
def test_marks_of_somebody_elses_end_nothing(text: str) -> None:
    """Nobody writes them by chance; whoever does gets no endless text for it."""
    aside = Aside()

    assert len(aside.back(aside.put_code(text, keeps_lines=False))) <= 2**10 * (len(text) + 1)
    assert Aside().back("a \ue0007\ue001 b") == "a \ue0007\ue001 b"


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[label]", "[label](https://shop.example/a)"),
        ("[words][label]", "[words](https://shop.example/a)"),
        ("[words][LABEL]", "[words](https://shop.example/a)"),
        ("[label][]", "[label](https://shop.example/a)"),
        ("[words](https://b.example)", "[words](https://b.example)"),
        ("[unknown]", "[unknown]"),
        ("[words][unknown]", "[words][unknown]"),
    ],
)
def test_a_link_says_where_it_leads(link: str, shown: str) -> None:
    """Wherever its definition stands, which nobody sees: its line stays, and is empty."""
    page = (
        f'See {link}.\n\n[label]: https://shop.example/a "Title"\n\n[label]: https://other.example'
    )

    assert with_addresses(page).split("\n") == [f"See {shown}.", "", "", "", ""]


def test_a_page_without_definitions_is_left_as_it_is() -> None:
    """Brackets alone are no link; what only looks like a definition is none."""
    for page in ("See [label].", "See [label].\n\n    [label]: https://shop.example/a"):
        assert with_addresses(page) == page


def test_a_label_of_a_whole_text_is_no_label() -> None:
    """A page of brackets is read in no time."""
    words = "w" * 501

    assert with_addresses(f"[{words}]\n\n[a]: https://a.example").startswith(f"[{words}]\n")
