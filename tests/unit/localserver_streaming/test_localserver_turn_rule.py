"""Turns end at the very millisecond of audio that the documented rule names.

Each rule is held to a plain second writing of it, which looks at every millisecond by itself.
"""

from dataclasses import dataclass
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.localserver.streaming.families import Mode, TurnSettings, default_settings
from fermata.localserver.streaming.timeline import Step, Word
from fermata.localserver.streaming.turn_rule import (
    SHORTEST_SPEECH_MS,
    PunctuationRule,
    UniversalStreamingRule,
)
from fermata.localserver.streaming.turn_state import Kind, Outcome


@dataclass(frozen=True)
class Stretch:
    """Speech that becomes one word `late_ms` after its end, and the silence after it."""

    speech_ms: int
    late_ms: int
    silence_ms: int
    text: str


STRETCHES = st.lists(
    st.builds(
        Stretch,
        speech_ms=st.integers(10, 400),
        late_ms=st.integers(0, 150),
        silence_ms=st.integers(151, 900),
        text=st.sampled_from(["yes.", "and"]),
    ),
    min_size=1,
    max_size=5,
)
SETTINGS = st.builds(
    TurnSettings,
    min_turn_silence_ms=st.integers(50, 500),
    max_turn_silence_ms=st.integers(50, 800),
    vad_threshold=st.just(0.5),
    confidence_threshold=st.sampled_from([0.0, 0.1, 0.4, 0.7, 1.0]),
)


def confidence(words) -> float:
    return 0.9 if words[-1].text.endswith(".") else 0.1


def word(stretch: Stretch, start_ms: int) -> Word:
    return Word(stretch.text, start_ms, start_ms + stretch.speech_ms, 0.9)


def steps_of(stretches: list[Stretch], grain_ms: int) -> list[Step]:
    """The same sound in steps of any grain."""
    steps, now_ms = [], 0
    for stretch in stretches:
        said = word(stretch, now_ms)
        spoken_ms = now_ms + stretch.speech_ms
        steps += [Step(at, speech=True, settled=False) for at in cuts(now_ms, spoken_ms, grain_ms)]
        known_ms = spoken_ms + stretch.late_ms
        steps += [
            Step(at, speech=False, settled=False) for at in cuts(spoken_ms, known_ms, grain_ms)
        ]
        last = steps.pop()
        steps.append(Step(last.until_ms, last.speech, final=(said,), settled=True))
        now_ms = spoken_ms + stretch.silence_ms
        steps += [Step(at, speech=False) for at in cuts(known_ms, now_ms, grain_ms)]
    return steps


def cuts(start_ms: int, end_ms: int, grain_ms: int) -> list[int]:
    return sorted({*range(start_ms + grain_ms, end_ms, grain_ms), end_ms} - {start_ms})


def finals(outcomes: list[Outcome]) -> list[tuple[int, list[str]]]:
    return [
        (one.at_ms, [said.text for said in one.words]) for one in outcomes if one.kind is Kind.FINAL
    ]


def run(rule, steps: list[Step]) -> list[Outcome]:
    return [outcome for step in steps for outcome in rule.advance(step)]


def universal_streaming_by_the_page(stretches, settings) -> list[tuple[int, list[str]]]:
    """The documented rule, asked at every millisecond."""
    ends, words, speech_ms, begin_ms = [], [], 0, 0
    for stretch in stretches:
        speech_ms += stretch.speech_ms
        speech_end_ms = begin_ms + stretch.speech_ms
        next_ms = speech_end_ms + stretch.silence_ms
        words.append(stretch.text)
        for now_ms in range(speech_end_ms + stretch.late_ms, next_ms + 1):
            silence_ms = now_ms - speech_end_ms
            sure = (0.9 if words[-1].endswith(".") else 0.1) > settings.confidence_threshold
            semantic = sure and silence_ms >= settings.min_turn_silence_ms
            acoustic = not sure and silence_ms >= settings.max_turn_silence_ms
            if (semantic or acoustic) and speech_ms >= SHORTEST_SPEECH_MS:
                ends.append((now_ms, words))
                words, speech_ms = [], 0
                break
        begin_ms = next_ms
    return ends


