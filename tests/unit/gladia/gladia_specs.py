"""Gladia's OpenAPI document, where it lies beside the project."""

import json
from functools import lru_cache

import jsonschema

from tests.specifications import SPECIFICATIONS, specification

_PATH = "gladia/openapi-2026-08.json"


@lru_cache(maxsize=1)
def document():
    """The whole document; skips the test where it is absent."""
    return json.loads(specification(_PATH).read_text(encoding="utf-8"))


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
    """Holds a frame or body against the component `name`; skips the test without the document."""
    jsonschema.validate(instance, {"$ref": f"#/components/schemas/{name}", **_as_json_schema()})


def check_own(instance, name):
    """Holds what a server of the tests says against `name`, if the document is there.

    Where it is not, `test_gladia_specs` says so.
    """
    if (SPECIFICATIONS / _PATH).exists():
        check(instance, name)


@lru_cache(maxsize=1)
def _as_json_schema():
    return {"components": _with_nulls(document()["components"])}


def _with_nulls(schema):
    """OpenAPI 3.0 says `nullable`, which JSON Schema does not know."""
    if isinstance(schema, list):
        return [_with_nulls(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _with_nulls(value) for key, value in schema.items()}
    return {"anyOf": [{"type": "null"}, told]} if schema.get("nullable") is True else told
