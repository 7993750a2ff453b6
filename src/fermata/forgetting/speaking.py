"""Whether a text speaks of a call, however that was written: escaped, quoted, in JSON or HTML."""

import html
import json
import re
from collections.abc import Callable, Iterable

from fermata.quoting import visible

Speaks = Callable[[str], bool]

_ESCAPED = re.compile(r"\\(?=[\\`*\[\]|~#_!])")


def spellings(trace: str) -> tuple[str, ...]:
    """How a name, an address or an id is written where people read it; as it is comes first."""
    on_one_line = visible(" ".join(trace.split()))
    return tuple(dict.fromkeys((trace, visible(trace), on_one_line)))


def speaking_of(traces: Iterable[str]) -> Speaks:
    """Tells whether a text speaks of a call, and not of `11.wav` where `1.wav` is meant.

    Args:
        traces: the call's names, addresses and ids.
    """
    found = {written for trace in traces if trace for written in _written(trace)}
    if not found:
        return lambda _: False
    longest_first = "|".join(map(re.escape, sorted(found, key=lambda each: (-len(each), each))))
    pattern = re.compile(rf"(?<![\w.-])(?:{longest_first})(?!\w|-\w)")
    return lambda text: any(map(pattern.search, _readings(text)))


def _written(trace: str) -> Iterable[str]:
    for spelling in spellings(trace):
        yield spelling
        yield json.dumps(spelling)[1:-1]
        yield json.dumps(spelling, ensure_ascii=False)[1:-1]


def _readings(text: str) -> Iterable[str]:
    """The text as it is, and as a page shows it: markdown's and HTML's escapes undone."""
    yield text
    # Twice, for markdown that stands in JSON.
    yield _ESCAPED.sub("", _ESCAPED.sub("", html.unescape(text)))
