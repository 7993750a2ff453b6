"""The audio of a session as Gladia counts it and as the caller does."""

from hypothesis import given
from hypothesis import strategies as st

from fermata.gladia.clock import SentAudio

RATE_HZ = 8000
MS_PER_SAMPLE = 1000 / RATE_HZ

pieces = st.lists(st.tuples(st.booleans(), st.integers(min_value=1, max_value=500)))


@given(pieces)
def test_hidden_silence_is_in_no_time_of_the_callers(sent):
    audio, gladia, caller = SentAudio(RATE_HZ), 0, 0
    for is_silence, samples in sent:
        (audio.add_silence if is_silence else audio.add)(2 * samples)
        gladia += samples
        caller += 0 if is_silence else samples
        assert round(audio.callers_ms(gladia / RATE_HZ) / MS_PER_SAMPLE) == caller


@given(pieces, st.data())
def test_after_a_drop_the_audio_goes_on_where_gladia_acknowledged_it(sent, data):
    audio, heard = SentAudio(RATE_HZ), []
    for is_silence, samples in sent:
        (audio.add_silence if is_silence else audio.add)(2 * samples)
        heard += [not is_silence] * samples
    accepted = data.draw(st.integers(min_value=0, max_value=len(heard)))
    audio.accept(2 * accepted)
    audio.rewind()
    callers = sum(heard[:accepted])
    assert round(audio.accepted_ms / MS_PER_SAMPLE) == callers
    audio.add(200)
    assert round(audio.callers_ms((accepted + 100) / RATE_HZ) / MS_PER_SAMPLE) == callers + 100


@given(st.integers(min_value=1, max_value=1000))
def test_an_inclusive_end_and_an_exclusive_one_mean_the_same(samples):
    for end in (2 * samples, 2 * samples - 1):
        audio = SentAudio(RATE_HZ)
        audio.add(2 * samples)
        audio.accept(end)
        assert audio.accepted_ms == samples * MS_PER_SAMPLE


def test_an_acknowledgement_never_goes_back_nor_beyond_what_was_sent():
    audio = SentAudio(RATE_HZ)
    audio.add(1600)
    audio.accept(800)
    audio.accept(400)
    assert audio.accepted_ms == 50.0
    audio.accept(16000)
    assert audio.accepted_ms == 100.0
