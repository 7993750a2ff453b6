"""Settings as text that can be pasted: JSON, keyword arguments of Python, a query string."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode


def as_json(value: object) -> str:
    """JSON in two-space indentation, without a line end."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def keywords(arguments: Mapping[str, object], indent: int) -> str:
    """Keyword arguments of a Python call, one a line, each `indent` blanks in."""
    lines = (f"{' ' * indent}{name}={_python(value)}," for name, value in arguments.items())
    return "\n".join(lines)


def as_query(settings: Mapping[str, object]) -> str:
    """A query string without its question mark."""
    return urlencode({name: plain(value) for name, value in settings.items()})


def plain(value: object) -> str:
    """A value as query strings and `.env` files hold it; booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _python(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
