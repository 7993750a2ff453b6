"""What pydantic found wrong, in one line for a person, and lengths that can be believed."""

from pydantic import ValidationError

# pydantic's own texts for these name a Python class, which tells a reader nothing.
_PLAIN_TEXTS = {"model_type": "should be an object", "dict_type": "should be an object"}


def first_problem(error: ValidationError) -> str:
    """The first thing wrong and its place, as in `utterances.3.start: Field required`.

    The value itself is left out: it may be long, or secret.
    """
    first = error.errors(include_url=False, include_input=False)[0]
    text = _PLAIN_TEXTS.get(first["type"], first["msg"].removeprefix("Value error, "))
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {text}" if place else text


_LONGEST_S = 86_400.0


def length_s(value: object) -> float | None:
    """A recording's length as somebody else tells it; None unless it is from 0 to 24 hours."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _LONGEST_S else None
