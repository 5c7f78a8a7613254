"""Small talk is told from questions in every language, and is taken off around them."""

from __future__ import annotations

import pytest

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.pack import CODES, load_pack
from agentbot.pipeline.languages.small_talk import SmallTalkReader
from tests.bench.sets import TRIAGE, load_sets
from tests.support.optional import requires_bench_data

READERS = {code: SmallTalkReader(own=code) for code in CODES}
each_language = pytest.mark.parametrize("code", CODES)

QUESTIONS: dict[Language, tuple[str, ...]] = {
    "en": (
        "Hello, do you ship to Norway?",
        "thanks, but where is my parcel",
        "ok and how long does it take",
        "help me return my order",
        "I have a question about customs",
        "is anyone there on Sundays?",
        "bye-bye plates: do you have them?",
        "are you a member of the guild",
        "no milk in the chai?",
        "good tea for the morning",
        "hi-res pictures of the cups",
        "nice cups",
        "your phone number please",
        "cancel",
        "thank you for your patience, where is my parcel",
        "is this chatgpt plugin free",
        "I will try the green tea",
        "refund",
        "12345",
        "who is this gift from",
        "what can you do about a broken cup",
    ),
    "de": (
        "Hallo, liefern Sie nach Norwegen?",
        "Danke, aber wo ist mein Paket?",
        "Morgen geöffnet?",
        "Ich habe eine Frage zum Versand",
        "Hilfe bei der Bestellung",
        "gute Tasse für morgen",
        "Rückgabe",
        "ist da Koffein drin",
        "was kostet der Tee",
        "Stornierung",
    ),
    "fr": (
        "Bonjour, livrez-vous en Norvège ?",
        "merci mais où est mon colis",
        "j'ai une question sur la livraison",
        "bon thé pour le matin",
        "remboursement",
        "comment retourner un article",
        "quel thé pour le soir",
    ),
    "es": (
        "Hola, ¿envían a Noruega?",
        "gracias pero dónde está mi pedido",
        "tengo una pregunta sobre el envío",
        "buenas tazas para café",
        "reembolso",
        "cómo devuelvo un artículo",
        "si compro dos hay descuento",
    ),
    "pt": (
        "Olá, entregam na Noruega?",
        "obrigado mas onde está a encomenda",
        "tenho uma dúvida sobre a entrega",
        "reembolso",
        "como devolvo um artigo",
        "bom chá para a noite",
    ),
    "nl": (
        "Hallo, leveren jullie naar Noorwegen?",
        "bedankt maar waar is mijn pakket",
        "ik heb een vraag over de bezorging",
        "morgen open?",
        "retour",
        "hoe werkt retourneren",
        "help mij met mijn bestelling",
    ),
    "it": (
        "Buongiorno, spedite in Norvegia?",
        "grazie ma dov'è il mio pacco",
        "ho una domanda sulla spedizione",
        "rimborso",
        "come faccio il reso",
        "come funziona il reso",
    ),
    "pl": (
        "Dzień dobry, czy wysyłacie do Norwegii?",
        "dziękuję, ale gdzie jest moja paczka",
        "mam pytanie o dostawę",
        "zwrot",
        "jak zwrócić towar",
        "co z moją paczką",
    ),
}
"""Messages that ask something, by language."""


@each_language
def test_each_phrase_of_a_pack_is_of_its_kind(code: Language) -> None:
    """As it is written there, in capitals, with signs, and with a smile."""
    reader = READERS[code]
    for kind, words in load_pack(code).small_talk.items():
        for phrase in words.phrases:
            for said in (phrase, phrase.upper() + "!!!", f"{phrase}… 🙂"):
                understood = reader.read(said)
                assert understood is not None, said
                assert (understood.kind, understood.language) == (kind, code), said


@each_language
def test_questions_are_no_small_talk(code: Language) -> None:
    """In their own language's shop as in any other's."""
    for asked in QUESTIONS[code]:
        for reader in READERS.values():
            assert reader.read(asked) is None, asked


