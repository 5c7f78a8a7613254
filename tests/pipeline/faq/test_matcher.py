"""The matcher answers, suggests or abstains, and says the same from its cache."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentbot.pipeline.faq.embedders import Embedder
from agentbot.pipeline.faq.entries import FaqEntry, load_faq
from agentbot.pipeline.faq.judging.judge import OUT_OF_REACH
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion
from agentbot.pipeline.faq.outcomes import (
    FaqAbstention,
    FaqAnswer,
    FaqAnswers,
    FaqSuggestions,
    percent,
)
from agentbot.pipeline.faq.quality.evaluation import competing_entries, evaluate
from tests.support.faq import WordEmbedder, small_faq


@pytest.fixture(params=[None, WordEmbedder()], ids=["words", "vectors"], scope="module")
def matcher(request: pytest.FixtureRequest) -> FaqMatcher:
    """The small FAQ, searched in each way."""
    embedder: Embedder | None = request.param
    return FaqMatcher.fit(small_faq(), embedder=embedder)


def test_nearest_entry(matcher: FaqMatcher) -> None:
    """A question in other words of an entry finds it, however it is searched."""
    asked = ["how is parcel delivery done by courier", "exchange or refund with a label"]
    assert matcher.nearest(asked) == ["shipping", "returns"]


def test_words_of_the_faq_are_answered(matcher: FaqMatcher) -> None:
    """The text of a quick reply comes back as the question itself, and is answered at once."""
    outcome = matcher.match("  Is LARGE possible?! ")
    assert isinstance(outcome, FaqAnswer)
    assert (outcome.best, outcome.score) == ("sizes", 1.0)
    assert outcome.entry.answer == "All about sizes."


def test_foreign_question_is_left_alone(matcher: FaqMatcher) -> None:
    """What shares nothing with the FAQ gets a low score and no answer."""
    outcome = matcher.match("zebra quantum violin")
    assert isinstance(outcome, FaqAbstention)
    assert outcome.score < 0.3
    assert len(outcome.nearest) == 3
    assert "enough to ask back" in outcome.reason or "no telling word" in outcome.reason


@pytest.mark.parametrize("text", ["", "   ", "?!", "\N{WAVING HAND SIGN}"])
def test_no_words(matcher: FaqMatcher, text: str) -> None:
    """A message without words is no question."""
    outcome = matcher.match(text)
    assert isinstance(outcome, FaqAbstention)
    assert outcome.best is None


@pytest.mark.parametrize("word", ["parcel", "refund", "job", "the"])
def test_repeating_a_word_makes_it_no_surer(matcher: FaqMatcher, word: str) -> None:
    """A question of one word, said a hundred times, is the question of that word."""
    assert matcher.match(f"{word} " * 100) == matcher.match(word)


def test_the_same_words_in_another_form_are_known() -> None:
    """Case, normal form, invisible signs and straight or curly signs are no other question."""
    asked = (
        "İade nas\u0131l yap\u0131l\u0131r?",
        "Cafe\u0301 o\u0308ffnen?",
        "Wie groß ist das?",
        "re\u00adfund",
    )
    entries = [FaqEntry(f"e{number}", text, "A.") for number, text in enumerate(asked)]
    matcher = FaqMatcher.fit(entries)
    for text, number in (
        ("İADE NASIL YAPILIR", 0),
        ("iade nas\u0131l yap\u0131l\u0131r?", 0),
        ("Café öffnen", 1),
        ("WIE GROSS IST DAS?", 2),
        ("_ref\u200bund_!", 3),
    ):
        outcome = matcher.match(text)
        assert isinstance(outcome, FaqAnswer)
        assert (outcome.entry.id, outcome.score) == (f"e{number}", 1.0)


def test_long_message(matcher: FaqMatcher) -> None:
    """A wall of text is looked at only as far as a question goes."""
    assert matcher.match("parcel delivery " * 100_000).best == "shipping"


def test_the_bar_rises_with_the_precision_asked_for(matcher: FaqMatcher) -> None:
    """One number: the higher it is, the surer the answers; beyond all that is known, none is."""
    bars = [matcher.bar_at(precision) for precision in (0.5, 0.7, 0.9, 0.97)]
    assert bars == sorted(bars)
    assert bars[0] < bars[-1]
    assert matcher.bar_at(matcher.precision) == matcher.bar
    assert matcher.bar_at(0.999) == OUT_OF_REACH


def test_unsure_offers_the_nearest() -> None:
    """Below the bar, best first; what is hardly likely is not offered beside them."""
    matcher = FaqMatcher.fit(small_faq(), precision=0.999)
    outcome = matcher.match("what about the refund and its label")
    assert isinstance(outcome, FaqSuggestions)
    assert outcome.best == "returns"
    assert 1 <= len(outcome.entries) <= 3
    assert " sure, but 99.9% of right answers (faq.precision) cannot be reached" in outcome.reason


@pytest.mark.parametrize(
    ("share", "said"), [(0.5, "50%"), (0.984, "98%"), (0.996, "99.6%"), (1.0, "100.0%")]
)
def test_near_certainty_a_digit_more_is_said(share: float, said: str) -> None:
    """Else an operator would read that 100% are less than 100%."""
    assert percent(share) == said


def test_empty_faq() -> None:
    """Nothing to answer with."""
    outcome = FaqMatcher.fit([]).match("anything")
    assert isinstance(outcome, FaqAbstention)
    assert (outcome.best, outcome.reason) == (None, "the FAQ is empty")


@pytest.mark.parametrize("phrasings", [1, 3])
@pytest.mark.parametrize("size", [1, 2, 8])
def test_a_small_faq_answers_too(size: int, phrasings: int) -> None:
    """A beginner's: a dozen entries or one, of one phrasing each; and is not sure of anything."""
    entries = [replace(entry, phrasings=entry.phrasings[1:phrasings]) for entry in small_faq()]
    matcher = FaqMatcher.fit(entries[:size])
    assert isinstance(matcher.match("tell me about parcel and delivery"), FaqAnswer)
    assert isinstance(matcher.match("please tell me about parcel delivery"), FaqAnswer)
    assert isinstance(matcher.match("zebra quantum violin"), FaqAbstention)


