"""The words of others, made fit to be shown: nothing in them steers a terminal or tells a secret.

File names, groups, and what services say go through `visible`, or through `quoted`, before they
reach a terminal, a log, an error, a table or an artifact.
"""

import unicodedata

from fermata.redact import masked, redacted

_MOST_READ = 4_000
_MOST_SHOWN = 300
# Controls and line breaks, halves of characters, and overrides of the direction of writing, which
# make a line look like another one. Joiners stay: Persian and Hindi are written with them.
_STEERING = frozenset({"Cc", "Zl", "Zp", "Cs"})
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_IN_JSON = {
    ord(each): f"\\u{ord(each):04x}"
    for each in (*map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029", *_DIRECTION_OVERRIDES)
}


def visible(text: str) -> str:
    r"""The text with whatever a terminal would obey written as an escape, such as `\x1b`.

    >>> visible("call\x1b[2J\n.wav")
    'call\\x1b[2J\\n.wav'
    """
    if text.isprintable():
        return text
    return "".join(
        each.encode("unicode_escape").decode() if _steers(each) else each for each in text
    )


def quoted(text: str) -> str:
    """What a service said: on one line, without secrets, `visible`, and cut to a length.

    It is cut before anything looks at it closely: how long it is, is the service's choice.
    """
    # Secrets first: what cuts one in two would leave a half that nothing finds any more.
    line = " ".join(masked(text)[:_MOST_READ].split())
    shown = visible(redacted(line))
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}..."


def steers_nothing(json_text: str) -> str:
    """JSON that says the same, with whatever a terminal would obey written as an escape."""
    # JSON itself leaves only those raw that stand in its strings.
    return json_text if json_text.isprintable() else json_text.translate(_IN_JSON)


def _steers(character: str) -> bool:
    return character in _DIRECTION_OVERRIDES or unicodedata.category(character) in _STEERING
