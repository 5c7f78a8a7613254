"""Facts are computed once, are never null, and bound what customers and pages may send."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agentbot.pipeline.facts import Facts, FactSources
from agentbot.pipeline.known_facts import ROOTS, sample_facts
from agentbot.pipeline.turn import Account, Author, Conversation, Customer
from tests.support.turns import MONDAY_NOON, OFFICE, history, message, turn
from tests.support.words import WORDS

BOT, PERSON, CUSTOMER = Author.BOT, Author.PERSON, Author.CUSTOMER
SOURCES = FactSources(words=WORDS)
EVENING = MONDAY_NOON + timedelta(hours=9)


class Nearest:
    """A FAQ that has an entry near to any text."""

    def nearest(self, text: str) -> tuple[str, float, bool]:
        """Return it."""
        return (f"near {text}", 0.75, True)

    def is_ready(self, text: str) -> bool:
        """Say that nothing need be waited for."""
        return bool(text)

    async def prepare(self, text: str) -> None:
        """Do nothing."""
        raise AssertionError(text)


def test_the_facts_are_those_of_the_turn() -> None:
    """Each by its own name: what the page on facts lists."""
    asked = turn(
        now=EVENING,
        messages=(
            message("Do you", at=EVENING, attachments=2),
            message("ship?", at=EVENING, attachments=1, metadata={"reply_action": "yes"}),
        ),
        history=history((CUSTOMER, 30), (PERSON, 20), (BOT, 10), now=EVENING),
        agents_online=2,
        conversation=Conversation(
            id="c",
            source="email",
            subject="Tea",
            status="closed",
            inbox_id="inbox",
            tags=("vip", "new"),
            assignee_id=7,
            metadata={"a": 1},
        ),
        customer=Customer(
            id="k",
            name="Vera Visitor",
            email="vera@example.com",
            time_zone="Asia/Tokyo",
            page="/checkout",
            metadata={"language": "nb", "plan": "pro"},
        ),
    )
    facts = Facts(asked, FactSources(words=WORDS, faq=Nearest()))
    assert {name: facts[name] for name in ROOTS} == {
        "text": "Do you\nship?",
        "denied": "",
        "first_message": False,
        "turns": 2,
        "attachments": 3,
        "reply_action": "yes",
        "minutes_since_person": 20.0,
        "minutes_since_bot": 10.0,
        "agents_online": 2,
        "nobody_online": False,
        "inside_hours": False,
        "outside_hours": True,
        "away": False,
        "minutes_until_open": 660.0,
        "opening_hours": "Monday\N{EN DASH}Friday 9:00\N{EN DASH}17:00 (CET)",
        "hours_on_day": "",
        "day_unclear": False,
        "reopens_at": "today at 17:00",
        "weekday": "monday",
        "hour": 22,
        "date": "2026-11-23",
        "conversation": {
            "source": "email",
            "status": "closed",
            "inbox": "inbox",
            "priority": False,
            "tags": ["vip", "new"],
            "assigned": True,
            "assignee": 7,
            "metadata": {"a": 1},
        },
        "customer": {
            "name": "Vera Visitor",
            "first_name": "Vera",
            "email": "vera@example.com",
            "page": "/checkout",
            "time_zone": "Asia/Tokyo",
            "language": "nb",
            "metadata": {"language": "nb", "plan": "pro"},
        },
        "mail": {
            "subject": "Tea",
            "sender": "",
            "to": "",
            "headers": {"reply_action": "yes"},
        },
        "account": {"name": "Fjord & Fern"},
        "company": {"name": "Fjord & Fern"},
        "faq": {"id": "near Do you\nship?", "score": 0.75, "answered": True},
        "passage": {"id": "", "title": "", "link": "", "score": 0.0},
    }


@pytest.mark.parametrize("zone", [None, "Europe/Oslo", "nowhere"])
def test_hours_name_their_zone_only_to_whoever_lives_in_another(zone: str | None) -> None:
    """As long as the clocks are the same, the hours are what the customer's own clock shows."""
    asked = turn("x", customer=Customer(id="k", time_zone=zone))
    assert Facts(asked, SOURCES)["opening_hours"].endswith("17:00")


def test_hours_name_their_zone_by_its_city_where_it_has_no_name() -> None:
    """Not "(-03)", as the zone's file has it."""
    office = replace(OFFICE, time_zone="America/Sao_Paulo")
    asked = turn("x", account=office, customer=Customer(id="k", time_zone="Asia/Tokyo"))
    said = Facts(asked, SOURCES)["opening_hours"]
    assert said.endswith(WORDS.zones.city.format(city="Sao Paulo") + ")")


def test_the_company_is_named_as_its_own_file_says() -> None:
    """Its facts stand beside the name; where it has none, the account's counts."""
    own = FactSources(words=WORDS, company={"name": "Tea House", "days": "30"})
    assert Facts(turn("x"), own)["company"] == {"name": "Tea House", "days": "30"}
    nameless = FactSources(words=WORDS, company={"days": "30"})
    assert Facts(turn("x"), nameless)["company"] == {"name": "Fjord & Fern", "days": "30"}


