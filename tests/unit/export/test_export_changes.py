"""A present configuration beside the recommendation: found, changed, and nothing else touched."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fermata.errors import UsageError
from fermata.export import (
    Stack,
    changes_to,
    export,
    fitting_form,
    outdated_names,
    read_present,
)
from tests.unit.export.choices import BALANCED, CONFIDENT, recommendations

_ASSEMBLYAI_NAMES = {
    "speech_model",
    "min_turn_silence",
    "max_turn_silence",
    "end_of_turn_confidence_threshold",
}


def merged(stack, text, names=(), recommendation=BALANCED):
    present = read_present(text, names)
    form = fitting_form(export(recommendation, stack), present.settings)
    return present.with_changes(changes_to(present.settings, form.settings))


def merged_json(stack, value, recommendation=BALANCED):
    return json.loads(merged(stack, json.dumps(value), (), recommendation))


def test_each_change_says_where_and_from_what_to_what():
    present = {"turn_handling": {"endpointing": {"min_delay": 0.5, "max_delay": 1.28}}}
    form = fitting_form(export(BALANCED, Stack.LIVEKIT), present)
    (change,) = changes_to(present, form.settings)
    assert (change.place, change.old, change.new) == (
        "turn_handling.endpointing.min_delay",
        0.5,
        0.4,
    )


def test_a_whole_assistant_keeps_all_but_the_recommended_values():
    assistant = {
        "name": "Front desk",
        "startSpeakingPlan": {
            "waitSeconds": 0.4,
            "transcriptionEndpointingPlan": {"onNumberSeconds": 0.5, "onPunctuationSeconds": 0.1},
        },
        "voice": {"provider": "vapi"},
    }
    assert merged_json(Stack.VAPI, assistant) == {
        "name": "Front desk",
        "startSpeakingPlan": {
            "waitSeconds": 0,
            "transcriptionEndpointingPlan": {
                "onNumberSeconds": 0.5,
                "onPunctuationSeconds": 0.4,
                "onNoPunctuationSeconds": 1.28,
            },
        },
        "voice": {"provider": "vapi"},
    }


def test_an_assistant_with_assemblyai_as_transcriber_is_changed_there():
    assistant = {"transcriber": {"provider": "assembly-ai", "maxTurnSilence": 400}}
    changed = merged_json(Stack.VAPI, assistant)
    assert changed["transcriber"]["maxTurnSilence"] == 1280
    assert "startSpeakingPlan" not in changed


@pytest.mark.parametrize(
    ("present", "changed"),
    [
        (
            {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 500},
            {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 400},
        ),
        (
            {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}},
            {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}},
        ),
        (
            {"type": "session.update", "session": {"audio": {"input": {"turn_detection": None}}}},
            {
                "type": "session.update",
                "session": {
                    "audio": {
                        "input": {
                            "turn_detection": {"type": "server_vad", "silence_duration_ms": 400}
                        }
                    }
                },
            },
        ),
    ],
    ids=["innermost object", "older nesting", "whole event"],
)
def test_settings_are_found_however_deep_the_file_nests_them(present, changed):
    assert merged_json(Stack.OPENAI, present) == changed


def test_the_model_of_something_else_is_not_taken_for_the_recognisers():
    present = {"llm": {"model": "a-language-model"}, "turn_handling": {"turn_detection": "stt"}}
    changed = merged_json(Stack.LIVEKIT, present)
    assert changed["llm"] == {"model": "a-language-model"}
    assert changed["stt"]["model"] == "u3-rt-pro"


def test_two_settings_of_one_name_are_told_apart_by_their_objects():
    present = {"SmartTurnParams": {"stop_secs": 3}, "VADParams": {"stop_secs": 0.2}}
    assert merged_json(Stack.PIPECAT, present) == {
        "SmartTurnParams": {"stop_secs": 1.28},
        "VADParams": {"stop_secs": 0.4},
    }


def test_a_file_in_which_several_parts_could_be_meant_is_refused():
    two = {"sales": {"silence_duration_ms": 500}, "support": {"silence_duration_ms": 700}}
    with pytest.raises(UsageError, match=r"several parts .* \(sales, support\): give one alone"):
        merged_json(Stack.OPENAI, two)


def test_deepgrams_form_follows_the_model_in_the_file():
    assert merged(Stack.DEEPGRAM, "model=flux-general-en&eot_timeout_ms=5000", {"endpointing"}) == (
        "model=flux-general-en&eot_timeout_ms=1280"
    )
    assert merged(Stack.DEEPGRAM, "model=nova-3&endpointing=10", {"endpointing"}) == (
        "model=nova-3&endpointing=400&interim_results=true&utterance_end_ms=1280"
    )


def test_a_message_for_a_running_session_gets_no_model():
    message = {"type": "UpdateConfiguration", "max_turn_silence": 5000}
    assert merged_json(Stack.ASSEMBLYAI, message) == {
        "type": "UpdateConfiguration",
        "max_turn_silence": 1280,
        "min_turn_silence": 400,
    }


def test_an_address_keeps_its_other_parameters_to_the_letter():
    address = (
        "wss://streaming.assemblyai.com/v3/ws?sample_rate=8000&keyterms_prompt=%5B%22a+b%22%5D"
        "&min_turn_silence=100&speech_model=u3-rt-pro&encoding=pcm_mulaw"
    )
    assert merged(Stack.ASSEMBLYAI, address, _ASSEMBLYAI_NAMES) == (
        address.replace("min_turn_silence=100", "min_turn_silence=400") + "&max_turn_silence=1280"
    )


def test_an_env_file_keeps_its_comments_quotes_and_other_lines():
    env = (
        "# turns\n"
        "export AAI_MIN_TURN_SILENCE='100'  # ms\n"
        "AAI_API_KEY=do-not-touch # min_turn_silence=1\n"
        "\n"
        "AAI_SPEECH_MODEL=u3-rt-pro\n"
    )
    assert merged(Stack.ASSEMBLYAI, env, _ASSEMBLYAI_NAMES) == (
        "# turns\n"
        "export AAI_MIN_TURN_SILENCE='400'  # ms\n"
        "AAI_API_KEY=do-not-touch # min_turn_silence=1\n"
        "\n"
        "AAI_SPEECH_MODEL=u3-rt-pro\n"
        "MAX_TURN_SILENCE=1280"
    )


@pytest.mark.parametrize(
    ("text", "names", "complaint"),
    [
        ("min_delay: 1", (), "no JSON"),
        ("[1]", (), "no JSON object"),
        ("nothing here", _ASSEMBLYAI_NAMES, "neither JSON nor a query string nor lines"),
    ],
)
def test_a_file_of_no_known_shape_is_refused_in_one_line(text, names, complaint):
    with pytest.raises(UsageError, match=complaint) as refusal:
        read_present(text, names)
    assert "\n" not in str(refusal.value)


def test_names_that_a_stack_gave_up_are_pointed_out():
    present = {"min_end_of_turn_silence_when_confident": 400}
    form = fitting_form(export(BALANCED, Stack.ASSEMBLYAI), present)
    assert outdated_names(form, present) == (
        "min_end_of_turn_silence_when_confident is the old name of min_turn_silence: take it out",
    )


@pytest.mark.parametrize("stack", Stack)
@given(recommendations())
def test_what_was_merged_once_needs_no_further_change(stack, recommendation):
    for form in export(recommendation, stack).forms:
        present = read_present(json.dumps(form.settings), ())
        assert changes_to(present.settings, form.settings) == ()
        empty = read_present("{}", ())
        filled = empty.with_changes(changes_to({}, form.settings))
        assert json.loads(filled) == form.settings


_own = st.dictionaries(
    st.text(st.characters(categories=["Ll"]), min_size=1, max_size=4).map("own_{}".format),
    st.integers() | st.text() | st.none() | st.lists(st.booleans()),
)


@given(_own)
def test_nothing_of_a_persons_own_is_touched(own):
    changed = merged_json(Stack.ASSEMBLYAI, own, CONFIDENT)
    assert {name: changed[name] for name in own} == own
    assert changed.keys() - own.keys() == _ASSEMBLYAI_NAMES
