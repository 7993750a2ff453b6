"""The body of POST /v2/live."""

import pytest
from gladia_specs import component, resolve
from pydantic import ValidationError

from fermata.gladia.languages import TRANSCRIPTION_LANGUAGES, TRANSLATION_LANGUAGES
from fermata.gladia.parameters import LiveRequest

_RANGES = ("minimum", "maximum", "minItems", "enum", "default")


def test_every_documented_field_is_there_with_its_documented_range():
    ours = LiveRequest.model_json_schema()
    _compare(component("StreamingRequest"), ours, ours["$defs"], "")


def _compare(documented, ours, definitions, path):
    documented, ours = resolve(documented), _ours(ours, definitions)
    if "properties" in documented:
        assert set(ours["properties"]) == set(documented["properties"]), path
        for name, documented_part in documented["properties"].items():
            _compare(documented_part, ours["properties"][name], definitions, f"{path}.{name}")
        return
    for word in _RANGES:
        # Another model than the documented one may come, and languages are checked by a function.
        if word in documented and path != ".model":
            assert ours.get(word) == documented[word], f"{path} {word}"


def _ours(schema, definitions):
    members = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    found = members[0]
    if "$ref" in found:
        found = definitions[found["$ref"].rsplit("/", 1)[1]]
    return {**{key: value for key, value in schema.items() if key != "anyOf"}, **found}


def test_the_languages_are_the_documented_ones():
    assert set(component("TranscriptionLanguageCodeEnum")["enum"]) == TRANSCRIPTION_LANGUAGES
    assert set(component("TranslationLanguageCodeEnum")["enum"]) == TRANSLATION_LANGUAGES


@pytest.mark.parametrize(
    "bad",
    [
        {"sample_rate": 22050},
        {"sample_rate": "16000"},
        {"bit_depth": 12},
        {"channels": 9},
        {"endpointing": 0.001},
        {"endpointing": 11},
        {"maximum_duration_without_endpointing": 61},
        {"language_config": {"languages": ["xx"]}},
        {"pre_processing": {"speech_threshold": 1.1}},
        {"realtime_processing": {"translation_config": {"target_languages": []}}},
        {"endpoint": 1},
        {"encoding": "wav/ulaw"},
        {"callback": True},
    ],
)
def test_what_the_service_would_refuse_or_ignore_is_refused_here(bad):
    with pytest.raises(ValidationError):
        LiveRequest.model_validate(bad)


def test_the_body_always_says_the_endpointing_because_its_default_has_changed_before():
    body = LiveRequest().body()
    assert body["endpointing"] == 0.05
    assert body["maximum_duration_without_endpointing"] == 5
    assert "callback_config" not in body
