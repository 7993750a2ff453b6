"""Units and ranges."""

from hypothesis import given
from hypothesis import strategies as st

from fermata.export import Stack, export
from fermata.export.units import Range, seconds
from tests.unit.export.choices import fate_of, form_of, recommendations

durations_ms = st.integers(min_value=0, max_value=86_400_000)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@given(durations_ms)
def test_milliseconds_survive_the_way_through_seconds(duration_ms):
    assert round(seconds(duration_ms) * 1000) == duration_ms


@given(durations_ms)
def test_seconds_are_written_without_rounding_errors(duration_ms):
    assert len(str(seconds(duration_ms)).partition(".")[2]) <= 3


@given(numbers, numbers, numbers)
def test_a_clamped_value_is_in_the_range_and_said(one, other, value):
    allowed = Range("setting", min(one, other), max(one, other), "ms")
    fitted = allowed.fit(value)
    assert allowed.least <= fitted.value <= allowed.most
    assert (fitted.clamping is None) == (fitted.value == value)
    assert allowed.fit(fitted.value).clamping is None


@given(recommendations())
def test_whatever_has_a_documented_range_is_inside_it(recommendation):
    flux = form_of(export(recommendation, Stack.DEEPGRAM), "flux").settings
    nova = form_of(export(recommendation, Stack.DEEPGRAM), "nova").settings
    plan = form_of(export(recommendation, Stack.VAPI), "plan")
    assert 500 <= flux["eot_timeout_ms"] <= 60_000
    assert 1000 <= nova["utterance_end_ms"] <= 5000
    assert 0 <= fate_of(plan, "min_turn_silence").sent <= 3
    assert 0 <= fate_of(plan, "max_turn_silence").sent <= 3


@given(recommendations())
def test_pipecats_two_waits_add_up_to_the_silence(recommendation):
    form = form_of(export(recommendation, Stack.PIPECAT), "speech-timeout")
    waits_s = [value for part in form.settings.values() for value in part.values()]
    assert round(sum(waits_s) * 1000) == recommendation.min_turn_silence_ms
