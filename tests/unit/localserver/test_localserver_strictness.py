"""Every documented field of every request: what its schema forbids, the local server refuses."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from fermata.localserver.era import Era
from fermata.localserver.gladia.request import LiveRequest
from fermata.localserver.service import RefusedError
from fermata.localserver.streaming.parameters import OLD_NAMES, Parameters, read_parameters
from fermata.localserver.streaming.refusal import RefusalError
from fermata.localserver.submission import check_submission

SPECS = Path(__file__).parents[4] / "shared" / "specs"
WRONG = (-2, 0.5, 10**9, "nope", True, ["nope"], [3], [{"nope": 1}], {"nope": [1]}, {"value": 2})
# Measured: any name of a PII policy is taken. Addresses are called, not read.
SDK_SCHEMA = "assemblyai/python-sdk-1.8.2-streaming-v3.schema.json"
WRONG_TEXTS = ("", "nope", "-2", "0.5", "2", "1000000000", "nan", "[3]", '["nope"]', '{"nope": 1}')
LENIENT = {"redact_pii_policies": (["nope"],), "webhook_url": ("nope",)}
Schema = Mapping[str, Any]
Place = tuple[str, ...]
# What a part of Gladia's request must hold, so that it is one wrong field alone that is refused.
REQUIRED: Mapping[str, Schema] = {
    "custom_vocabulary_config": {"vocabulary": ["tea"]},
    "custom_spelling_config": {"spelling_dictionary": {"tea": ["T"]}},
    "translation_config": {"target_languages": ["de"]},
}


def document(path: str) -> Schema:
    """A specification, where it lies beside the project."""
    file = SPECS / path
    if not file.exists():
        pytest.skip(f"{path} is not beside the project")
    text = file.read_text(encoding="utf-8")
    read: Schema = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    return read


def is_forbidden(value: object, schema: Schema, whole: Schema) -> bool:
    """Whether a schema of the document forbids a value."""
    return not jsonschema.Draft202012Validator({**schema, "components": whole}).is_valid(value)


def test_a_submission_with_what_the_schema_forbids_is_refused() -> None:
    components = document("assemblyai/openapi-2026-08.yaml")["components"]
    fields = components["schemas"]["TranscriptOptionalParams"]["properties"]
    taken = [
        (name, value)
        for name, schema in fields.items()
        for value in WRONG
        if is_forbidden(value, schema, components)
        and value not in LENIENT.get(name, ())
        and is_taken({name: value})
    ]
    assert taken == []


def is_taken(fields: Schema) -> bool:
    try:
        check_submission({"audio_url": "u", **fields}, Era.AUTUMN)
    except RefusedError:
        return False
    return True


# A bare name is a list of one. What is measured beats the schema: silences are clamped, and any
# name of a PII policy is taken.
TAKEN_ALL_THE_SAME = {
    "min_turn_silence": ("-2", "2", "1000000000"),
    "max_turn_silence": ("-2", "2", "1000000000"),
    "min_end_of_turn_silence_when_confident": ("-2", "2", "1000000000"),
    "redact_pii_policies": tuple(text for text in WRONG_TEXTS if text != "[3]"),
}
# Of the pages beside the SDK's schema: what it leaves open.
BOUNDS = {
    "sample_rate": (8_000, 96_000),
    "end_of_turn_confidence_threshold": (0, 1),
    "vad_threshold": (0, 1),
    "voice_focus_threshold": (0, 1),
    "noise_suppression_threshold": (0, 1),
    "interruption_delay": (0, 1000),
    "previous_context_n_turns": (0, 100),
    "max_speakers": (1, 10),
    "inactivity_timeout": (5, 3600),
    "speaker_labels_revision_interval_ms": (0, 86_400_000),
}


def test_a_session_with_what_the_schema_forbids_is_refused() -> None:
    parameters = document(SDK_SCHEMA)["connection_parameters"]
    taken = [
        (name, text)
        for name, field in parameters["properties"].items()
        for text in WRONG_TEXTS
        if not any(is_of(value, field, parameters["$defs"]) for value in meanings(text))
        and text not in TAKEN_ALL_THE_SAME.get(name, ())
        and is_session_taken({name: text})
    ]
    assert taken == []


def test_no_parameter_of_the_sdk_is_passed_over_in_silence() -> None:
    named = document(SDK_SCHEMA)["connection_parameters"]["properties"].keys()
    assert named - Parameters.model_fields.keys() == OLD_NAMES.keys()


def meanings(text: str) -> Iterator[object]:
    """What a query's text may stand for; as the service's own model reads it, `2` is no yes."""
    yield text
    with suppress(ValueError):
        yield json.loads(text)


def is_of(value: object, schema: Schema, definitions: Schema) -> bool:
    return jsonschema.Draft202012Validator({**schema, "$defs": definitions}).is_valid(value)


@pytest.mark.parametrize(("name", "bounds"), BOUNDS.items())
def test_a_number_of_a_session_is_taken_within_its_bounds_alone(
    name: str, bounds: tuple[int, int]
) -> None:
    lowest, highest = bounds
    assert is_session_taken({name: str(lowest)})
    assert is_session_taken({name: str(highest)})
    assert not is_session_taken({name: str(lowest - 1)})
    assert not is_session_taken({name: str(highest + 1)})


@pytest.mark.parametrize(
    ("name", "most", "one_more"),
    [
        ("keyterms_prompt", ["a"] * 100, ["a"] * 101),
        ("language_codes", ["en"] * 10, ["en"] * 11),
        ("prompt", "x" * 1750, "x" * 1751),
        ("agent_context", "x" * 1750, "x" * 1751),
    ],
    ids=lambda each: each if isinstance(each, str) and len(each) < 20 else "",
)
def test_texts_and_lists_of_a_session_are_taken_up_to_their_length(
    name: str, most: object, one_more: object
) -> None:
    as_text = [each if isinstance(each, str) else json.dumps(each) for each in (most, one_more)]
    assert [is_session_taken({name: text}) for text in as_text] == [True, False]


@pytest.mark.parametrize("name", ["language_code", "language_codes"])
def test_a_language_that_no_streaming_model_knows_is_refused(name: str) -> None:
    assert is_session_taken({name: "de"})
    assert not is_session_taken({name: "xx"})


def is_session_taken(query: Mapping[str, str]) -> bool:
    try:
        read_parameters({"speech_model": "universal-3-5-pro", **query}, Era.AUTUMN)
    except RefusalError:
        return False
    return True


def test_a_live_request_with_what_the_schema_forbids_is_refused() -> None:
    components = document("gladia/openapi-2026-08.json")["components"]
    taken = [
        (path, value)
        for path, schema in walk(components["schemas"]["StreamingRequest"], components)
        for value in WRONG
        if is_forbidden(value, schema, components) and is_live_taken(nested(path, value))
    ]
    assert taken == []


@pytest.mark.parametrize(("name", "least"), REQUIRED.items())
def test_a_part_of_a_live_request_is_taken_with_the_least_that_it_needs(
    name: str, least: Schema
) -> None:
    assert is_live_taken({"realtime_processing": {name: least}})
    assert not is_live_taken({"realtime_processing": {name: {}}})


@pytest.mark.parametrize(
    "entry",
    [3, {"value": 3}, {}, {"value": "tea", "intensity": 2}, {"value": "tea", "language": "xx"},
     {"value": "tea", "pronunciations": [3]}, {"value": "tea", "loudness": 1}],
)  # fmt: skip
def test_a_wrong_word_of_the_vocabulary_is_refused(entry: object) -> None:
    wanted = {"custom_vocabulary": True, "custom_vocabulary_config": {"vocabulary": [entry]}}
    assert not is_live_taken({"realtime_processing": wanted})


def test_messages_are_not_posted_to_what_is_no_address() -> None:
    assert is_live_taken({"callback_config": {"url": "https://example.com/told"}})
    assert not is_live_taken({"callback_config": {"url": "nope"}})


def walk(
    schema: Schema, components: Schema, *path: str
) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Every field of a request, with those of its parts; and one that there is not."""
    yield (*path, "there_is_none"), {"not": {}}
    for name, field in schema["properties"].items():
        yield (*path, name), field
        references = [each["$ref"] for each in field.get("allOf", ()) if "$ref" in each]
        for reference in references:
            part = components["schemas"][reference.rsplit("/", 1)[1]]
            if "properties" in part:
                yield from walk(part, components, *path, name)


def nested(path: Place, value: object) -> dict[str, Any]:
    first, *others = path
    return {first: {**REQUIRED.get(first, {}), **nested(tuple(others), value)} if others else value}


def is_live_taken(body: Schema) -> bool:
    try:
        LiveRequest.model_validate_json(json.dumps(body))
    except ValidationError:
        return False
    return True
