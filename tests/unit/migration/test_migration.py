"""What becomes of each field of a Gladia configuration."""

import json
from collections import Counter

import pytest
from gladia_configs import FULL, GUIDE, leaves
from hypothesis import given
from hypothesis import strategies as st

from fermata.assemblyai.streaming import streaming_parameters
from fermata.errors import UsageError
from fermata.gladia.parameters import LiveRequest
from fermata.migration import Fate, migrate


def fate_of(migration, path):
    return next(each for each in migration.fates if each.field == path)


def test_the_guides_session_becomes_the_guides_parameters():
    migration = migrate(GUIDE)
    assert migration.parameters == {
        "speech_model": "u3-rt-pro",
        "sample_rate": 16000,
        "encoding": "pcm_s16le",
    }
    assert migration.sessions == 1
    assert migration.turn_prompt is None
    assert migration.session_prompt is None


def test_every_documented_field_has_a_fate_of_its_own():
    migration = migrate(FULL)
    counted = Counter(each.field for each in migration.fates)
    assert all(counted[path] == 1 for path in leaves(FULL))
    assert not {Fate.UNKNOWN, Fate.INVALID} & {each.fate for each in migration.fates}


def test_the_full_example_names_every_field_of_the_model():
    schema = LiveRequest.model_json_schema()
    assert set(FULL) == set(schema["properties"])


@st.composite
def parts_of(draw, config):
    kept = draw(st.sets(st.sampled_from(sorted(config))))
    return {
        name: (
            draw(parts_of(value))
            if isinstance(value, dict) and draw(st.booleans())
            else draw(st.sampled_from([value, value, None, "nonsense", -1, True]))
        )
        for name, value in config.items()
        if name in kept
    }


@given(parts_of(FULL))
def test_no_given_field_is_passed_over_in_silence(config):
    migration = migrate(config)
    told = [each.field for each in migration.fates]
    for path in leaves(config):
        assert any(
            field == path or field.startswith((f"{path}[", f"{path}.")) or path.startswith(field)
            for field in told
        )


@given(parts_of(FULL))
def test_the_parameters_are_always_ones_that_streaming_takes(config):
    streaming_parameters(migrate(config).parameters)


@pytest.mark.parametrize("languages", [["en"], ["nl", "en"], ["cy"], []])
def test_no_parameter_is_without_effect_on_the_chosen_model(languages):
    config = FULL | {"language_config": {"languages": languages}}
    assert streaming_parameters(migrate(config).parameters).warnings == ()


@given(parts_of(FULL))
def test_a_migration_can_be_written_as_json_and_its_notes_are_lines(config):
    migration = migrate(config)
    json.dumps(dict(migration.parameters))
    assert all("\n" not in each.note and each.note for each in migration.fates)


def test_an_unknown_field_is_named_with_the_field_that_may_be_meant():
    migration = migrate({"end_pointing": 0.3, "realtime_processing": {"translations": True}})
    assert fate_of(migration, "end_pointing").fate is Fate.UNKNOWN
    assert "endpointing may be meant" in fate_of(migration, "end_pointing").note
    assert fate_of(migration, "realtime_processing.translations").fate is Fate.UNKNOWN


def test_a_value_that_gladia_does_not_allow_is_not_carried_over():
    migration = migrate({"sample_rate": 22050, "endpointing": 20})
    assert fate_of(migration, "sample_rate").fate is Fate.INVALID
    assert fate_of(migration, "endpointing").fate is Fate.INVALID
    assert migration.parameters["sample_rate"] == 16000
    assert "max_turn_silence" not in migration.parameters


def test_something_that_is_no_object_is_refused():
    with pytest.raises(UsageError, match="POST /v2/live"):
        migrate(["endpointing"])


@pytest.mark.parametrize(
    ("encoding", "bit_depth", "expected", "fate"),
    [
        ("wav/pcm", 16, "pcm_s16le", Fate.MAPPED),
        ("wav/pcm", 24, "pcm_s16le", Fate.CHANGED),
        ("wav/ulaw", 8, "pcm_mulaw", Fate.DROPPED),
        ("wav/alaw", 8, "pcm_s16le", Fate.DROPPED),
    ],
)
def test_encoding_and_bit_depth_become_one_encoding(encoding, bit_depth, expected, fate):
    migration = migrate({"encoding": encoding, "bit_depth": bit_depth})
    assert migration.parameters["encoding"] == expected
    assert fate_of(migration, "bit_depth").fate is fate


