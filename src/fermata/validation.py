"""What pydantic found wrong, in one line for a person."""

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
