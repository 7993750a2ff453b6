"""Gladia's OpenAPI document, where it lies beside the project."""

import json
from functools import lru_cache
from pathlib import Path

import jsonschema
import pytest

_SPEC = Path(__file__).parents[4] / "shared" / "specs" / "gladia" / "openapi-2026-08.json"


@lru_cache(maxsize=1)
def _document():
    return json.loads(_SPEC.read_text(encoding="utf-8"))


def document():
    """The whole document; skips the test where it is absent."""
    if not _SPEC.exists():
        pytest.skip("Gladia's OpenAPI document is not beside the project")
    return _document()


def component(name):
    return document()["components"]["schemas"][name]


def resolve(schema):
    """The schema that a reference or a lone `allOf` stands for, with what stands beside it."""
    if "$ref" in schema:
        return resolve(component(schema["$ref"].rsplit("/", 1)[1]))
    if len(schema.get("allOf", [])) == 1:
        return {**resolve(schema["allOf"][0]), **{k: v for k, v in schema.items() if k != "allOf"}}
    return schema


def check(instance, name):
    """Holds a frame or body against the component `name`; does nothing without the document."""
    if not _SPEC.exists():
        return
    jsonschema.validate(instance, {"$ref": f"#/components/schemas/{name}", **_as_json_schema()})


@lru_cache(maxsize=1)
def _as_json_schema():
    return {"components": _with_nulls(_document()["components"])}


def _with_nulls(schema):
    """OpenAPI 3.0 says `nullable`, which JSON Schema does not know."""
    if isinstance(schema, list):
        return [_with_nulls(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _with_nulls(value) for key, value in schema.items()}
    return {"anyOf": [{"type": "null"}, told]} if schema.get("nullable") is True else told
