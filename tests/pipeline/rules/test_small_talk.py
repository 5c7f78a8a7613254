"""What is replied to small talk, and to who asks for a person, where no rule has the words."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentbot.pipeline.decision import Decision, Handoff, Reply, Silence
from agentbot.pipeline.files.texts import Language, SmallTalkKind
from agentbot.pipeline.languages.pack import CODES, load_pack
from agentbot.pipeline.pipeline import Pipeline, build_pipeline
from agentbot.pipeline.prompts import load_prompts
from agentbot.pipeline.turn import Author, Message, Turn
from tests.support.folders import DEFAULT, folder
from tests.support.turns import message, turn


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A pipeline without rules of its own."""
    return made(tmp_path_factory.mktemp("english"))


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Pipeline]:
    """The pipeline of a small shop in each language."""
    return {
        code: made(tmp_path_factory.mktemp(code), texts=f"language: {code}\n") for code in CODES
    }


def made(place: Path, **files: str) -> Pipeline:
    """Return the pipeline of a small folder."""
    return build_pipeline(load_prompts(folder(place, **files)))


def said_by_bot(text: str, source: str = "a", by: str = "rule") -> Message:
    """A message of the bot's, marked as it marks them."""
    mark = {"agentbot": {"v": 1, "by": by, "source": source}}
    return message(text, author=Author.BOT, metadata=mark)


def decided(pipeline: Pipeline, asked: str | Turn) -> Decision:
    """What is decided on a message: at once."""
    outcome = pipeline.respond(turn(asked) if isinstance(asked, str) else asked)
    assert isinstance(outcome, Reply | Handoff | Silence)
    return outcome


def replied(pipeline: Pipeline, asked: str | Turn) -> Reply:
    """The reply to a message."""
    decision = decided(pipeline, asked)
    assert isinstance(decision, Reply), decision
    return decision


@pytest.mark.parametrize("code", CODES)
def test_every_language_answers_its_small_talk(
    shops: dict[Language, Pipeline], code: Language
) -> None:
    """With the first reply of the kind, as a rule's, from a source of its own."""
    for kind, words in load_pack(code).small_talk.items():
        reply = replied(shops[code], words.phrases[0])
        assert (reply.by, reply.source, reply.gap) == ("rule", f"small_talk/{kind}", False)
        assert reply.reason.code == "small_talk"
        assert bool(reply.quick_replies) is words.offers_person


@pytest.mark.parametrize("code", CODES)
def test_the_button_for_a_person_is_understood(
    shops: dict[Language, Pipeline], code: Language
) -> None:
    """In the shop of its language, and in any other."""
    button = load_pack(code).persons.button
    for language, pipeline in shops.items():
        decision = decided(pipeline, button)
        assert isinstance(decision, Handoff), (language, decision)
        assert decision.source == "small_talk/person"
        assert decision.text


def test_it_is_truthful_about_what_it_is(english: Pipeline) -> None:
    """It says that it is a bot, and offers a person."""
    reply = replied(english, "Are you human?")
    assert "I'm a bot" in reply.text
    assert "not a person" in reply.text
    assert reply.quick_replies[0].text == "I'd like to talk to a person"


def test_the_operators_rules_come_first(tmp_path: Path) -> None:
    """And their actions are kept."""
    rules = """
        rules:
          - {id: mark, tag: seen, continue: true}
          - {id: hello, keywords: hello, reply: Ahoy!}
    """
    pipeline = made(tmp_path, rules=rules)
    assert replied(pipeline, "hello").source == "hello"
    assert replied(pipeline, "good morning").source == "small_talk/greeting"
    assert len(replied(pipeline, "good morning").actions) == 1


def test_it_can_be_left_out(tmp_path: Path) -> None:
    """By the policy altogether, and by texts.yaml for a kind; or said in other words."""
    policy = (DEFAULT / "policy.yaml").read_text(encoding="utf-8")
    without = made(tmp_path / "a", policy=policy.replace("talk: true", "talk: false"))
    assert decided(without, "hello").reason.code == "unanswered"
    texts = "small_talk: {greeting: 'Ahoy, {{ customer.first_name }}!', thanks: null}"
    own = made(tmp_path / "b", texts=texts)
    first = replied(own, "hello")
    assert first.text.startswith("Ahoy")
    again = turn("hello", history=(said_by_bot(first.text, first.source),))
    assert replied(own, again).text == load_pack("en").small_talk["greeting"].replies[1]
    assert decided(own, "thanks").reason.code == "unanswered"


def test_a_question_is_left_to_others(english: Pipeline) -> None:
    """However politely it is asked."""
    assert decided(english, "Hello, do you ship to Mars? Thanks!").reason.code == "unanswered"


def test_with_a_file_it_is_about_the_file(english: Pipeline) -> None:
    """A greeting beside it is no small talk."""
    with_file = turn(messages=(message("hello", attachments=1),))
    assert decided(english, with_file).reason.code == "unanswered"


def test_another_languages_greeting_is_answered_in_it(english: Pipeline) -> None:
    """With a word about the languages that questions are answered in."""
    text = replied(english, "Guten Morgen").text
    assert text.startswith("Guten Tag")
    assert "nur auf Englisch" in text
    assert "auf Englisch" not in replied(english, "Vielen Dank").text


def test_a_language_that_is_spoken_too_needs_no_such_word(tmp_path: Path) -> None:
    """As texts.yaml says."""
    pipeline = made(tmp_path, texts="also_speaks: [de]")
    assert "Englisch" not in replied(pipeline, "Guten Morgen").text


