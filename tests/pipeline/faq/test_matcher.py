"""The matcher answers, suggests or abstains, and says the same from its cache."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentbot.pipeline.faq.embedders import Embedder, PooledEmbedder
from agentbot.pipeline.faq.entries import FaqEntry, load_faq
from agentbot.pipeline.faq.evaluation import competing_entries, evaluate
from agentbot.pipeline.faq.judge import OUT_OF_REACH
from agentbot.pipeline.faq.matcher import FaqMatcher, LabelledQuestion, said_once
from agentbot.pipeline.faq.outcomes import FaqAbstention, FaqAnswer, FaqSuggestions
from tests.support.faq import WordEmbedder, small_faq

EMBEDDERS = [
    None,
    WordEmbedder(),
    PooledEmbedder(
        "pooled",
        lambda texts: [seen.vectors.mean(axis=0).tolist() for seen in WordEmbedder().embed(texts)],
    ),
]


@pytest.fixture(params=EMBEDDERS, ids=["words", "tokens", "pooled"], scope="module")
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
    assert "enough to ask back" in outcome.reason


@pytest.mark.parametrize("text", ["", "   ", "?!", "\N{WAVING HAND SIGN}"])
def test_no_words(matcher: FaqMatcher, text: str) -> None:
    """A message without words is no question."""
    outcome = matcher.match(text)
    assert isinstance(outcome, FaqAbstention)
    assert outcome.best is None


@pytest.mark.parametrize(
    ("said", "once"),
    [
        ("refund " * 30, "refund"),
        ("Do you ship?\nDo you ship?", "do you ship"),
        ("norway and again norway, I say norway: norway!", "norway and again i say"),
        ("the cat and the dog and the bird", "the cat and the dog and the bird"),
        ("I think that that is it.", "I think that that is it."),
        ("", ""),
    ],
)
def test_what_is_only_repeated_is_taken_once(said: str, once: str) -> None:
    """Other texts stay as they are, with their signs."""
    assert said_once(said) == once


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


def test_the_threshold_rises_with_the_precision_asked_for() -> None:
    """One number: the higher it is, the surer the answers."""
    low, high = (FaqMatcher.fit(small_faq(), precision=p) for p in (0.7, 0.97))
    assert low.answer_threshold < high.answer_threshold


def test_unsure_offers_the_nearest() -> None:
    """Between the thresholds, best first; what is hardly likely is not offered beside them."""
    matcher = FaqMatcher.fit(small_faq(), precision=0.999)
    outcome = matcher.match("refund and label for the size")
    assert isinstance(outcome, FaqSuggestions)
    assert outcome.best == "returns"
    assert 1 <= len(outcome.entries) <= 3
    assert outcome.reason.endswith(" sure, and nothing is enough for 99.9% of right answers")


def test_large_faq_learns_from_a_part() -> None:
    """Beyond a size, some phrasings only count as neighbours; entries keep at least one."""
    matcher = FaqMatcher.fit(small_faq(), embedder=WordEmbedder(), most_trained=24)
    assert matcher.nearest(["about parcel delivery", "about a refund"]) == ["shipping", "returns"]
    wordings = {text for entry in small_faq() for text in entry.wordings}
    assert {text for one in competing_entries(matcher) for text, _ in one.examples} <= wordings


def test_empty_faq() -> None:
    """Nothing to answer with."""
    outcome = FaqMatcher.fit([]).match("anything")
    assert isinstance(outcome, FaqAbstention)
    assert (outcome.best, outcome.reason) == (None, "the FAQ is empty")


@pytest.mark.parametrize("size", [1, 2])
def test_faq_too_small_to_answer_from(size: int) -> None:
    """It offers, but answers only in its own words: nobody knows how sure it may be."""
    matcher = FaqMatcher.fit(small_faq()[:size])
    assert matcher.answer_threshold > 1
    assert isinstance(matcher.match("parcel delivery"), FaqSuggestions | FaqAbstention)
    assert isinstance(matcher.match("is post possible"), FaqAnswer)


def test_a_faq_of_one_entry_claims_no_certainty() -> None:
    """Its figure would be 100 % beside an offer: it says what it lacks instead."""
    matcher = FaqMatcher.fit([FaqEntry("e", "Do you ship to Norway?", "Yes.")])
    for said in ("zebra quantum violin", "what time is it", "hello there, do you like pizza"):
        assert isinstance(matcher.match(said), FaqAbstention)
    for said in ("ship to Norway", "is there any shipping", "norwegian parcels to norway"):
        assert isinstance(matcher.match(said), FaqSuggestions)
    near, far = matcher.match("ship to Norway"), matcher.match("zebra quantum violin")
    few = "the FAQ knows too few ways of asking to be sure of one that it does not know"
    assert near.reason == f"{few}; it asks back"
    assert far.reason == f"{few}, and nothing in it is near"


def test_a_precision_out_of_reach_is_said() -> None:
    """However sure it is, no score is enough."""
    matcher = replace(FaqMatcher.fit(small_faq()), answer_threshold=OUT_OF_REACH, precision=0.99)
    outcome = matcher.match("how is parcel delivery done by courier")
    assert isinstance(outcome, FaqSuggestions)
    assert outcome.reason.endswith(" sure, and nothing is enough for 99% of right answers")


def test_same_outcome_from_the_cache(tmp_path: Path) -> None:
    """A second start embeds nothing and says the same."""
    first, second = WordEmbedder(), WordEmbedder()
    outcomes = []
    for embedder in (first, second):
        matcher = FaqMatcher.fit(small_faq(), embedder=embedder, cache_dir=tmp_path / "new")
        outcomes.append(matcher.match("how is courier delivery done"))
    assert first.texts
    assert second.texts == ["how is courier delivery done"]
    assert outcomes[0].best == outcomes[1].best == "shipping"
    assert outcomes[0].score == pytest.approx(outcomes[1].score, abs=1e-3)


def test_changed_phrasing_is_learnt_again(tmp_path: Path) -> None:
    """The cache goes by content."""
    entries = small_faq()
    FaqMatcher.fit(entries, cache_dir=tmp_path)
    FaqMatcher.fit((*entries, FaqEntry("new", "brand new?", "!")), cache_dir=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_changed_answer_needs_no_learning(tmp_path: Path) -> None:
    """Answers do not enter into matching; the new one is given."""
    first, *others = small_faq()
    FaqMatcher.fit((first, *others), cache_dir=tmp_path)
    changed = FaqEntry(first.id, first.question, "Changed.", first.phrasings)
    matcher = FaqMatcher.fit((changed, *others), cache_dir=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    outcome = matcher.match(first.question)
    assert isinstance(outcome, FaqAnswer)
    assert outcome.entry.answer == "Changed."


def test_broken_cache_is_as_good_as_none(tmp_path: Path) -> None:
    """A file cut short is learnt over; an unwritable folder is passed over."""
    FaqMatcher.fit(small_faq(), cache_dir=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert FaqMatcher.fit(small_faq(), cache_dir=tmp_path).match("is post possible").score == 1.0
    assert FaqMatcher.fit(small_faq(), cache_dir=kept / "not-a-folder").entries


def test_labelled_questions_teach_the_judge() -> None:
    """Where questions that look like the FAQ's have no answer there, scores fall."""
    matcher = FaqMatcher.fit(small_faq(), precision=0.8)
    misleading = [
        LabelledQuestion(f"parcel {word} delivery", None) for word in ("lost", "shop", "point")
    ]
    taught = matcher.calibrated(misleading * 20)
    asked = ["parcel gone delivery"]
    assert taught.scores(asked)[0] < matcher.scores(asked)[0]


def test_few_labelled_questions_leave_the_threshold() -> None:
    """A FAQ too small to answer from stays so, and no questions teach nothing."""
    matcher = FaqMatcher.fit(small_faq()[:2])
    assert (
        matcher.calibrated([LabelledQuestion("parcel shop", "shipping")] * 5).answer_threshold > 1
    )
    assert matcher.calibrated([]) is matcher


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


def test_the_shipped_example_answers_its_own_subjects() -> None:
    """The demo's first question finds its entry, by words alone."""
    matcher = FaqMatcher.fit(load_faq(Path(__file__).parents[3] / "prompts" / "faq"))
    assert matcher.match("Do you ship to Norway?").score == 1.0
    assert matcher.nearest(["could you post it to norway please", "when are you open"]) == [
        "shipping-abroad",
        "opening-hours",
    ]
