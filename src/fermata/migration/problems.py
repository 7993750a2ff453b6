"""What Gladia's own documentation has against a configuration, field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fermata.gladia.parameters import LiveRequest

_UNKNOWN = "extra_forbidden"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong.

    Attributes:
        path: the field, as in `language_config.languages[1]`; empty for the whole.
        value: what stands there.
        text: what is wrong, in one line.
        is_unknown: the field stands in no documentation.
    """

    path: str
    value: object
    text: str
    is_unknown: bool


def problems_of(config: Mapping[str, object]) -> dict[str, Problem]:
    """The problems by path, the first one where a field has several."""
    try:
        LiveRequest.model_validate(config)
    except ValidationError as error:
        details = error.errors(include_url=False)
    else:
        return {}
    found: dict[str, Problem] = {}
    for detail in details:
        path, value = _place(config, detail["loc"])
        # A union complains once for each of its members; the first one is the richest.
        found.setdefault(path, Problem(path, value, _text(detail), detail["type"] == _UNKNOWN))
    return {path: found[path] for path in found if not _is_outer(path, found)}


def _text(detail: ErrorDetails) -> str:
    if detail["type"] == "missing":
        return f"{detail['loc'][-1]} is missing"
    if detail["type"] in {"model_type", "dict_type"}:
        return "should be an object"
    return detail["msg"].removeprefix("Value error, ")


def _is_outer(path: str, paths: Iterable[str]) -> bool:
    """Whether some part of the field is to blame, and not the field itself."""
    return any(other.startswith((f"{path}.", f"{path}[")) for other in paths)


def _place(config: object, loc: tuple[int | str, ...]) -> tuple[str, object]:
    """The path that `loc` names, without pydantic's names for the members of a union."""
    path, value = "", config
    for part in loc:
        if isinstance(value, Mapping) and part in value:
            path, value = f"{path}.{part}" if path else str(part), value[part]
        elif isinstance(value, list) and isinstance(part, int):
            path, value = f"{path}[{part}]", value[part]
    return path, value