def test_sample_facts_hold_the_companys_own() -> None:
    """So that texts that use them can be tried; the next one's are not among them."""
    assert sample_facts({"days": "30"})["company"] == {"name": "Fjord & Fern", "days": "30"}
    assert sample_facts()["company"] == {"name": "Fjord & Fern"}


def test_what_is_not_known_is_empty_or_nought() -> None:
    """Never null: conditions and texts need not ask first."""
    asked = turn("x", account=Account(), customer=Customer(id="k"))
    facts = Facts(asked, SOURCES)
    assert {facts["customer"][name] for name in ("name", "first_name", "email", "page")} == {""}
    assert (facts["customer"]["time_zone"], facts["customer"]["language"]) == ("", "")
    assert facts["conversation"]["inbox"] == ""
    assert facts["account"] == {"name": ""}
    assert facts["faq"] == {"id": "", "score": 0.0, "answered": False}
    assert (facts["inside_hours"], facts["minutes_until_open"]) == (True, 0.0)


def test_a_moment_ago_by_the_server_is_no_time_before() -> None:
    """Clocks differ: what was written after now is now."""
    said = history((BOT, -5))
    assert Facts(turn("x", history=said), SOURCES)["minutes_since_bot"] == 0.0


@pytest.mark.parametrize(
    ("said", "turns"),
    [
        ((), 1),
        ((BOT,), 1),
        ((CUSTOMER, BOT), 2),
        ((CUSTOMER, CUSTOMER, BOT, CUSTOMER, PERSON), 3),
        ((CUSTOMER, BOT, CUSTOMER), 2),
        ((CUSTOMER,), 1),
    ],
)
def test_turns_are_counted_by_who_spoke_between(said: tuple[Author, ...], turns: int) -> None:
    """Several messages in a row are one; the unanswered last ones belong to this turn."""
    earlier = history(*((author, 10.0) for author in said))
    assert Facts(turn("x", history=earlier), SOURCES)["turns"] == turns


def test_the_time_since_somebody_wrote_is_in_minutes_or_infinite() -> None:
    """The last of each kind counts."""
    facts = Facts(turn("x", history=history((PERSON, 20), (PERSON, 10), (CUSTOMER, 1))), SOURCES)
    assert facts["minutes_since_person"] == 10
    assert facts["minutes_since_bot"] == float("inf")


def test_the_opening_is_said_in_the_shops_time_with_its_zone() -> None:
    """Where the customer's own is not known, or is not one."""
    for claimed in (None, "Moon/Crater", "/etc/passwd"):
        asked = turn("x", now=EVENING, customer=Customer(id="k", time_zone=claimed))
        assert Facts(asked, SOURCES)["reopens_at"] == "tomorrow at 9:00 (CET)"


def test_the_opening_is_said_in_the_customers_time_where_known() -> None:
    """Their clock, so without a zone's name."""
    asked = turn("x", now=EVENING, customer=Customer(id="k", time_zone="Asia/Tokyo"))
    assert Facts(asked, SOURCES)["reopens_at"] == "today at 17:00"


def test_never_open_again_is_no_words() -> None:
    """Texts can ask for it."""
    facts = Facts(turn("x", account=Account(time_zone="UTC")), SOURCES)
    assert facts["reopens_at"] == ""
    assert facts["minutes_until_open"] == float("inf")


def test_the_clock_is_the_shops() -> None:
    """Day, hour and date where the hours are written."""
    facts = Facts(turn("x", now=MONDAY_NOON + timedelta(hours=11, minutes=30)), SOURCES)
    assert (facts["weekday"], facts["hour"], facts["date"]) == ("tuesday", 0, "2026-11-24")


def test_what_a_customer_claims_is_short_and_on_one_line() -> None:
    """It may stand in a reply."""
    asked = turn("x", customer=Customer(id="k", name="  Vera\n\n# Big " + "x" * 500))
    customer = Facts(asked, SOURCES)["customer"]
    assert customer["name"].startswith("Vera # Big xxx")
    assert len(customer["name"]) == 200
    assert customer["first_name"] == ""


@pytest.mark.parametrize("name", ["null", " undefined ", "Guest user"])
def test_a_name_that_is_none_is_none(name: str) -> None:
    """Pages write something where they know nothing."""
    customer = Facts(turn("x", customer=Customer(id="k", name=name)), SOURCES)["customer"]
    assert (customer["name"], customer["first_name"]) == ("", "")


def test_the_text_is_plain() -> None:
    """So that conditions find what phones write in their own way."""
    assert Facts(turn("can\u2019t re\u00adfund"), SOURCES)["text"] == "can't refund"