def test_a_faq_of_one_entry_is_not_sure_of_everything() -> None:
    """Its entry is the nearest one to whatever is said, and that means nothing."""
    matcher = FaqMatcher.fit([FaqEntry("e", "Do you ship to Norway?", "Yes.")])
    for said in ("zebra quantum violin", "what time is it", "do you have dogs"):
        outcome = matcher.match(said)
        assert isinstance(outcome, FaqAbstention)
        assert outcome.best == "e"
        assert "shares no telling word" in outcome.reason
    for said in ("ship to Norway", "do you also ship parcels to norway"):
        assert isinstance(matcher.match(said), FaqSuggestions | FaqAnswer)


@pytest.mark.parametrize("size", [2, 5])
def test_common_words_are_no_answer_in_a_faq_of_few_entries(size: int) -> None:
    """Which words are common anyway nobody knows by so few; the entries' own words are."""
    entries = [
        FaqEntry("tea", "Do you have green tea?", "Yes."),
        FaqEntry("pay", "Can I pay by invoice?", "Yes."),
        FaqEntry("visit", "Where is your shop?", "In Bergen."),
        FaqEntry("ship", "Do you ship to Norway?", "Yes."),
        FaqEntry("gift", "Is gift wrapping possible?", "Yes."),
    ]
    matcher = FaqMatcher.fit(entries[:size])
    for said in ("do you have dogs", "can i get a loan by you", "where is it"):
        assert isinstance(matcher.match(said), FaqAbstention)
    assert isinstance(matcher.match("do you have any green tea"), FaqAnswer | FaqSuggestions)


def test_two_questions_are_answered_both(matcher: FaqMatcher) -> None:
    """In their order, whatever is told besides; the same one twice is one answer."""
    outcome = matcher.match(
        "Hello! I love your place. Is post possible? Is paypal possible? Thanks!"
    )
    assert isinstance(outcome, FaqAnswers)
    assert [entry.id for entry in outcome.entries] == ["shipping", "payment"]
    assert outcome.unanswered == ()
    again = matcher.match("Is post possible? Is it possible by post? I ask for my sister.")
    assert isinstance(again, FaqAnswer)
    assert again.best == "shipping"


def test_a_question_that_nothing_answers_is_named(matcher: FaqMatcher) -> None:
    """Beside the answer to the other one, as the customer wrote it."""
    outcome = matcher.match("Is large possible? And do you sell ZEBRAS?")
    assert isinstance(outcome, FaqAnswers)
    assert [entry.id for entry in outcome.entries] == ["sizes"]
    assert outcome.unanswered == ("And do you sell ZEBRAS?",)


@pytest.mark.parametrize(
    "written",
    [
        "Hello there, I hope you are well. {} Thanks a lot for your help!",
        "I moved to a new house in May. It is green. {} My aunt lives there too.",
        "{}!!!",
    ],
)
def test_what_surrounds_a_question_changes_nothing(matcher: FaqMatcher, written: str) -> None:
    """Nor do capitals."""
    plain = matcher.match("how does parcel work with courier?")
    assert plain.best == "shipping"
    for asked in ("how does parcel work with courier?", "HOW DOES PARCEL WORK WITH COURIER?"):
        assert matcher.match(written.format(asked)).best == plain.best
        assert isinstance(matcher.match(written.format(asked)), type(plain))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("I do not want to pay by card", FaqAbstention),
        ("no refund needed, thanks", FaqAbstention),
        ("exchange", FaqSuggestions | FaqAbstention),
    ],
)
def test_what_is_refused_or_but_a_word_is_not_answered(
    matcher: FaqMatcher, said: str, kind: type[FaqAbstention]
) -> None:
    """However near it is."""
    assert isinstance(matcher.match(said), kind)


