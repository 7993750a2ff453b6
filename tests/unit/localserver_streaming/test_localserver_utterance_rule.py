"""Gladia's utterances end at the very millisecond that their silence or length names."""

from hypothesis import given
from hypothesis import strategies as st

from fermata.localserver.gladia.utterance_rule import UtteranceRule, What
from fermata.localserver.streaming.timeline import Step, Word

SPANS = st.lists(st.tuples(st.integers(20, 400), st.integers(20, 900)), min_size=1, max_size=6)


def steps_of(spans, grain_ms):
    """Speech and silence by turns, each speech one word that is known at its end."""
    now_ms = 0
    for speech_ms, silence_ms in spans:
        word = Word("word", now_ms, now_ms + speech_ms, 0.9)
        for at in sorted({*range(now_ms + grain_ms, word.end_ms, grain_ms), word.end_ms}):
            ends = at == word.end_ms
            yield Step(at, speech=True, final=(word,) if ends else (), settled=ends)
        now_ms = word.end_ms + silence_ms
        for at in sorted({*range(word.end_ms + grain_ms, now_ms, grain_ms), now_ms}):
            yield Step(at, speech=False)


def happened(rule, steps):
    return [one for step in steps for one in rule.advance(step)]


@given(SPANS, st.integers(10, 500), st.integers(1, 300))
def test_an_utterance_ends_where_the_silence_has_lasted_long_enough(spans, endpointing, grain_ms):
    told = happened(UtteranceRule(endpointing, 10**9), steps_of(spans, grain_ms))
    ends, now_ms = [], 0
    for speech_ms, silence_ms in spans:
        now_ms += speech_ms
        if silence_ms >= endpointing:
            ends.append(now_ms + endpointing)
        now_ms += silence_ms
    assert [one.at_ms for one in told if one.what is What.FINAL] == ends


@given(SPANS, st.integers(10, 500), st.integers(1, 300))
def test_speech_that_starts_also_ends_and_no_word_is_lost(spans, endpointing, grain_ms):
    rule = UtteranceRule(endpointing, 10**9)
    told = happened(rule, steps_of(spans, grain_ms)) + rule.finish()
    speech = [one.what for one in told if one.what in {What.SPEECH_START, What.SPEECH_END}]
    assert speech == [What.SPEECH_START, What.SPEECH_END] * (len(speech) // 2)
    said = [word for one in told if one.what is What.FINAL for word in one.words]
    assert len(said) == len(spans)


def test_an_utterance_that_lasts_too_long_ends_with_the_words_that_are_certain():
    rule = UtteranceRule(50, 5000)
    words = [Word("on", at, at + 400, 0.9) for at in range(0, 6000, 500)]
    steps = [Step(one.end_ms, speech=True, final=(one,), settled=False) for one in words]
    final = next(one for one in happened(rule, steps) if one.what is What.FINAL)
    assert (final.at_ms, len(final.words)) == (5000, 10)
