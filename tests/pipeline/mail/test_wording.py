"""Absence notes and other machines' mails are told by words alone; people on holiday are heard."""

from __future__ import annotations

import pytest

from agentbot.pipeline.mail.automatic import why_automatic
from agentbot.pipeline.mail.wording import why_by_words

ABSENCE_NOTES = [
    "Thank you for your email. I am out of the office until 30 November.",
    (
        "Hello,\n\nThank you for your message. I am out of the office until 30 November with "
        "limited access to my email. Is it urgent? Then please contact Bob at b@example.com.\n\nKim"
    ),
    (
        "I am currently on annual leave. In urgent cases please write to bob@example.com. Do you "
        "need help right away? Call our reception."
    ),
    "Thanks for your email! I'm on vacation until Monday and will reply to your message then.",
    "I'm on parental leave; your email will not be forwarded.",
    "Our office is closed over the holidays. Thank you for contacting us.",
    (
        "Vielen Dank für Ihre Nachricht. Ich bin bis zum 30.11. nicht im Büro. Ist es dringend? "
        "Dann wenden Sie sich bitte an meine Kollegin."
    ),
    (
        "Guten Tag,\nich bin im Urlaub. Ihre E-Mail wird nicht weitergeleitet. In dringenden "
        "Fällen hilft Ihnen Herr Berg."
    ),
    (
        "Merci pour votre message. Je suis absente du bureau jusqu'au 30 novembre. Est-ce urgent ? "
        "Vous pouvez contacter Paul."
    ),
    (
        "Je suis en congés et je répondrai à votre message à mon retour. En cas d'urgence, appelez "
        "le secrétariat."
    ),
    (
        "Gracias por su mensaje. Estoy fuera de la oficina hasta el lunes. ¿Es urgente? Puede "
        "contactar con Ana."
    ),
    "Gracias por su correo. Estoy de vacaciones. En caso de urgencia llame a Ana.",
    "Obrigado pela sua mensagem. Estou ausente até dia 30. Em caso de urgência contacte a Ana.",
    "Obrigada pelo seu e-mail. Estou de férias e responderei assim que possível.",
    "Bedankt voor uw bericht. Ik ben niet op kantoor tot 30 november. Bij spoed: bel Jan.",
    "Bedankt voor uw mail. Ik ben op vakantie; uw bericht beantwoord ik na 30 november.",
    "Grazie per il suo messaggio. Sono fuori ufficio fino al 30. Per urgenze scriva a Paolo.",
    "Grazie per la sua mail. Sono in ferie e risponderò al mio rientro.",
    (
        "Dziękuję za wiadomość. Jestem nieobecny do 30 listopada. W pilnych sprawach proszę o "
        "kontakt z Janem."
    ),
    "Dziękuję za wiadomość. Jestem na urlopie i odpowiem po powrocie.",
]

OTHER_MACHINES = [
    "This is an automatic reply: do you need help? See our help centre.",
    "Hello Fjord & Fern,\n\nthis is an automated message. Please do not reply.",
    "Guten Tag, dies ist eine automatische Antwort. Haben Sie Fragen? Rufen Sie an.",
    "This message was created automatically by mail delivery software.",
    "Delivery has failed to these recipients or groups:\nfern@example.com",
    "Your message couldn't be delivered to vera@example.com. Why did this happen?",
    "Ihre Nachricht konnte nicht zugestellt werden.",
    "Votre message n'a pas pu être remis à ses destinataires.",
    "Su mensaje no se ha podido entregar a vera@example.com",
    "A sua mensagem não foi entregue.",
    "Uw bericht kan niet worden bezorgd.",
    "Impossibile recapitare il messaggio a vera@example.com",
    "Nie można dostarczyć wiadomości do vera@example.com",
    "This is a receipt for the mail that you sent to vera@example.com.",
    "Dies ist eine Lesebestätigung für Ihre Nachricht.",
    "View this email in your browser\n\nAutumn sale! Would you like 20 % off?",
    "Autumn sale! Would you like 20 % off?\n\nYou are receiving this email because you signed up.",
    "Herbstaktion!\nSie erhalten diesen Newsletter, weil Sie sich angemeldet haben.",
    "Hello,\nwe have received your request. Your ticket number is 4711.",
    "Thank you for contacting Acme support. A member of our team will get back to you.",
    "Vielen Dank, Ihre Anfrage ist bei uns eingegangen. Wir melden uns so schnell wie möglich.",
    "Nous avons bien reçu votre demande et y répondrons dans les plus brefs délais.",
    "Hemos recibido su solicitud. Le contestaremos lo antes posible.",
    "Recebemos a sua mensagem. Responderemos o mais breve possível.",
    "Wij hebben uw aanvraag ontvangen en reageren zo snel mogelijk.",
    "Abbiamo ricevuto la sua richiesta. Risponderemo il prima possibile.",
    "Otrzymaliśmy Twoje zgłoszenie. Odpowiemy jak najszybciej.",
]