def test_a_law_says_that_it_must_be_decoded():
    assert "decode" in fate_of(migrate({"encoding": "wav/alaw", "bit_depth": 8}), "encoding").note


def test_several_channels_become_one_session_each():
    migration = migrate({"channels": 4})
    assert migration.sessions == 4
    assert "billed" in fate_of(migration, "channels").note


def test_endpointing_becomes_both_turn_silences_in_ms():
    parameters = migrate({"endpointing": 0.4}).parameters
    assert parameters["min_turn_silence"] == parameters["max_turn_silence"] == 400


def test_an_endpointing_below_the_services_range_is_raised_to_it():
    assert migrate({"endpointing": 0.01}).parameters["max_turn_silence"] == 50


def test_the_longest_utterance_is_not_taken_for_a_silence():
    migration = migrate({"maximum_duration_without_endpointing": 10})
    assert fate_of(migration, "maximum_duration_without_endpointing").fate is Fate.UNSUPPORTED
    assert "max_turn_silence" not in migration.parameters


@pytest.mark.parametrize(
    ("languages", "model"),
    [
        ([], "u3-rt-pro"),
        (["en"], "u3-rt-pro"),
        (["en", "it"], "u3-rt-pro"),
        (["en", "ja"], "universal-3-5-pro"),
        (["cy"], "whisper-rt"),
    ],
)
def test_the_languages_choose_the_model(languages, model):
    assert (
        migrate({"language_config": {"languages": languages}}).parameters["speech_model"] == model
    )


def test_languages_are_carried_over_where_the_model_takes_them():
    migration = migrate({"language_config": {"languages": ["nl", "en", "nl"]}})
    assert migration.parameters["language_codes"] == ["nl", "en"]
    assert migration.parameters["language_detection"] is True


def test_more_languages_than_the_parameter_takes_are_left_to_detection():
    languages = ["en", "es", "de", "fr", "pt", "it", "tr", "nl", "sv", "no", "da"]
    migration = migrate({"language_config": {"languages": languages}})
    assert "language_codes" not in migration.parameters
    assert fate_of(migration, "language_config.languages").fate is Fate.CHANGED


def test_a_model_that_lacks_a_language_is_used_when_asked_for_and_told():
    migration = migrate({"language_config": {"languages": ["ja"]}}, speech_model="u3-rt-pro")
    assert migration.parameters["speech_model"] == "u3-rt-pro"
    assert any("does not know ja" in note for note in migration.notes)


def test_nothing_is_claimed_of_a_model_that_is_not_known():
    config = {"model": "solaria-1", "language_config": {"languages": [], "code_switching": True}}
    migration = migrate(config, speech_model="nova-3")
    said = [*migration.notes, *(each.note for each in migration.fates)]
    (told,) = [line for line in said if line.startswith("nova-3 ") and "chosen" not in line]
    assert told.endswith("was not checked")
    assert fate_of(migration, "language_config.code_switching").fate is Fate.UNSUPPORTED


@pytest.mark.parametrize("languages", [["ja"], ["cy"], ["en", "de"]])
def test_languages_are_not_said_to_fit_a_model_that_is_not_known(languages):
    migration = migrate({"language_config": {"languages": languages}}, speech_model="nova-3")
    assert not any("does not know" in note for note in migration.notes)
    assert any("was not checked" in note for note in migration.notes)


def test_a_model_without_formatting_is_asked_for_it():
    assert migrate({"language_config": {"languages": ["cy"]}}).parameters["format_turns"] is True


def vocabulary(entries, **more):
    config = {"custom_vocabulary": True, "custom_vocabulary_config": {"vocabulary": entries}}
    return {"realtime_processing": config | more}


PLACE = "realtime_processing.custom_vocabulary_config.vocabulary"


