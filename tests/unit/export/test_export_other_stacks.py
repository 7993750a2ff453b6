"""The choice for the stacks whose turns are not AssemblyAI's."""

import json

import pytest
from hypothesis import given

from fermata.export import Recommendation, Stack, export
from fermata.migration import Fate
from tests.unit.export.choices import (
    BALANCED,
    CONFIDENT,
    HASTY,
    PATIENT,
    fate_of,
    form_of,
    recommendations,
)


def test_pipecat_with_smart_turn_gets_both_silences_in_seconds():
    assert form_of(export(BALANCED, Stack.PIPECAT), "smart-turn").text == (
        "from pipecat.audio.turn.smart_turn.base_smart_turn import SmartTurnParams\n"
        "from pipecat.audio.vad.vad_analyzer import VADParams\n"
        "\n"
        "vad_params = VADParams(stop_secs=0.4)\n"
        "smart_turn_params = SmartTurnParams(stop_secs=1.28)"
    )


@pytest.mark.parametrize(
    ("recommendation", "stop_s", "timeout_s"), [(BALANCED, 0.2, 0.2), (HASTY, 0.05, 0.0)]
)
def test_pipecats_speech_timeout_runs_after_its_vad_so_both_share_the_silence(
    recommendation, stop_s, timeout_s
):
    form = form_of(export(recommendation, Stack.PIPECAT), "speech-timeout")
    assert form.settings == {
        "VADParams": {"stop_secs": stop_s},
        "SpeechTimeoutUserTurnStopStrategy": {"user_speech_timeout": timeout_s},
    }
    assert f"VADParams(stop_secs={stop_s})" in form.text


def test_gladia_gets_one_silence_and_the_greatest_length_of_an_utterance():
    (form,) = export(PATIENT, Stack.GLADIA).forms
    assert form.text == (
        '{\n  "endpointing": 0.8,\n  "maximum_duration_without_endpointing": 60.0\n}'
    )
    assert fate_of(form, "min_turn_silence").target == "endpointing"
    assert fate_of(form, "max_turn_silence").fate is Fate.UNSUPPORTED


def test_deepgram_flux_gets_its_timeout_and_keeps_its_own_confidence():
    exported = export(CONFIDENT, Stack.DEEPGRAM)
    form = form_of(exported, "flux")
    assert form.text == "eot_timeout_ms=1280"
    assert fate_of(form, "end_of_turn_confidence_threshold").fate is Fate.UNSUPPORTED
    assert any("eot_threshold" in note for note in exported.notes)


def test_deepgram_nova_gets_endpointing_and_utterance_end():
    assert form_of(export(BALANCED, Stack.DEEPGRAM), "nova").text == (
        "endpointing=400&interim_results=true&utterance_end_ms=1280"
    )


def test_what_deepgram_would_refuse_is_clamped_aloud():
    exported = export(HASTY, Stack.DEEPGRAM)
    timeout = fate_of(form_of(exported, "flux"), "max_turn_silence")
    gap = fate_of(form_of(exported, "nova"), "max_turn_silence")
    assert timeout.note.startswith("eot_timeout_ms takes 500 to 60000 ms, so 100 became 500")
    assert gap.note.startswith("utterance_end_ms takes 1000 to 5000 ms, so 100 became 1000")


def test_openai_gets_an_event_with_the_shorter_silence():
    form = form_of(export(BALANCED, Stack.OPENAI), "server_vad")
    assert json.loads(form.text) == {
        "type": "session.update",
        "session": {
            "type": "realtime",
            "audio": {
                "input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 400}}
            },
        },
    }


@pytest.mark.parametrize(
    ("longest_ms", "eagerness", "note"),
    [
        (400, "high", "waits at most 2 s, the shortest of three steps that is not below 0.4 s"),
        (2000, "high", "waits at most 2 s, the shortest of three steps that is not below 2 s"),
        (3600, "medium", "waits at most 4 s, the shortest of three steps that is not below 3.6 s"),
        (8000, "low", "waits at most 8 s, the shortest of three steps that is not below 8 s"),
        (9000, "low", "waits at most 8 s, the longest there is: 9 s cannot be had"),
    ],
)
def test_openais_eagerness_is_the_quickest_that_is_patient_enough(longest_ms, eagerness, note):
    exported = export(Recommendation(400, longest_ms, "u3-rt-pro"), Stack.OPENAI)
    fate = fate_of(form_of(exported, "semantic_vad"), "max_turn_silence")
    assert (fate.sent, fate.note) == (eagerness, note)


def test_vapi_gets_seconds_with_and_without_punctuation_and_no_wait_on_top():
    assert json.loads(form_of(export(BALANCED, Stack.VAPI), "plan").text) == {
        "startSpeakingPlan": {
            "waitSeconds": 0,
            "transcriptionEndpointingPlan": {
                "onPunctuationSeconds": 0.4,
                "onNoPunctuationSeconds": 1.28,
            },
        }
    }


def test_what_vapi_would_refuse_is_clamped_aloud():
    fate = fate_of(form_of(export(PATIENT, Stack.VAPI), "plan"), "max_turn_silence")
    assert fate.sent == 3
    assert fate.note.startswith("onNoPunctuationSeconds takes 0 to 3 s, so 3.6 became 3")


def test_vapi_with_assemblyai_as_transcriber_gets_milliseconds():
    assert form_of(export(CONFIDENT, Stack.VAPI), "transcriber").settings == {
        "transcriber": {
            "provider": "assembly-ai",
            "speechModel": "universal-streaming-english",
            "minEndOfTurnSilenceWhenConfident": 400,
            "maxTurnSilence": 1280,
            "endOfTurnConfidenceThreshold": 0.4,
        }
    }


@pytest.mark.parametrize("stack", Stack)
@given(recommendations())
def test_every_form_says_what_became_of_every_turn_setting(stack, recommendation):
    wanted = {"min_turn_silence", "max_turn_silence"}
    if recommendation.end_of_turn_confidence_threshold is not None:
        wanted.add("end_of_turn_confidence_threshold")
    for form in export(recommendation, stack).forms:
        assert wanted <= {fate.setting for fate in form.fates}
        assert all(fate.note and "\n" not in fate.note for fate in form.fates)


@pytest.mark.parametrize("stack", Stack)
def test_forms_are_told_apart_by_name(stack):
    names = [form.name for form in export(BALANCED, stack).forms]
    assert len(set(names)) == len(names)