PEOPLE = [
    "I'm on vacation until Monday, can you ship later?",
    "Thank you for your message! I'm on holiday until the 5th. Can you hold the parcel until then?",
    "Thanks for your email. I'm out of the office until Monday, can you deliver on Tuesday?",
    "I am out of the office next week. Could you deliver to my neighbour?",
    "We are on vacation, please deliver after the 5th.",
    "We are away from the office, can you deliver on the 5th? Please email the tracking number.",
    "Is your office closed on Friday? I'd like to pick up my order.",
    "Ich bin bis Montag im Urlaub, können Sie später liefern?",
    "Danke für Ihre Nachricht. Ich bin nächste Woche im Urlaub, können Sie danach liefern?",
    "Je suis en vacances jusqu'à lundi, pouvez-vous livrer plus tard ?",
    "Merci pour votre message. Je suis en vacances, pouvez-vous attendre mon retour ?",
    "Estoy de vacaciones hasta el lunes, ¿pueden enviarlo más tarde?",
    "Estou de férias até segunda, podem enviar mais tarde?",
    "Ik ben tot maandag op vakantie, kunt u later leveren?",
    "Sono in ferie fino a lunedì, potete spedire più tardi?",
    "Jestem na urlopie do poniedziałku, czy możecie wysłać później?",
    "It is urgent: I'm on leave from Friday and need the cups before.",
    "My parcel couldn't be delivered. What now?",
    "I have received your email, but the link does not work. Can you send it again?",
    "I have received your message. When will you get back to me?",
    "At the checkout it says: address not found. What can I do?",
    "I wrote to your old address, and got this: Your message could not be delivered. Is it right?",
    "Please unsubscribe me from the newsletter",
    "Why did I get your newsletter? Unsubscribe",
    "Is this an automatic reply?",
    "This is an automatic watch, isn't it?",
    "Do your automatic replies always come so late?",
    "Can you read this?",
    "",
]


@pytest.mark.parametrize("text", ABSENCE_NOTES)
def test_an_absence_note_is_one_whatever_it_asks(text: str) -> None:
    """By what it says of the mail that it answers, in eight languages."""
    assert "absence" in why_by_words(text)


@pytest.mark.parametrize("text", OTHER_MACHINES)
def test_other_machines_say_what_they_are(text: str) -> None:
    """Failed deliveries, receipts, newsletters, help desks."""
    assert why_by_words(text)


@pytest.mark.parametrize("text", PEOPLE)
def test_people_are_heard(text: str) -> None:
    """Who is on holiday and asks something, and who writes of mails."""
    assert why_by_words(text) == ""


def test_what_a_person_quotes_is_not_theirs() -> None:
    """They may answer an absence note, or forward a newsletter."""
    quoted = "\n".join(f"> {line}" for line in ABSENCE_NOTES[1].splitlines())
    text = f"Is this still true?\n\nOn 24 Nov 2026 at 10:11, Kim wrote:\n{quoted}\n"
    assert not why_automatic({}, subject="", sender="", text=text)
    html = f"<html><body><p>{ABSENCE_NOTES[0]}</p></body></html>"
    assert why_automatic({}, subject="", sender="", text=html)


def test_only_the_beginning_of_a_long_mail_is_looked_at() -> None:
    """Whoever writes pages is no machine that says a sentence, and it takes no time."""
    assert why_by_words("Tea. " * 5 + "This is an automated message.")
    assert not why_by_words("Tea. " * 6 + "This is an automated message.")
    assert not why_by_words("Tea and cups " * 300 + ABSENCE_NOTES[0])
