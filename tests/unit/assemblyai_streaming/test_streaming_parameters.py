"""The parameters of a streaming session: every one known, checked, and said plainly."""

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from fermata.assemblyai.streaming import (
    LlmGateway,
    StreamingParameters,
    llm_gateway_for,
    streaming_parameters,
)
from fermata.assemblyai.streaming.families import Family, family_of
from fermata.assemblyai.streaming.updates import configuration_update
from fermata.errors import UsageError

U3 = "u3-rt-pro"
LATER = "universal-3-6-pro"
US = "universal-streaming-english"
_SPEC = "shared/specs/assemblyai/python-sdk-1.8.2-streaming-v3.schema.json"


def query(**values) -> dict[str, str]:
    parsed = parse_qs(streaming_parameters(values).to_query())
    return {name: value for name, (value,) in parsed.items()}


def test_the_query_is_exactly_this():
    parameters = streaming_parameters(
        {
            "speech_model": U3,
            "min_turn_silence": 160,
            "max_turn_silence": 400,
            "speaker_labels": True,
            "keyterms_prompt": ["Fermata", "Größe"],
        }
    )
    assert parameters.to_query() == (
        "speech_model=u3-rt-pro&sample_rate=16000&encoding=pcm_s16le&inactivity_timeout=30"
        "&min_turn_silence=160&max_turn_silence=400"
        "&keyterms_prompt=%5B%22Fermata%22%2C%22Gr%C3%B6%C3%9Fe%22%5D&speaker_labels=true"
    )


def test_a_net_under_sessions_left_open_is_always_set():
    assert query(speech_model=U3)["inactivity_timeout"] == "30"


def test_a_model_must_be_named():
    with pytest.raises(UsageError, match="speech_model"):
        streaming_parameters({})


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("min_turn_silense", "did you mean min_turn_silence"),
        ("min_end_of_turn_silence_when_confident", "called min_turn_silence now"),
        ("language_code", "called language_codes now"),
        ("token", "never a parameter"),
        ("zzz", "correct it or leave it out"),
    ],
)
def test_a_name_that_the_service_would_ignore_is_refused(name, hint):
    with pytest.raises(UsageError, match=hint):
        streaming_parameters({"speech_model": U3, name: 1})


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (U3, {"sample_rate": 7999}),
        (U3, {"sample_rate": 96001}),
        (U3, {"encoding": "mp3"}),
        (U3, {"inactivity_timeout": 4}),
        (U3, {"inactivity_timeout": 3601}),
        (U3, {"min_turn_silence": 49}),
        (U3, {"max_turn_silence": 10001}),
        (U3, {"min_turn_silence": 500, "max_turn_silence": 400}),
        (U3, {"vad_threshold": 1.1}),
        (US, {"end_of_turn_confidence_threshold": -0.1}),
        (LATER, {"mode": "fast"}),
        (LATER, {"interruption_delay": 1001}),
        (U3, {"keyterms_prompt": ["x"] * 101}),
        (U3, {"keyterms_prompt": ["x" * 51]}),
        (U3, {"prompt": "x" * 1751}),
        (LATER, {"agent_context": "x" * 1751}),
        (LATER, {"previous_context_n_turns": 101}),
        (LATER, {"language_codes": ["en"] * 11}),
        (US, {"language": "de"}),
        (U3, {"speaker_labels": True, "max_speakers": 11}),
        (U3, {"speaker_labels": True, "speaker_labels_revision_interval_ms": 86_400_001}),
        (U3, {"redact_pii": True, "redact_pii_sub": "stars"}),
        (U3, {"domain": "legal-v1"}),
        (LATER, {"voice_focus": "mid-field"}),
        (LATER, {"voice_focus": "near-field", "voice_focus_threshold": 2}),
        (U3, {"webhook_url": "ftp://x"}),
        (U3, {"speech_model": "u3 rt"}),
    ],
)
def test_what_is_out_of_range_is_refused_before_anything_is_sent(model, values):
    with pytest.raises(UsageError) as raised:
        streaming_parameters({"speech_model": model} | values)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "values",
    [
        {"max_speakers": 2},
        {"speaker_labels_revision_interval_ms": 120_000},
        {"redact_pii_policies": ["date"]},
        {"redact_pii_sub": "hash"},
        {"include_partial_turns": True},
        {"webhook_auth_header_name": "X"},
        {"webhook_url": "https://x.test", "webhook_auth_header_value": "secret"},
    ],
)
def test_a_part_without_its_whole_is_refused(values):
    with pytest.raises(UsageError, match="does nothing without"):
        streaming_parameters({"speech_model": U3} | values)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (U3, {"mode": "balanced"}),
        (U3, {"language_codes": ["en"]}),
        (U3, {"voice_focus": "near-field"}),
        (U3, {"agent_context": "x"}),
        (U3, {"language": "en"}),
        (US, {"prompt": "x"}),
        ("whisper-rt", {"speaker_labels": True}),
    ],
)
def test_what_a_model_lacks_is_refused(model, values):
    with pytest.raises(UsageError, match="does not know"):
        streaming_parameters({"speech_model": model} | values)


