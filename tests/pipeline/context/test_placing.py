"""``placing.py``: a fragment takes the place of the whole thing that is like it."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentbot.pipeline.context.placing import put_into
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.following import Token, follow_ups, tokens_of, words_of, written
from agentbot.pipeline.languages.pack import CODES, load_pack


def placed(code: Language, question: str, fragment: str) -> str:
    """The question that a fragment makes of an earlier one."""
    words = follow_ups(code)
    kept, _ = words.without_ends(tokens_of(fragment))
    return written(put_into(tokens_of(question), kept, words))


@pytest.mark.parametrize(
    ("code", "question", "fragment", "asked"),
    [
        ("en", "Do you take Apple Pay?", "and PayPal?", "Do you take PayPal"),
        ("en", "do you take apple pay?", "and paypal?", "do you take paypal"),
        ("en", "do you take Apple pay?", "and Paypal?", "do you take Paypal"),
        ("en", "Do you take Apple Pay?", "and Google Pay?", "Do you take Google Pay"),
        ("en", "do you take american express?", "and visa?", "do you take visa"),
        ("en", "Do you accept bank transfers?", "and Visa?", "Do you accept Visa"),
        ("en", "Do you sell gift cards?", "and mugs?", "Do you sell mugs"),
        ("en", "can I return gift cards?", "and mugs?", "can I return mugs"),
        ("en", "How much is the Pro plan?", "and the Team plan?", "How much is the Team plan"),
        ("en", "How much is the pro plan?", "and the basic plan?", "How much is the basic plan"),
        ("en", "What is the Pro plan?", "and Enterprise?", "What is the Enterprise plan"),
        ("en", "do you ship to new york?", "and boston?", "do you ship to boston"),
        ("en", "Do you ship to the United States?", "and Canada?", "Do you ship to Canada"),
        ("en", "is new york covered?", "and boston?", "is boston covered"),
        ("en", "is the shop in new york open?", "and in rome?", "is the shop in rome open"),
        ("en", "Is breakfast included?", "and dinner?", "Is dinner included"),
        ("en", "is there a coffee shop?", "and a bakery?", "is there a bakery"),
        ("en", "Can I bring my dog?", "and my cat?", "Can I bring my cat"),
        ("en", "Can I change my delivery address?", "and the date?", "Can I change the date"),
        ("en", "Does Klarna charge interest?", "and PayPal?", "Does PayPal charge interest"),
        ("en", "Do you accept Visa?", "and PayPal?", "Do you accept PayPal"),
        ("en", "Does Klarna offer refunds?", "and PayPal?", "Does PayPal offer refunds"),
        ("en", "Is the basic plan free?", "and the family plan?", "Is the family plan free"),
        ("en", "is green tea expensive?", "and coffee?", "is coffee expensive"),
        ("en", "Are cups of tea included?", "and of coffee?", "Are cups of coffee included"),
        ("en", "can I pay in euros?", "and pounds?", "can I pay in pounds"),
        ("en", "Do you ship to the United Arab Emirates?", "and Oman?", "Do you ship to Oman"),
        ("en", "Is delivery to New York free?", "and Rome?", "Is delivery to Rome free"),
        ("en", "Is shipping to the Netherlands free?", "and to the Faroes?",
         "Is shipping to the Faroes free"),
        ("en", "How long does delivery to Norway take?", "and to Sweden?",
         "How long does delivery to Sweden take"),
        ("en", "Do orders from Norway get free tea samples?", "and mugs?",
         "Do orders from Norway get free mugs"),
        ("de", "Nehmen Sie Apple Pay?", "und PayPal?", "Nehmen Sie PayPal"),
        ("de", "Darf mein hund in den garten?", "und in den laden?", "Darf mein hund in den laden"),
        ("de", "kann ich mit karte zahlen?", "und mit visa?", "kann ich mit visa zahlen"),
        ("de", "liefert eure firma frische bio eier?", "und milch?", "liefert eure firma milch"),
        ("de", "Liefern Sie ins Büro morgens?", "und ins Lager?", "Liefern Sie ins Lager morgens"),
        ("de", "wird tee geliefert?", "und kaffee?", "wird kaffee geliefert"),
        ("de", "nehmt ihr apple pay?", "und paypal?", "nehmt ihr paypal"),
        ("de", "kann ich apple pay nutzen?", "und paypal?", "kann ich paypal nutzen"),
        ("de", "Nutzen Sie die Deutsche Post?", "und die DHL?", "Nutzen Sie die DHL"),
        ("de", "kann ich mit apple pay zahlen?", "und mit visa?", "kann ich mit visa zahlen"),
        ("de", "Verkaufen Sie grünen Tee?", "und Kaffee?", "Verkaufen Sie Kaffee"),
        ("de", "Was kostet der Pro Tarif?", "und der Team Tarif?", "Was kostet der Team Tarif"),
        ("fr", "vous acceptez apple pay ?", "et paypal ?", "vous acceptez paypal"),
        ("de", "kann ich meinen hund mitbringen?", "und meine katze?",
         "kann ich meine katze mitbringen"),
        ("it", "Posso portare il mio cane?", "e il gatto?", "Posso portare il gatto"),
        ("es", "¿Tienen cursos de español?", "¿y de italiano?", "Tienen cursos de italiano"),
        ("fr", "acceptez-vous Apple Pay ?", "et PayPal ?", "acceptez-vous PayPal"),
        ("fr", "carte de crédit est acceptée ?", "et paypal ?", "paypal est acceptée"),
        ("fr", "vous vendez beaucoup de tasses ?", "et bols ?", "vous vendez beaucoup de bols"),
        ("fr", "le dîner est inclus ?", "et le vin ?", "le vin est inclus"),
        ("fr", "Combien coûte le forfait Pro ?", "et le forfait Duo ?",
         "Combien coûte le forfait Duo"),
        ("fr", "vous vendez des bons de cadeau ?", "et des sacs ?", "vous vendez des sacs"),
        ("es", "aceptan apple pay?", "y paypal?", "aceptan paypal"),
        ("es", "¿puedo usar apple pay?", "¿y paypal?", "puedo usar paypal"),
        ("es", "¿Aceptan PayPal?", "¿y Visa?", "Aceptan Visa"),
        ("es", "¿Hay plan Pro?", "¿y plan Duo?", "Hay plan Duo"),
        ("es", "plan Pro incluye soporte?", "¿y plan Duo?", "plan Duo incluye soporte"),
        ("es", "¿Qué incluye el plan Pro anual?", "¿y el plan Duo anual?",
         "Qué incluye el plan Duo anual"),
        ("es", "¿Está incluido el desayuno?", "¿y la cena?", "Está incluido la cena"),
        ("es", "¿Aceptan tarjeta de crédito?", "¿y PayPal?", "Aceptan PayPal"),
        ("es", "¿Cuánto cuesta el plan Pro?", "¿y el plan Duo?", "Cuánto cuesta el plan Duo"),
        ("pt", "vocês aceitam apple pay?", "e paypal?", "vocês aceitam paypal"),
        ("pt", "Aceitam cartão de crédito?", "e PayPal?", "Aceitam PayPal"),
        ("pt", "O almoço está incluído?", "e o jantar?", "o jantar está incluído"),
        ("nl", "kan ik met apple pay betalen?", "en paypal?", "kan ik met paypal betalen"),
        ("nl", "Verkopen jullie groene thee?", "en koffie?", "Verkopen jullie koffie"),
        ("nl", "Is het ontbijt inbegrepen?", "en het diner?", "Is het diner inbegrepen"),
        ("it", "posso usare apple pay?", "e paypal?", "posso usare paypal"),
        ("it", "Quanto costa il piano Pro?", "e il piano Duo?", "Quanto costa il piano Duo"),
        ("it", "dove sono esposte le tazze?", "e i piatti?", "dove sono esposte i piatti"),
        ("it", "wifi è incluso?", "e parcheggio?", "parcheggio è incluso"),
        ("it", "La colazione è inclusa?", "e la cena?", "la cena è inclusa"),
        ("pl", "czy przyjmujecie apple pay?", "a paypal?", "czy przyjmujecie paypal"),
        ("pl", "Czy sprzedajecie zieloną herbatę?", "a kawę?", "Czy sprzedajecie kawę"),
        ("pl", "sprzedajecie zieloną herbatę?", "a czarną herbatę?",
         "sprzedajecie czarną herbatę"),
        ("pl", "Czy mogę zwrócić kubek?", "a kawę?", "Czy mogę zwrócić kawę"),
        ("pl", "Czy mogę zwrócić mój kubek?", "a moją?", "Czy mogę zwrócić moją"),
        ("pl", "Czy śniadanie jest wliczone?", "a kolacja?", "Czy kolacja jest wliczone"),
    ],
)  # fmt: skip
def test_a_thing_of_several_words_is_replaced_whole(
    code: Language, question: str, fragment: str, asked: str
) -> None:
    """Also in small letters, and without what is done with it or said of it."""
    assert placed(code, question, fragment) == asked


@pytest.mark.parametrize(
    ("question", "fragment", "asked"),
    [
        ("How do I brew fresh green tea?", "and black tea?", "How do I brew fresh black tea"),
        ("what does the Pro plan include?", "and the Team?", "what does the Team plan include"),
        ("Which cards do you accept?", "and Visa?", "Which cards do you accept Visa"),
        ("Do you ship?", "and Norway?", "Do you ship Norway"),
        ("is this tea organic?", "and vegan?", "is this tea vegan"),
        ("Do you take Apple Pay?", "and in Rome?", "Do you take Apple Pay in Rome"),
        ("Visa?", "and Google Pay?", "Visa Google Pay"),
        ("tea?", "and black tea?", "tea black tea"),
        ("Is the pro plan free?", "and the black tea?", "Is the black tea free"),
        ("Do you sell green tea?", "and the black tea?", "Do you sell the black tea"),
        ("Do you sell green tea?", "and the tea?", "Do you sell green the tea"),
    ],
)
def test_what_the_fragment_leaves_unsaid_stays(question: str, fragment: str, asked: str) -> None:
    """The head of a name with an article, as many words before a shared one, and what is done."""
    assert placed("en", question, fragment) == asked


_NAMES = tokens_of("Visa Apple Pay Pro mugs plan tea green")
"""Words that name something in each language, with and without a capital letter."""


@cache
def _words(code: Language) -> st.SearchStrategy[Token]:
    """Words by which a question is read, as many of each kind, and names and figures."""
    pack = load_pack(code)
    listed, things = pack.follow_ups, pack.follow_ups.things
    kinds = (
        *(things.articles, things.of, things.before_verbs, things.copulas, things.modals),
        *(listed.before, listed.pronouns, pack.asking.openers, pack.asking.subjects, ["7"]),
    )
    tokens = [tokens_of(" ".join([*kind, *map(str.title, kind)])) for kind in kinds if kind]
    return st.one_of(*map(st.sampled_from, (*tokens, _NAMES)))


@st.composite
def _said(draw: st.DrawFn, code: Language, *, most: int) -> tuple[Token, ...]:
    """So many words at most, one of which names something: callers see to no more than that."""
    around = draw(st.lists(_words(code), max_size=most - 1))
    place = draw(st.integers(0, len(around)))
    return (*around[:place], draw(st.sampled_from(_NAMES)), *around[place:])


@settings(max_examples=50)
@given(st.sampled_from(CODES), st.data())
def test_any_fragment_stands_whole_in_any_question(code: Language, data: st.DataObject) -> None:
    """Its words follow each other as they were said, wherever they are put."""
    question = data.draw(_said(code, most=8), "question")
    fragment = data.draw(_said(code, most=5), "fragment")
    said, own = words_of(put_into(question, fragment, follow_ups(code))), words_of(fragment)
    assert any(said[place : place + len(own)] == own for place in range(len(said)))