def punctuation_by_the_page(stretches, settings) -> list[tuple[int, list[str]]]:
    """The documented rule, asked at every millisecond."""
    ends, words, begin_ms = [], [], 0
    for stretch in stretches:
        speech_end_ms = begin_ms + stretch.speech_ms
        next_ms = speech_end_ms + stretch.silence_ms
        words.append(stretch.text)
        for now_ms in range(speech_end_ms + stretch.late_ms, next_ms + 1):
            silence_ms = now_ms - speech_end_ms
            checked = silence_ms >= settings.min_turn_silence_ms and words[-1].endswith(".")
            if checked or silence_ms >= settings.max_turn_silence_ms:
                ends.append((now_ms, words))
                words = []
                break
        begin_ms = next_ms
    return ends


@given(STRETCHES, SETTINGS, st.integers(1, 200))
def test_universal_streaming_ends_turns_exactly_where_its_page_says(stretches, settings, grain_ms):
    rule = UniversalStreamingRule(settings, confidence)
    ended = finals(run(rule, steps_of(stretches, grain_ms)))
    assert ended == universal_streaming_by_the_page(stretches, settings)


@given(STRETCHES, SETTINGS, st.integers(1, 200))
def test_u3_rt_pro_ends_turns_exactly_where_its_page_says(stretches, settings, grain_ms):
    rule = PunctuationRule(settings, confidence)
    ended = finals(run(rule, steps_of(stretches, grain_ms)))
    assert ended == punctuation_by_the_page(stretches, settings)


@given(STRETCHES, st.integers(1, 50), st.integers(51, 400))
def test_it_makes_no_difference_in_which_steps_the_audio_comes(stretches, fine_ms, coarse_ms):
    def told(rule, grain_ms):
        outcomes = run(rule, steps_of(stretches, grain_ms))
        return [(one.kind, one.at_ms, one.words) for one in outcomes]

    for model in ("universal-streaming-english", "u3-rt-pro", "universal-3-6-pro"):
        settings = default_settings(model, Mode.BALANCED, diarized=False)
        kind = UniversalStreamingRule if model.startswith("universal-s") else PunctuationRule
        fine, coarse = (told(kind(settings, confidence), each) for each in (fine_ms, coarse_ms))
        assert fine == coarse


@given(STRETCHES, st.integers(1, 200))
def test_no_word_is_lost_and_none_is_told_twice(stretches, grain_ms):
    settings = default_settings("u3-rt-pro", Mode.BALANCED, diarized=False)
    for rule in (
        UniversalStreamingRule(settings, confidence),
        PunctuationRule(settings, confidence),
    ):
        outcomes = run(rule, steps_of(stretches, grain_ms)) + rule.finish()
        said = [text for _, words in finals(outcomes) for text in words]
        assert said == [stretch.text for stretch in stretches]


def silence_after(text: str, silence_ms: int) -> list[Step]:
    return steps_of([Stretch(speech_ms=500, late_ms=0, silence_ms=silence_ms, text=text)], 32)


def kinds(outcomes: list[Outcome]) -> list[tuple[Kind, int]]:
    return [(one.kind, one.at_ms) for one in outcomes]


def test_universal_streaming_ends_an_utterance_before_it_ends_the_turn():
    settings = TurnSettings(400, 1280, vad_threshold=0.4)
    rule = UniversalStreamingRule(settings, confidence)
    assert kinds(run(rule, silence_after("and", 2000))) == [
        (Kind.PARTIAL, 500),
        (Kind.PAUSE, 900),
        (Kind.FINAL, 1780),
    ]


def test_universal_streaming_never_ends_a_turn_with_less_than_80_ms_of_speech():
    click = [Stretch(speech_ms=79, late_ms=0, silence_ms=5000, text="yes.")]
    rule = UniversalStreamingRule(TurnSettings(400, 1280, vad_threshold=0.4), confidence)
    assert finals(run(rule, steps_of(click, 10))) == []


