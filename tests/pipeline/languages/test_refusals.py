"""Who does not want a person is told from who wants one, and from who asks something besides."""

from __future__ import annotations

import pytest

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import CODES, load_pack
from agentbot.pipeline.languages.refusals import Refusals
from agentbot.pipeline.languages.small_talk import SmallTalkReader

REFUSALS = {code: Refusals(load_pack(code)) for code in CODES}
READER = SmallTalkReader(own="en")

REFUSED: dict[Language, tuple[str, ...]] = {
    "en": (
        "I do not want to talk to a human",
        "no humans please",
        "Stop transferring me!",
        "please don't hand me over to anybody",
        "No thank you, I would not like to speak to one of your colleagues.",
        "not a person, please",
        "I don't need an agent, thanks",
    ),
    "de": (
        "Ich möchte nicht mit einem Menschen sprechen",
        "Bitte keine Menschen",
        "Bitte nicht weiterleiten",
        "Nein danke, ich will nicht verbunden werden",
    ),
    "fr": (
        "pas d'humain s'il vous plaît",
        "Je ne veux parler à personne",
        "je n'ai pas besoin d'un conseiller",
        "Ne me transférez pas",
    ),
    "es": (
        "no quiero hablar con una persona",
        "sin humanos por favor",
        "No me transfieran, por favor",
        "no quiero hablar con nadie",
    ),
    "pt": (
        "não quero falar com uma pessoa",
        "sem humanos por favor",
        "Não me transfiram, por favor",
        "não preciso de um atendente, obrigado",
    ),
    "nl": (
        "ik wil niet met een mens praten",
        "geen mensen alstublieft",
        "ik hoef geen medewerker te spreken",
        "ik wil niet doorverbonden worden",
    ),
    "it": (
        "non voglio parlare con una persona",
        "niente umani per favore",
        "non ho bisogno di un operatore",
        "Non voglio parlare con nessuno, grazie",
    ),
    "pl": (
        "nie chcę rozmawiać z człowiekiem",
        "żadnych ludzi, proszę",
        "nie potrzebuję konsultanta",
        "Proszę mnie nie łączyć z konsultantem",
    ),
}

OTHERS: dict[Language, tuple[str, ...]] = {
    "en": (
        "",
        "please",
        "no thanks",
        "no humans?",
        "no, I want a human",
        "no I want a human",
        "I don't want a bot, I want a human",
        "no person has answered me",
        "no agent is online",
        "I don't want to wait for a person",
        "don't call me",
        "a human please",
        "I don't want to talk to a human, do you ship to Norway",
    ),
    "de": (
        "kein Mensch antwortet mir",
        "Hier ist kein Mensch",
        "Nein, ich will mit einem Menschen sprechen",
        "keinen Bot, einen Menschen bitte",
        "Bitte keine Werbung",
    ),
    "fr": ("personne ne répond", "il n'y a personne", "non, je veux un humain"),
    "es": ("No, quiero hablar con una persona", "no me responde nadie", "no quiero azúcar"),
    "pt": ("Não, quero falar com uma pessoa", "ninguém responde", "não quero açúcar"),
    "nl": ("nee, ik wil een mens spreken", "ik krijg niemand te pakken", "geen suiker"),
    "it": ("no, voglio parlare con una persona", "nessuno risponde", "senza zucchero"),
    "pl": ("Nie, chcę rozmawiać z człowiekiem", "nikt nie odpowiada", "bez cukru"),
}


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, all_ in REFUSED.items() for t in all_])
def test_a_refusal_is_told(code: Language, text: str) -> None:
    """In the language's own words, with a word of thanks or a greeting beside it."""
    assert REFUSALS[code].is_one(text)
    read = READER.read(text) or READER.refusal(text)
    assert read is not None
    assert read.kind == "no_person"


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, all_ in OTHERS.items() for t in all_])
def test_what_is_no_refusal_or_not_one_alone_is_none(code: Language, text: str) -> None:
    """Who wants a person, complains that there is none, or asks something besides."""
    assert not REFUSALS[code].is_one(text)
    assert READER.refusal(text) is None


@pytest.mark.parametrize("code", CODES)
def test_whoever_would_rather_talk_to_the_bot_refuses_too(code: Language) -> None:
    """Whole phrases say so, without a negation; with a "no" before it they mean the same."""
    pack = load_pack(code)
    for phrase in pack.small_talk["no_person"].phrases:
        read = SmallTalkReader(own=code).read(phrase)
        assert read is not None
        assert (read.kind, read.language) == ("no_person", code)


def test_a_long_message_is_no_refusal() -> None:
    """Nobody needs many words for it, and it is not looked through."""
    assert REFUSALS["en"].is_one("no human " + "please " * 18)
    assert not REFUSALS["en"].is_one("no human " + "please " * 19)
    assert not REFUSALS["en"].is_one("no human" + " " * 400 + "please")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I don't want a human, do you ship to Norway?", "do you ship to Norway?"),
        ("Do you ship to Norway? No humans please!", "Do you ship to Norway?"),
        ("Hi! No humans please. Do you ship to Norway? Thanks", "Do you ship to Norway?"),
        ("Keine Menschen bitte. Liefern Sie nach Norwegen?", "Liefern Sie nach Norwegen?"),
        ("No humans please. Refund?", "No humans please. Refund?"),
        ("no humans please", "no humans please"),
    ],
)
def test_a_question_beside_it_is_what_is_asked(text: str, left: str) -> None:
    """The FAQ is asked that; where too little would be left, the whole."""
    assert READER.question(text) == left