def test_the_next_reply_has_other_words(english: Pipeline) -> None:
    """Who greets twice is greeted again."""
    first = replied(english, "hello").text
    again = turn("hello?", history=(message("hello"), said_by_bot(first, "small_talk/greeting")))
    assert replied(english, again).text.startswith("Hello again")


@pytest.mark.parametrize("said", ["ok", "thanks", "bye", "👍"])
def test_the_last_word_is_the_customers(english: Pipeline, said: str) -> None:
    """After the bot's own words on the same, and after a person's."""
    reply = replied(english, said)
    again = turn(said, history=(message(said), said_by_bot(reply.text, reply.source)))
    assert isinstance(decided(english, again), Silence)
    person = message("All done!", author=Author.PERSON)
    assert isinstance(decided(english, turn(said, history=(person,))), Silence)


ENDS = {"thanks", "goodbye", "ok", "praise", "laugh", "yes", "no", "sorry"}
INVITES = {"greeting", "how_are_you", "help", "are_you_there", "are_you_a_bot", "unclear"}
INVITES |= {"no_person"}


@pytest.mark.parametrize("kind", sorted(load_pack("de").small_talk))
def test_kinds_differ_in_what_follows_from_them(english: Pipeline, kind: SmallTalkKind) -> None:
    """After a person's word some need none of the bot's; what invites a question says its words."""
    german = load_pack("de").small_talk[kind].phrases[0]
    if kind == "greeting":
        german = "Guten Morgen"  # "hallo" is said in England too
    reply = replied(english, german)
    assert reply.source == f"small_talk/{kind}"
    assert ("nur auf Englisch" in reply.text) is (kind in INVITES)
    person = message("All done!", author=Author.PERSON)
    after = decided(english, turn(german, history=(person,)))
    assert isinstance(after, Silence) is (kind in ENDS)


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (said_by_bot("Do you have an order number?"), "unanswered"),
        (said_by_bot("Shall I look it up for you.", by="llm"), "unanswered"),
        (said_by_bot("We ship tea."), "small_talk"),
        (said_by_bot("How can I help?", "small_talk/greeting"), "small_talk"),
        (
            said_by_bot(
                "It is so. In case you leave this page, which e-mail address may we answer to?"
            ),
            "small_talk",
        ),
    ],
)
@pytest.mark.parametrize("said", ["yes", "no", "ok"])
def test_an_answer_to_a_question_is_no_small_talk(
    english: Pipeline, last: Message, reason: str, said: str
) -> None:
    """People, or the model, know what "no" means; that for an address may be left unanswered."""
    asked = turn(said, history=(message("Hi"), last))
    assert decided(english, asked).reason.code == reason


@pytest.mark.parametrize(
    "said",
    [
        "I'd like to talk to a person about my order from last week please",
        "human",
        "I think a representative can help",
        "can I get a human please",
        "Why don't you call me?",
        "Ich möchte bitte mit einem Mitarbeiter sprechen",
        "quiero hablar con una persona",
    ],
)
def test_who_asks_for_a_person_is_handed_off(english: Pipeline, said: str) -> None:
    """In any language of the packs."""
    decision = decided(english, said)
    assert isinstance(decision, Handoff)
    assert (decision.by, decision.source) == ("rule", "small_talk/person")


@pytest.mark.parametrize(
    "said",
    [
        "don't call me",
        "I do not want to talk to a human",
        "well I think a representative can help",
        "is this cup safe for human beings and for dogs",
        "a job opening for a support agent",
        "human resources",
        "Ich möchte nicht mit einem Menschen sprechen",
    ],
)
def test_who_does_not_is_not(english: Pipeline, said: str) -> None:
    """What is denied, and what is about something else."""
    assert decided(english, said).source != "small_talk/person"  # type: ignore[union-attr]


def test_a_foreign_customer_is_told_in_their_language(english: Pipeline) -> None:
    """That people have it, and which languages are answered in."""
    decision = decided(english, "quiero hablar con una persona")
    assert isinstance(decision, Handoff)
    assert decision.text is not None
    assert "en inglés" in decision.text


def test_it_explains_itself(english: Pipeline) -> None:
    """In a step of its own."""
    steps = {step.name: step for step in english.explain(turn("hello"))}
    assert steps["small_talk"].outcome == "fires"
    assert "greeting" in steps["small_talk"].reason.text
    steps = {step.name: step for step in english.explain(turn("which glaze?"))}
    assert steps["small_talk"].outcome == "no"


@pytest.mark.parametrize(
    ("asked", "source"),
    [
        ("I do not want to talk to a human", "small_talk/no_person"),
        ("don't hand me over to a person please", "small_talk/no_person"),
        ("I don't want to talk to a bot", "small_talk/person"),
        ("I don't want a bot, I want a human", "small_talk/person"),
        ("a person please", "small_talk/person"),
        ("Non, je ne veux pas parler à un robot", "small_talk/person"),
        ("no quiero hablar con un bot", "small_talk/person"),
        ("non voglio parlare con un bot", "small_talk/person"),
    ],
)
def test_a_person_is_got_for_who_wants_one_alone(
    english: Pipeline, asked: str, source: str
) -> None:
    """A refusal is answered and changes nothing; a refusal of the bot asks for a person."""
    decision = decided(english, asked)
    assert isinstance(decision, Reply | Handoff)
    assert decision.source == source
    assert isinstance(decision, Reply) is (source == "small_talk/no_person")


def test_operators_may_leave_refusals_to_faq_and_model(tmp_path: Path) -> None:
    """As any kind of small talk."""
    pipeline = made(tmp_path, texts="small_talk: {no_person: null}\n")
    assert not isinstance(decided(pipeline, "no humans please"), Reply)