@pytest.mark.parametrize(
    ("model", "values", "warned"),
    [
        (U3, {"format_turns": True}, ["format_turns has no effect with u3-rt-pro"]),
        (U3, {"format_turns": False}, []),
        (US, {"format_turns": True}, []),
        (
            LATER,
            {"end_of_turn_confidence_threshold": 0.4},
            ["end_of_turn_confidence_threshold has no effect with universal-3-6-pro"],
        ),
        (
            US,
            {"language_detection": True},
            ["language_detection has no effect with universal-streaming-english"],
        ),
        (
            LATER,
            {"mode": "balanced", "speaker_labels": True},
            ["mode has no effect with speaker_labels, which has a profile of its own"],
        ),
        (
            U3,
            {"speaker_labels": True, "speaker_labels_revision_interval_ms": 1000},
            ["speaker_labels_revision_interval_ms becomes 120000 to 300000 at the service"],
        ),
    ],
)
def test_what_has_no_effect_is_said(model, values, warned):
    assert list(streaming_parameters({"speech_model": model} | values).warnings) == warned


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("universal-streaming-english", Family.UNIVERSAL_STREAMING),
        ("universal-streaming-multilingual", Family.UNIVERSAL_STREAMING),
        ("whisper-rt", Family.WHISPER),
        ("u3-rt-pro", Family.U3_FIRST),
        ("u3-rt-pro-beta-1", Family.U3_FIRST),
        ("u3-rt-agent", Family.U3_FIRST),
        ("universal-3-5-pro", Family.U3_LATER),
        ("universal-3-6", Family.U3_LATER),
        ("universal-3-7-preview", Family.U3_LATER),
        ("_universal-3-5-notetaker", Family.U3_LATER),
        ("universal-4", Family.UNKNOWN),
    ],
)
def test_models_are_told_apart_by_name(model, family):
    assert family_of(model) is family


def test_a_model_of_tomorrow_passes_through_with_any_parameter():
    parameters = streaming_parameters(
        {"speech_model": "universal-4", "mode": "balanced", "format_turns": True, "language": "en"}
    )
    assert parameters.warnings == ()


def test_the_gateway_is_sent_as_the_guide_writes_it():
    gateway = llm_gateway_for("Sum up.", "small-model", 400)
    sent = json.loads(query(speech_model=U3, llm_gateway=gateway)["llm_gateway"])
    assert sent == {
        "model": "small-model",
        "messages": [{"role": "user", "content": "Sum up.\n\nTranscript: {{turn}}"}],
        "max_tokens": 400,
    }


def test_a_prompt_that_places_the_turn_itself_is_left_alone():
    assert llm_gateway_for("Say {{turn}} in French", "m").messages[0].content == (
        "Say {{turn}} in French"
    )


@pytest.mark.parametrize(("prompt", "model"), [("", "m"), ("  ", "m"), ("x", "")])
def test_an_empty_prompt_or_model_is_refused(prompt, model):
    with pytest.raises(UsageError, match="LLM prompt"):
        llm_gateway_for(prompt, model)


def test_messages_without_the_turn_are_refused():
    with pytest.raises(ValueError, match="would hear nothing"):
        LlmGateway(model="m", messages=[{"role": "user", "content": "hi"}], max_tokens=1)


def test_secrets_stay_out_of_the_text_form():
    parameters = streaming_parameters(
        {
            "speech_model": U3,
            "webhook_url": "https://x.test",
            "webhook_auth_header_name": "X-Auth",
            "webhook_auth_header_value": "hush-hush",
        }
    )
    assert "hush-hush" not in repr(parameters)


def test_another_rate_changes_nothing_else():
    parameters = streaming_parameters({"speech_model": U3, "keyterms_prompt": ["a"]})
    session = parameters.for_session(44_100)
    assert session.session_heartbeat
    assert session.model_copy(update={"session_heartbeat": None}).to_query() == (
        parameters.to_query().replace("16000", "44100")
    )
    with pytest.raises(UsageError, match="sample_rate"):
        parameters.for_session(4000)


def test_every_parameter_of_the_official_sdk_is_known_or_renamed():
    path = next((p / _SPEC for p in Path(__file__).parents if (p / _SPEC).exists()), None)
    if path is None:
        pytest.skip(f"{_SPEC} does not lie beside the project")
    official = json.loads(path.read_text(encoding="utf-8"))["connection_parameters"]["properties"]
    renamed = {
        "min_end_of_turn_silence_when_confident",
        "language_code",
        "noise_suppression_model",
        "noise_suppression_threshold",
    }
    assert set(official) - renamed <= set(StreamingParameters.model_fields)


@pytest.mark.parametrize(
    ("model", "changes", "message"),
    [
        (U3, {"min_turn_silence": 200}, {"min_turn_silence": 200}),
        (U3, {"keyterms_prompt": []}, {"keyterms_prompt": []}),
        (US, {"end_of_turn_confidence_threshold": 0.5}, {"end_of_turn_confidence_threshold": 0.5}),
        (LATER, {"mode": "balanced"}, {"mode": "balanced"}),
    ],
)
def test_a_running_session_can_be_changed(model, changes, message):
    current = streaming_parameters({"speech_model": model})
    sent = configuration_update(current, changes)
    assert json.loads(json.dumps(sent)) == {"type": "UpdateConfiguration"} | message


@pytest.mark.parametrize(
    "changes", [{}, {"sample_rate": 8000}, {"speaker_labels": True}, {"min_turn_silence": 1}]
)
def test_what_would_end_a_running_session_is_refused(changes):
    with pytest.raises(UsageError):
        configuration_update(streaming_parameters({"speech_model": U3}), changes)
