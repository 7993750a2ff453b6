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
