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
    schema = {"$ref": f"#/components/schemas/{name}", "components": _document()["components"]}
    jsonschema.validate(_without_allowed_nulls(instance), schema)


def _without_allowed_nulls(instance):
    # OpenAPI 3.0 says `nullable`, which JSON Schema does not know: error and data may be null.
    if isinstance(instance, dict):
        return {
            k: ({"message": ""} if v is None and k == "error" else v) for k, v in instance.items()
        }
    return instance