@requires_bench_data
def test_next_to_no_real_question_is_taken_for_small_talk() -> None:
    """Among 3,776 questions to a bank and requests to a voice assistant there is none."""
    asked = [one.text for one in load_sets()[TRIAGE].asked if one.text.strip()]
    taken = [text for text in asked if READERS["en"].read(text)]
    assert (len(taken), len(asked)) == (0, len(asked)), taken


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("👋 hello", "greeting"),
        ("Hello!!! 😊", "greeting"),
        ("hi there, good morning everybody", "greeting"),
        ("Hellooooo", "greeting"),
        ("heyy", "greeting"),
        ("hi\nthere", "greeting"),
        ("Hi Anna", "greeting"),
        ("👋🏽", "greeting"),
        ("👍", "ok"),
        ("👍🏿👍🏿", "ok"),
        ("🙏", "thanks"),
        ("❤️", "praise"),
        ("😂😂", "laugh"),
        (":-)", "laugh"),
        (":(", "sorry"),
        ("😡", "insult"),
        ("?", "unclear"),
        ("???", "unclear"),
        ("...", "unclear"),
        ("🍕", "unclear"),
        ("Thanks, bye", "thanks"),
        ("thank you so much for your help 🙏", "thanks"),
        ("ok thanks", "thanks"),
        ("thx a lot!", "thanks"),
        ("thank you for your patience", "thanks"),
        ("perfect, that's all I needed", "thanks"),
        ("I'll try that, thanks", "thanks"),
        ("bye for now", "goodbye"),
        ("am I chatting with AI?", "are_you_a_bot"),
        ("no thanks", "no"),
        ("hahahaha", "laugh"),
        ("Hi, are you a bot?", "are_you_a_bot"),
        ("hello, I have a question", "help"),
        ("Hey, is anyone there??", "are_you_there"),
        ("you stupid bot!", "insult"),
        ("good morning, how are you?", "how_are_you"),
        ("Hola, thank you", "thanks"),
    ],
)
def test_phrases_may_be_stretched_joined_and_painted(said: str, kind: str) -> None:
    """Of several kinds the one that wants an answer most counts."""
    understood = READERS["en"].read(said)
    assert understood is not None
    assert understood.kind == kind


@pytest.mark.parametrize("said", ["Hi Anna?", "hi anna", "Hi: Refund", "Hi Anna Berg Olsen"])
def test_only_a_name_may_follow_a_greeting(said: str) -> None:
    """What a capital letter and the place show; anything else may be a question."""
    assert READERS["en"].read(said) is None


def test_known_names_may_stand_anywhere() -> None:
    """The customer's own, and the company's."""
    reader = READERS["en"]
    assert reader.read("hello fern team, vera here") is None
    names = ("Vera Visitor", "Fjord & Fern")
    assert reader.read("hello fjord & fern team", names) is not None
    assert reader.read("thanks, vera", names) is not None


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("hello", "en"),
        ("guten Morgen", "de"),
        ("hola", "es"),
        ("ciao a tutti", "it"),
        ("super", "en"),
    ],
)
def test_a_phrase_of_another_language_tells_it(said: str, language: str) -> None:
    """The own language comes first."""
    understood = READERS["en"].read(said)
    assert understood is not None
    assert understood.language == language


def test_a_phrase_of_several_languages_tells_none() -> None:
    """Unless one of them is the shop's own."""
    understood = READERS["pl"].read("merci")
    assert understood is not None
    assert understood.language is None


def test_a_long_message_is_none() -> None:
    """Whatever it is made of: by its words, and by its letters."""
    assert READERS["en"].read("thanks " * 25) is None
    assert READERS["en"].read("h" + "i" * 400) is None


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("Hello, do you ship to Norway? thanks", "do you ship to Norway?"),
        ("hi do you ship to norway", "do you ship to norway"),
        ("Hi there!\nGood morning.\nWhere is my parcel?", "Where is my parcel?"),
        ("I have a question: do you ship tea?", "do you ship tea?"),
        ("do you ship tea? Thank you very much in advance!", "do you ship tea?"),
        ("Where is my parcel?\n\nKind regards", "Where is my parcel?"),
        ("Guten Tag, do you ship tea", "do you ship tea"),
        ("Guten Tag, liefern Sie Tee? Vielen Dank", "liefern Sie Tee?"),
    ],
)
def test_small_talk_around_a_question_is_taken_off(said: str, question: str) -> None:
    """Before it and after it, in one language."""
    assert READERS["en"].question(said) == question


@pytest.mark.parametrize(
    "said",
    [
        "do you ship tea",
        "hello kitty",
        "evening tea without caffeine",
        "I have a question about customs",
        "remind me later",
        "open in the morning",
        "hello hello hello",
        "thank you so much for your help!",
        "hello " + "tea " * 300,
        "",
    ],
)
def test_a_question_is_not_cut_into(said: str) -> None:
    """Words that belong to it stay, and what is small talk altogether is left whole."""
    assert READERS["en"].question(said) == said


@pytest.mark.parametrize("said", ["Morgen kommt mein Paket?", "Tag der Lieferung ändern"])
def test_words_that_also_greet_stay(said: str) -> None:
    """Without a sign after them they are taken for a part of the sentence."""
    assert READERS["de"].question(said) == said
