"""Proves `agentbot.pipeline.checks.consistency.confirming`: "Yes." needs a source that says so.

And `agentbot.pipeline.languages.confirming`, the words by which it does not.
"""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.checker import Checker
from agentbot.pipeline.checks.consistency.confirming import is_confirmed
from agentbot.pipeline.checks.draft import Code
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.knowledge.passage import Passage
from agentbot.pipeline.languages.belonging import all_belonging
from agentbot.pipeline.languages.confirming import all_confirming
from agentbot.pipeline.languages.pack import CODES
from tests.pipeline.checks.support import draft

PAGE = (
    "We ship to Norway and Sweden. We do not ship to Russia. Members may use the sauna. "
    "Shipping is free from €80. You can pay by invoice if you are a company. "
    "Our cups are made in Bergen."
)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Do you ship to Norway?", "Yes."),
        ("Do you ship to Norway?", "Yes, we do."),
        ("Hello, do you ship to Sweden?", "Yes."),
        ("Do you ship to Russia?", "No."),
        ("Do you ship to Russia?", "No, we don't."),
        ("May members use the sauna?", "Yes!"),
        (f"Do you ship to Norway {'to ' * 15}?", "Yes."),
        ("Are your cups made in Bergen?", "Yes, they are."),
    ],
)
def test_what_a_source_says_is_confirmed(asked: str, text: str) -> None:
    """And what it denies is denied."""
    assert is_confirmed(text, asked, [PAGE], "en")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("Do you ship to Russia?", "Yes."),
        ("Do you ship to Norway?", "No."),
        ("Do you ship to Norway?", "Yes, we do not."),
        ("Do you ship to Norway?", "Yes, not."),
        ("Do you ship to Norway?", "Yes, on Mondays."),
        ("Do you ship? To Norway?", "Yes."),
        ("Do you ship to Norway? Thanks", "Yes."),
        (f"Do you ship to Norway {'to ' * 16}?", "Yes."),
        ("Do you ship 5 to Norway?", "Yes."),
        ("Do you ship to Denmark?", "Yes."),
        ("Do you ship to Norway by tomorrow?", "Yes."),
        ("Don't you ship to Norway?", "Yes."),
        ("Do you ship to Norway or Sweden?", "Yes."),
        ("Where do you ship?", "Yes."),
        ("Do you ship to Norway? And to Russia?", "Yes."),
        ("May I use the sauna?", "Yes."),
        ("May guests use the sauna?", "Yes."),
        ("Is shipping free?", "Yes."),
        ("Can I pay by invoice?", "Yes."),
        ("I hope you ship to Norway", "Yes."),
        ("Norway?", "Yes."),
        ("Do you ship from Norway?", "Yes."),
        ("Do you ship to Sweden and Norway?", "Yes."),
        ("", "Yes."),
        ("Do you ship to Norway?", ""),
    ],
)
def test_nothing_else_is(asked: str, text: str) -> None:
    """Neither another word than the source's, nor under a condition, nor what is open."""
    assert not is_confirmed(text, asked, [PAGE], "en")


@pytest.mark.parametrize(
    ("code", "source", "asked", "text"),
    [
        ("de", "Wir liefern nach Norwegen.", "Liefern Sie nach Norwegen?", "Ja."),
        ("fr", "Nous livrons en Norvège.", "Livrez-vous en Norvège ?", "Oui."),
        ("es", "Hacemos envíos a Noruega.", "¿Hacen envíos a Noruega?", "Sí."),
        ("pt", "Fazemos envios para a Noruega.", "Vocês fazem envios para a Noruega?", "Sim."),
        ("it", "Spediamo in Norvegia.", "Spedite in Norvegia?", "Sì."),
        ("nl", "Wij leveren in Noorwegen.", "Levert u in Noorwegen?", "Ja."),
        ("pl", "Wysyłamy do Norwegii.", "Czy wysyłacie do Norwegii?", "Tak."),
    ],
)
def test_every_language_confirms(code: Language, source: str, asked: str, text: str) -> None:
    """In its own words, whatever ending a verb has."""
    assert is_confirmed(text, asked, [source], code)
    assert not is_confirmed(text, asked, [source.replace("Nor", "Dan").replace("Noo", "Dan")], code)


def test_only_a_source_that_the_answer_names_confirms() -> None:
    """Without one a bare "Yes." is no answer; and a question in a page is no statement."""
    page = (Passage("page", "Shipping", PAGE),)
    asked = "Do you ship to Norway?"
    given = {"sources": page, "asked": asked, "said": (asked,)}
    assert Checker().check(draft("Yes.", is_sourced=True, **given)) == ()
    assert Checker().check(draft("Yes.", **given))[0].code is Code.NO_CLAIM
    assert not is_confirmed("Yes.", asked, ["Do you ship to Norway?"], "en")


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_words_by_which_it_confirms_nothing(code: Language) -> None:
    """A question with one of them asks for more, and a source with one of them says less."""
    words = all_confirming()[code]
    source = "Zuperba garantum tarifa."
    yes = all_belonging()[code].yes_[0]
    assert is_confirmed(yes, "Zuperba garantum tarifa?", [source], code)
    for one in (*words.interrogatives, *words.alternatives):
        assert not is_confirmed(yes, f"Zuperba garantum {one} tarifa?", [source], code)
    for one in words.limits:
        assert not is_confirmed(yes, "Zuperba garantum tarifa?", [f"{one} {source}"], code)


def test_a_figure_that_was_not_asked_for_is_not_confirmed() -> None:
    """It may be the whole point; one that was asked for is."""
    page = "We lend 5 bikes in Norway."
    assert is_confirmed("Yes.", "Do you lend 5 bikes in Norway?", [page], "en")
    assert not is_confirmed("Yes.", "Do you lend bikes in Norway?", [page], "en")
    assert not is_confirmed("Yes.", "Do you lend 6 bikes in Norway?", [page], "en")