def test_a_mails_headers_are_facts() -> None:
    """Where the server gives them: in the message's metadata, or with the conversation."""
    metadata = {"gmail_subject": "Tea", "gmail_from": "Vera <v@example.com>", "gmail_to": 3}
    began = Conversation(id="c", source="email", subject="Cups")
    mail = Facts(turn(messages=(message("x", metadata=metadata),), conversation=began), SOURCES)
    assert mail["mail"] == {
        "subject": "Tea",
        "sender": "Vera <v@example.com>",
        "to": "",
        "headers": {"subject": "Tea", "from": "Vera <v@example.com>", "to": 3},
    }
    assert Facts(turn("x", conversation=began), SOURCES)["mail"]["subject"] == "Cups"
    received = message("x", metadata={"gmail_to": "shop@example.com"})
    mail = Facts(turn(messages=(received,), conversation=began), SOURCES)["mail"]
    assert mail["to"] == "shop@example.com"
    chat = Facts(turn(messages=(message("x", metadata=metadata),)), SOURCES)["mail"]
    assert chat == {"subject": "", "sender": "", "to": "", "headers": {}}


def test_the_language_is_what_the_page_names() -> None:
    """Under any of the usual keys, where it is text."""
    for metadata in (
        {"language": "nb-NO", "locale": "x"},
        {"language": 3, "locale": "nb-NO", "lang": "x"},
        {"lang": "nb-NO"},
    ):
        facts = Facts(turn("x", customer=Customer(id="k", metadata=metadata)), SOURCES)
        assert facts["customer"]["language"] == "nb-NO"


def test_the_clicked_quick_reply_is_known() -> None:
    """By the action that the click names."""
    clicked = message("Yes", metadata={"reply_action": "faq:shipping"})
    assert Facts(turn(messages=(clicked,)), SOURCES)["reply_action"] == "faq:shipping"
    odd = message("Yes", metadata={"reply_action": {"a": 1}})
    assert Facts(turn(messages=(odd,)), SOURCES)["reply_action"] == ""


def test_away_is_said_by_the_bot_where_the_window_does_not() -> None:
    """Outside hours, alone, and the window not saying it itself."""
    away = Account(
        time_zone=OFFICE.time_zone, working_hours=OFFICE.working_hours, away_message="Away!"
    )
    assert Facts(turn("x", now=EVENING), SOURCES)["away"] is True
    assert Facts(turn("x", now=EVENING, account=away), SOURCES)["away"] is True
    assert Facts(turn("x", now=EVENING, account=away, bot_tracked=False), SOURCES)["away"] is False
    assert Facts(turn("x", now=EVENING, agents_online=1), SOURCES)["away"] is False
    assert Facts(turn("x"), SOURCES)["away"] is False


def test_conversation_facts_are_plain() -> None:
    """No nulls; the priority is a yes or no."""
    conversation = Conversation(id="c", priority="priority", assignee_id=None, tags=("a",))
    facts = Facts(turn("x", conversation=conversation), SOURCES)["conversation"]
    assert facts["priority"] is True
    assert facts["assigned"] is False
    assert facts["assignee"] == 0
    assert facts["tags"] == ["a"]


def test_a_fact_is_computed_once() -> None:
    """The same object comes back; what nobody asked for is not there."""
    facts = Facts(turn("x"), SOURCES)
    assert facts["customer"] is facts["customer"]
    assert set(facts) == {"customer"}


def test_an_unknown_fact_is_an_error_of_ours() -> None:
    """What operators write is checked when it is loaded."""
    with pytest.raises(KeyError):
        Facts(turn("x"), SOURCES)["nothing"]


def test_metadata_is_bounded() -> None:
    """Anybody can send any; the engine of conditions recurses through it."""
    deep: dict[str, object] = {}
    for _ in range(5_000):
        deep = {"a": deep}
    many = {str(number): number for number in range(5_000)}
    metadata = {
        "deep": deep,
        "wide": list(range(5_000)),
        "many": many,
        "long": "x" * 5_000,
        "n": 1,
        "z": None,
    }
    plain = Facts(turn("x", customer=Customer(id="k", metadata=metadata)), SOURCES)["customer"][
        "metadata"
    ]
    assert plain["deep"] == {"a": {"a": {"a": {}}}}
    assert len(plain["wide"]) == len(plain["many"]) == 100
    assert len(plain["long"]) == 2_000
    assert (plain["n"], plain["z"]) == (1, None)
    deep_list: list[object] = []
    for _ in range(10):
        deep_list = [deep_list]
    listed = Conversation(id="c", metadata={"a": deep_list})
    assert Facts(turn("x", conversation=listed), SOURCES)["conversation"]["metadata"] == {
        "a": [[[[]]]]
    }


def test_what_is_denied_is_asked_of_the_language() -> None:
    """With the text as rules see it."""
    sources = FactSources(words=WORDS, denied=lambda text: f"<{text}>")
    assert Facts(turn("don\u2019t"), sources)["denied"] == "<don't>"
