"""Turn settings of AssemblyAI said to Gladia."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.gladia import LiveRequest, TurnSettings, endpointing_for

silences = st.integers(min_value=50, max_value=10_000)


@pytest.mark.parametrize(
    ("silences_ms", "endpointing_s"),
    [((160, 400), 0.16), ((400, 1280), 0.4), ((800, 3600), 0.8)],
)
def test_the_presets_follow_the_shorter_silence(silences_ms, endpointing_s):
    assert endpointing_for(TurnSettings(*silences_ms)).endpointing_s == endpointing_s


@given(silences, silences)
def test_every_setting_makes_a_request_that_gladia_takes(one, other):
    settings = endpointing_for(TurnSettings(min(one, other), max(one, other)))
    LiveRequest(
        endpointing=settings.endpointing_s,
        maximum_duration_without_endpointing=settings.maximum_duration_s,
    )


def test_what_has_no_counterpart_is_said_in_a_line_each():
    plain = endpointing_for(TurnSettings(400, 1280))
    full = endpointing_for(TurnSettings(400, 1280, 0.7, 0.3))
    assert any("max_turn_silence 1280 ms has no counterpart" in note for note in plain.notes)
    added = full.notes[len(plain.notes) :]
    assert "end_of_turn_confidence_threshold" in added[0]
    assert "vad_threshold" in added[1]
    assert all("\n" not in note for note in full.notes)
