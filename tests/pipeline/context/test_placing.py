"""``placing.py``: a fragment takes the place of the whole thing that is like it."""

from __future__ import annotations

import pytest

from agentbot.pipeline.context.placing import put_into
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.following import follow_ups, tokens_of, written


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
        ("de", "Nehmen Sie Apple Pay?", "und PayPal?", "Nehmen Sie PayPal"),
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
        ("fr", "le dîner est inclus ?", "et le vin ?", "le vin est inclus"),
        ("fr", "Combien coûte le forfait Pro ?", "et le forfait Duo ?",
         "Combien coûte le forfait Duo"),
        ("fr", "vous vendez des bons de cadeau ?", "et des sacs ?", "vous vendez des sacs"),
        ("es", "aceptan apple pay?", "y paypal?", "aceptan paypal"),
        ("es", "¿puedo usar apple pay?", "¿y paypal?", "puedo usar paypal"),
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
        ("it", "La colazione è inclusa?", "e la cena?", "la cena è inclusa"),
        ("pl", "czy przyjmujecie apple pay?", "a paypal?", "czy przyjmujecie paypal"),
        ("pl", "Czy sprzedajecie zieloną herbatę?", "a kawę?", "Czy sprzedajecie kawę"),
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
    ],
)
def test_what_the_fragment_leaves_unsaid_stays(question: str, fragment: str, asked: str) -> None:
    """The head of a name with an article, as many words before a shared one, and what is done."""
    assert placed("en", question, fragment) == asked
