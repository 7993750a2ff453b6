"""Every documented field of every request: what its schema forbids, the local server refuses."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from fermata.localserver.era import Era
from fermata.localserver.gladia.request import LiveRequest
from fermata.localserver.service import RefusedError
from fermata.localserver.submission import check_submission

SPECS = Path(__file__).parents[4] / "shared" / "specs"
WRONG = (-2, 0.5, 10**9, "nope", True, ["nope"], [3], [{"nope": 1}], {"nope": [1]}, {"value": 2})
# Measured: any name of a PII policy is taken. Addresses are called, not read.
LENIENT = {"redact_pii_policies": (["nope"],), "webhook_url": ("nope",)}
Schema = Mapping[str, Any]
Place = tuple[str, ...]


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


def test_a_live_request_with_what_the_schema_forbids_is_refused() -> None:
    components = document("gladia/openapi-2026-08.json")["components"]
    taken = [
        (path, value)
        for path, schema in walk(components["schemas"]["StreamingRequest"], components)
        for value in WRONG
        if is_forbidden(value, schema, components) and is_live_taken(nested(path, value))
    ]
    assert taken == []


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
    return {first: nested(tuple(others), value) if others else value}


def is_live_taken(body: Schema) -> bool:
    try:
        LiveRequest.model_validate_json(json.dumps(body))
    except ValidationError:
        return False
    return True