def test_a_threshold_of_one_is_a_pure_silence_timer():
    settings = TurnSettings(400, 1280, vad_threshold=0.4, confidence_threshold=1.0)
    rule = UniversalStreamingRule(settings, confidence)
    assert finals(run(rule, silence_after("yes.", 2000))) == [(1780, ["yes."])]


def test_u3_rt_pro_tells_words_once_in_each_silence_and_never_amid_speech():
    settings = default_settings("u3-rt-pro", Mode.BALANCED, diarized=False)
    stretch = Stretch(speech_ms=3000, late_ms=0, silence_ms=900, text="and")
    outcomes = run(PunctuationRule(settings, confidence), steps_of([stretch, stretch], 32))
    assert kinds(outcomes) == [
        (Kind.STARTED, 3100),
        (Kind.PAUSE, 3100),
        (Kind.PAUSE, 7000),
    ]


@pytest.mark.parametrize(
    ("model", "mode", "diarized", "told_ms"),
    [
        ("universal-3-5-pro", Mode.BALANCED, False, [756, 1756, 2756]),
        ("universal-3-6-pro", Mode.MIN_LATENCY, False, [256, 1256, 2256]),
        ("universal-3-6-pro", Mode.BALANCED, True, [756]),
        ("u3-rt-pro", Mode.BALANCED, False, []),
    ],
)
def test_newer_models_tell_words_amid_speech(model, mode, diarized, told_ms):
    rule = PunctuationRule(default_settings(model, mode, diarized=diarized), confidence)
    said = Word("hello", 0, 200, 0.9)
    steps = [Step(200, speech=True, tentative=(said,), settled=False)]
    steps += [Step(at, speech=True, settled=False) for at in range(240, 3001, 40)]
    told = [one.at_ms for one in run(rule, steps) if one.kind is Kind.PARTIAL]
    assert told == told_ms


@pytest.mark.parametrize(("diarized", "longest_ms"), [(False, 60_000), (True, 10_000)])
def test_newer_models_end_a_turn_that_lasts_too_long(diarized, longest_ms):
    settings = default_settings("universal-3-6-pro", Mode.BALANCED, diarized=diarized)
    rule = PunctuationRule(settings, confidence)
    starts = accumulate([500] * 150, initial=0)
    steps = [
        Step(at + 500, speech=True, final=(Word("on", at, at + 400, 0.9),), settled=False)
        for at in starts
    ]
    assert finals(run(rule, steps))[0][0] == longest_ms


def test_a_forced_end_of_universal_streaming_loses_the_word_amid():
    rule = UniversalStreamingRule(TurnSettings(400, 1280, vad_threshold=0.4), confidence)
    first, second = Word("good", 0, 200, 0.9), Word("morning", 250, 600, 0.9)
    rule.advance(Step(300, speech=True, final=(first,), settled=False))
    rule.advance(Step(450, speech=True, tentative=(second,), settled=False))
    assert finals(rule.force()) == [(450, ["good"])]
    later = rule.advance(Step(600, speech=True, final=(second,), tentative=()))
    assert later == []


def test_a_forced_end_of_universal_3_takes_all_words():
    settings = default_settings("u3-rt-pro", Mode.BALANCED, diarized=False)
    rule = PunctuationRule(settings, confidence)
    first, second = Word("good", 0, 200, 0.9), Word("morning", 250, 600, 0.9)
    rule.advance(Step(300, speech=True, final=(first,), settled=False))
    rule.advance(Step(450, speech=True, tentative=(second,), settled=False))
    assert finals(rule.force()) == [(450, ["good", "morning"])]
    assert rule.force() == []


def test_settings_that_change_amid_a_silence_count_from_then_on():
    rule = PunctuationRule(TurnSettings(100, 5000, vad_threshold=0.3), confidence)
    assert finals(run(rule, silence_after("and", 1000))) == []
    rule.change(TurnSettings(100, 600, vad_threshold=0.3))
    assert finals(rule.advance(Step(1600, speech=False))) == [(1500, ["and"])]