def test_more_phrasings_make_it_surer() -> None:
    """Of the right entry, and never of another."""
    asked = "which courier brings the parcel"
    scores = []
    for count in (1, 3, 5):
        entries = [replace(entry, phrasings=entry.phrasings[:count]) for entry in small_faq()]
        matcher = FaqMatcher.fit(entries)
        assert matcher.nearest([asked]) == ["shipping"]
        scores.append(matcher.scores([asked])[0])
    assert scores[-1] > scores[0]


def test_same_outcome_from_the_cache(tmp_path: Path) -> None:
    """A second start embeds no phrasing and says the same."""
    first, second = WordEmbedder(), WordEmbedder()
    outcomes = []
    for embedder in (first, second):
        matcher = FaqMatcher.fit(small_faq(), embedder=embedder, cache_dir=tmp_path / "new")
        outcomes.append(matcher.match("how is courier delivery done"))
    assert first.texts
    assert second.texts == ["how is courier delivery done"]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].best == "shipping"


def test_only_what_was_edited_is_embedded(tmp_path: Path) -> None:
    """An answer needs no vector, a new phrasing needs its own."""
    first, *others = small_faq()
    FaqMatcher.fit((first, *others), embedder=WordEmbedder(), cache_dir=tmp_path)
    changed = replace(first, answer="Changed.", phrasings=(*first.phrasings, "brand new?"))
    embedder = WordEmbedder()
    matcher = FaqMatcher.fit((changed, *others), embedder=embedder, cache_dir=tmp_path)
    assert embedder.texts == ["brand new?"]
    outcome = matcher.match(first.question)
    assert isinstance(outcome, FaqAnswer)
    assert outcome.entry.answer == "Changed."


def test_report_counts_what_happened(matcher: FaqMatcher) -> None:
    """Precision counts answers to questions that no entry answers as wrong."""
    questions = [
        LabelledQuestion("is post possible", "shipping"),
        LabelledQuestion("is paypal possible?", "returns"),
        LabelledQuestion("is large possible", None),
        LabelledQuestion("zebra quantum violin", None),
    ]
    report = evaluate(matcher, questions)
    assert (report.answers, report.right_answers, report.abstentions) == (3, 1, 1)
    assert report.precision == pytest.approx(1 / 3)
    assert report.coverage == report.hit_rate == 0.5
    assert report.unanswerable_answered == 1
    assert {(c.right, c.given) for c in report.confusions} == {
        ("returns", "payment"),
        (None, "sizes"),
    }


def test_report_of_nothing(matcher: FaqMatcher) -> None:
    """No questions, no shares."""
    report = evaluate(matcher, [])
    assert report.precision is report.coverage is report.hit_rate is report.offered_rate is None


def test_competing_entries() -> None:
    """Two entries about the same thing are named; those that differ are not."""
    twin = FaqEntry(
        "delivery",
        "tell me about delivery and parcel",
        "Twice.",
        ("what about parcel and delivery please", "is courier post possible", "post shipping"),
    )
    found = competing_entries(FaqMatcher.fit((*small_faq(), twin)))
    assert found[0].entries == ("shipping", "delivery")
    assert found[0].examples
    assert all("gifts" not in one.entries for one in found)


def test_every_wording_is_held_back_once(matcher: FaqMatcher) -> None:
    """In the order of the entries, each with the one that it goes to; an empty FAQ has none."""
    found = matcher.held_out()
    assert [text for text, _, _ in found] == [text for one in small_faq() for text in one.wordings]
    assert {near for _, _, near in found} <= set(range(len(small_faq())))
    assert FaqMatcher.fit([]).held_out() == []


def test_an_only_wording_is_not_held_back() -> None:
    """Nothing else leads to its entry: it would seem to compete with every other."""
    alone = [replace(entry, phrasings=()) for entry in small_faq()]
    assert FaqMatcher.fit(alone).held_out() == []
    assert competing_entries(FaqMatcher.fit(alone)) == ()


def test_the_shipped_example_answers_its_own_subjects() -> None:
    """The demo's first question finds its entry, by words alone."""
    matcher = FaqMatcher.fit(load_faq(Path(__file__).parents[3] / "prompts" / "faq"))
    assert matcher.match("Do you ship to Norway?").score == 1.0
    assert matcher.nearest(["could you post it to norway please", "when are you open"]) == [
        "shipping-abroad",
        "opening-hours",
    ]