def test_vocabulary_becomes_key_terms_once_each():
    entries = ["Stark", {"value": " Stark "}, {"value": "Arya"}]
    assert migrate(vocabulary(entries)).parameters["keyterms_prompt"] == ["Stark", "Arya"]


def test_terms_beyond_the_limits_are_listed_with_the_reason():
    entries = [f"term {index}" for index in range(102)] + ["x" * 51]
    migration = migrate(vocabulary(entries))
    assert len(migration.parameters["keyterms_prompt"]) == 100
    lost = {each.value: each.note for each in migration.fates if each.field == f"{PLACE}[]"}
    assert "100 key terms" in lost[("term 100", "term 101")]
    assert "50 characters" in lost[("x" * 51,)]
    assert fate_of(migration, PLACE).fate is Fate.CHANGED


def test_what_a_vocabulary_entry_says_beyond_its_text_is_told_as_lost():
    entries = [{"value": "a", "intensity": 0.1}, {"value": "b", "pronunciations": ["bee"]}]
    migration = migrate(vocabulary(entries))
    assert fate_of(migration, f"{PLACE}[].intensity").value == (0.1,)
    assert fate_of(migration, f"{PLACE}[].pronunciations").value == (["bee"],)


def test_a_bad_vocabulary_entry_does_not_cost_the_good_ones():
    migration = migrate(vocabulary(["Stark", 5, {"value": "Arya", "weight": 2}]))
    assert migration.parameters["keyterms_prompt"] == ["Stark", "Arya"]
    assert fate_of(migration, f"{PLACE}[1]").fate is Fate.INVALID
    assert fate_of(migration, f"{PLACE}[2].weight").fate is Fate.UNKNOWN


def test_a_vocabulary_that_is_switched_off_stays_off():
    migration = migrate(vocabulary(["Stark"], custom_vocabulary=False))
    assert "keyterms_prompt" not in migration.parameters
    assert fate_of(migration, PLACE).fate is Fate.DROPPED


def test_right_spellings_become_key_terms_and_the_lost_replacement_is_told():
    spelling = {"spelling_dictionary": {"SQL": ["Sequel"], "Stark": ["stark"]}}
    migration = migrate(
        vocabulary(["Stark"], custom_spelling=True, custom_spelling_config=spelling)
    )
    assert migration.parameters["keyterms_prompt"] == ["Stark", "SQL"]
    place = "realtime_processing.custom_spelling_config.spelling_dictionary"
    assert "replace" in fate_of(migration, place).note


def test_what_gladia_added_to_each_utterance_becomes_one_prompt_for_the_gateway():
    prompt = migrate(FULL).turn_prompt
    assert prompt.count("{{turn}}") == 1
    for word in ("de", "informal", "a support call", "entities", "sentiment"):
        assert word in prompt


def test_what_gladia_added_at_the_end_becomes_a_prompt_about_the_whole_session():
    prompt = migrate(FULL).session_prompt
    assert "bullet points" in prompt
    assert "chapters" in prompt


def test_a_callback_becomes_the_webhook_and_the_difference_is_told():
    migration = migrate(FULL)
    assert migration.parameters["webhook_url"] == "https://example.com/hook"
    assert "one POST" in fate_of(migration, "callback_config.url").note
    lost = fate_of(migration, "callback_config.receive_partial_transcripts")
    assert lost.fate is Fate.UNSUPPORTED


def test_a_callback_without_a_usable_address_sets_no_webhook():
    config = {"callback": True, "callback_config": {"url": "example.com/hook"}}
    migration = migrate(config)
    assert "webhook_url" not in migration.parameters
    assert fate_of(migration, "callback_config.url").fate is Fate.INVALID


def test_a_callback_that_is_off_sets_no_webhook():
    config = {"callback": False, "callback_config": {"url": "https://example.com/hook"}}
    assert "webhook_url" not in migrate(config).parameters


def test_a_session_without_endpointing_is_told_that_defaults_differ():
    assert any("endpointing is not set" in note for note in migrate(GUIDE).notes)
    assert not any("endpointing is not set" in note for note in migrate(FULL).notes)
