"""What of an e-mail counts, pipeline/mail/quoting.py: its sender's own words, in any language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.mail.quoting import own_words
from tests.support.growth import LINEAR, growth

QUOTED = "Yes, we ship to Norway!\nWrite 'human' to talk to a person."
BEHIND_SIGNS = "\n".join(f"> {line}" for line in QUOTED.splitlines())


@pytest.mark.parametrize(
    "above",
    [
        "On Tue, Nov 24, 2026 at 10:11 AM Fjord & Fern <shop@example.com> wrote:",
        "On Tue, Nov 24, 2026 at 10:11 AM Fjord & Fern <\nshop@example.com> wrote:",
        "On 24 Nov 2026, at 10:11, Fjord & Fern <shop@example.com> wrote:",
        "On 24/11/2026 10:11, Fjord & Fern wrote:",
        "Am 24.11.2026 um 10:11 schrieb Fjord & Fern:",
        "Am Di., 24. Nov. 2026 um 10:11 Uhr schrieb Fjord <shop@example.com>:",
        "Fjord & Fern <shop@example.com> schrieb am 24. November 2026 um 10:11:",
        "Le mar. 24 nov. 2026 à 10:11, Fjord & Fern <shop@example.com> a\nécrit :",
        "El mar, 24 nov 2026 a las 10:11, Fjord & Fern (<shop@example.com>) escribió:",
        "Em ter., 24 de nov. de 2026 às 10:11, Fjord <shop@example.com> escreveu:",
        "Op di 24 nov 2026 om 10:11 schreef Fjord & Fern <shop@example.com>:",
        "Il giorno mar 24 nov 2026 alle ore 10:11 Fjord <shop@example.com> ha scritto:",
        "W dniu 24.11.2026 o 10:11, Fjord & Fern pisze:",
        "wt., 24 lis 2026 o 10:11 Fjord & Fern <shop@example.com> napisał(a):",
        "Den tis 24 nov. 2026 kl 10:11 skrev Fjord & Fern <shop@example.com>:",
        "tir. 24. nov. 2026 kl. 10:11 skrev Fjord & Fern <shop@example.com>:",
        "ti 24. marrask. 2026 klo 10.11 Fjord & Fern (shop@example.com) kirjoitti:",
        "вт, 24 нояб. 2026, в 10:11, Fjord & Fern <shop@example.com>:",
        "2026年11月24日(火) 10:11 Fjord & Fern <shop@example.com>:",
        "Fjord & Fern <shop@example.com> 于2026年11月24日周二 10:11写道\uff1a",
        "2026년 11월 24일 (화) 10:11, Fjord <shop@example.com>님이 작성:",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "-------- Ursprüngliche Nachricht --------",
        "-----Message d'origine-----",
        "-----Mensaje original-----",
        "Begin forwarded message:",
        "Anfang der weitergeleiteten Nachricht:",
        "From: Fjord & Fern <shop@example.com>\nSent: Tuesday, 24 November 2026\nSubject: Norway",
        "________________________________\nFrom: Fjord & Fern <shop@example.com>\nTo: Vera",
        "Von: Fjord & Fern\nGesendet: Dienstag, 24. November 2026\nAn: Vera\nBetreff: Norwegen",
        "*De :* Fjord & Fern <shop@example.com>\n*Envoyé :* mardi\n*Objet :* Norvège",
        "De: Fjord & Fern\nEnviado el: martes\nPara: Vera\nAsunto: Noruega",
        "Van: Fjord & Fern\nVerzonden: dinsdag\nAan: Vera\nOnderwerp: Noorwegen",
        "Da: Fjord & Fern\nInviato: martedì\nA: Vera\nOggetto: Norvegia",
        "Od: Fjord & Fern\nWysłano: wtorek\nDo: Vera\nTemat: Norwegia",
        "Från: Fjord & Fern\nSkickat: tisdag\nTill: Vera\nÄmne: Norge",
        "发件人: Fjord <shop@example.com>\n主题\uff1a Norway",
    ],
)
@pytest.mark.parametrize("quoted", [QUOTED, BEHIND_SIGNS], ids=["bare", "signed"])
def test_what_a_mail_program_quotes_does_not_count(above: str, quoted: str) -> None:
    """Whatever its language, with signs before the lines or without."""
    mail = f"Thanks, it has come!\n\n{above}\n\n{quoted}\n"
    assert own_words(mail) == "Thanks, it has come!"
    assert own_words(mail.replace("\n", "\r\n")) == "Thanks, it has come!"
    assert own_words(f"{above}\n{quoted}") == ""


@pytest.mark.parametrize(
    "above",
    [
        "st 25. 11. 2026 v 10:12 odesílatel Fjord <a@example.com> napsal:",
        "середа, 25 листопада 2026, Fjord <a@example.com> пише:",
        "Wiadomość napisana przez Fjord <a@example.com> w dniu 25 lis 2026, o godz. 10:12:",
        "\u200fในวันที่ 25 พ.ย. 2026 เวลา 10:12 Fjord <a@example.com> เขียนว่า:\u200f",
        "sri, 25. stu 2026. u 10:12 Fjord <a@example.com> napisao je:",
    ],
)
def test_a_quotation_is_known_in_any_language_where_it_is_signed(above: str) -> None:
    """By an address and a date above lines with signs: no list holds all verbs."""
    assert own_words(f"It has come.\n\n{above}\n\n> Has it come?\n") == "It has come."


def test_what_stands_below_and_between_signed_quotations_counts() -> None:
    """People answer below, or line by line."""
    mail = (
        "On 24 Nov 2026 at 10:11, Fjord wrote:\n> Which size?\n\nA large one.\n\n"
        ">> Which colour?\n> And which colour?\nBlue. Do you ship it?\n"
    )
    assert own_words(mail).split("\n\n") == ["A large one.", "Blue. Do you ship it?"]


@pytest.mark.parametrize(
    "below",
    [
        "-- \nJ. D.\nReal Estate Agent, Human Resources",
        "-- \nWhy wait? Visit our shop!",
        "--\nJ. D.\nHuman Resources",
        "Best regards,\nJ. D.\nHuman Resources\n+47 900 00 000",
        "Kind regards, Vera",
        "Mit freundlichen Grüßen\n\nVera Meier\nAgentur Meier GmbH",
        "Cordialement,\nVera",
        "Un saludo,\nVera",
        "Atenciosamente,\nVera",
        "Met vriendelijke groet,\nVera",
        "Cordiali saluti\nVera",
        "Z poważaniem\nVera",
        "Med vänliga hälsningar\nVera",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Verzonden vanaf mijn iPhone",
        "Inviato da iPhone",
        "Wysłane z iPhone'a",
        "Skickat från min iPhone",
        "Get Outlook for Android <https://example.com/a>",
        "Sent from my Galaxy\n\nOn 24 Nov 2026 at 10:11, Fjord wrote:\n> Yes.",
        "Best,\nVera\n\nVera Nordmann | CEO\n+49 30 123",
        "This e-mail and any attachments are confidential.\nHuman Resources",
        "Diese E-Mail enthält vertrauliche Informationen und ist allein für den Empfänger.",
        "Please consider the environment before printing this e-mail.",
        "Virenfrei.www.avast.com",
        "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.",
        "iPhone'umdan gönderildi",
        "发自我的iPhone",
        "Télécharger Outlook pour iOS<https://example.com/a>",
        "##- Please type your reply above this line -##\n\nWe ship to Norway.",
        "  Original Message  \nFrom: Fjord\nWe ship to Norway.",
        "-----元のメッセージ-----\n差出人: Fjord\n古い",
        "  On Wed, Nov 25, 2026 at 10:12, Fjord<a@example.com> wrote:   We ship to Norway.",
        "Best regards\nVera\n\n-----Original Message-----\nIs this yours?",
    ],
)
def test_what_stands_below_a_signature_does_not_count(below: str) -> None:
    """Nor what a telephone adds."""
    assert own_words(f"Where is my order?\n\n{below}\n") == "Where is my order?"


@pytest.mark.parametrize(
    "mail",
    [
        "Hi,\nI want\n- two cups\n- one pot\nHow much is it?",
        "Thanks,\nand do you ship to Norway?",
        "Best regards to your team!\nWhere is my order?",
        "Kind regards,\nVera\nPS: do you ship to Norway",
        "Regards\nVera\n\nAnd do you ship to Norway?",
        "My route:\nFrom: Bergen\nTo: Oslo\nHow much is it?",
        "On 3 May you wrote:\nyou ship to Norway\nIs that so?",
        "On Monday I ordered, with this note:\nring twice",
        "Sent from my office last week, where is it now?",
        "Sent from my iPhone\nis what your mail said. Why?",
        "5 > 3, is it not?",
        "--\nOne question: where is it?",
        "From: me\nhello",
        "It says:\n*** fragile ***\nWhy?",
    ],
)
def test_a_customers_own_words_count(mail: str) -> None:
    """In doubt a line is theirs: an unheard question is worse than a quoted word."""
    assert own_words(mail) == mail


@given(st.text(st.characters() | st.sampled_from(">:\n-_@ "), max_size=300))
def test_any_mail_is_read(text: str) -> None:
    """And nothing is added to it."""
    said = own_words(text)
    assert all(line in text.replace("\r\n", "\n").replace("\r", "\n") for line in said.split("\n"))
    assert own_words(f"Hello\n{BEHIND_SIGNS}") == "Hello"


@pytest.mark.parametrize(
    "piece",
    ["> a\n", "On a ", "Von: b@c\n", "\n", "--\n", "Best regards\n", "On 1 a\n", "From: a\n"],
)
def test_it_takes_time_linear_in_the_text(piece: str) -> None:
    """No mail holds up everybody else."""

    def read(size: int) -> str:
        return own_words("Hello\n" + piece * (size // len(piece)))

    assert growth(read, size=6_000) < LINEAR
