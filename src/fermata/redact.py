"""Keeps secrets out of whatever is shown or kept.

A secret is one whoever is about to show it, so a process remembers those that it is given, once,
where they enter: a client's key, a password in an address. From then on `masked` takes them out of
errors, log records, notices, artifacts, answers and tables, however they are written there.
"""

import base64
import html
import json
import logging
import re
import threading
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote, unquote_plus

MASK = "********"
_SHORTEST_SECRET = 6
_SHORTEST_NUMBER = 12
# Masked in words and answers too, a password that is itself a word would blot out speech.
_SHORTEST_PASSWORD = 8
_ADDRESS = re.compile(r"(?<=\w://)[^\s\"'<>`]+")
_CHAINED = re.compile(r"::(?=\w{1,20}://)")
_NOT_THE_ADDRESS = ").,;:]}"


class _Remembered:
    """The secrets of this process in all their forms, the longest first."""

    forms: tuple[str, ...] = ()
    encoded: tuple[bytes, ...] = ()
    lock = threading.Lock()


def remember_secret(secret: str) -> None:
    """Has a key or a token masked from now on, in all its forms.

    Args:
        secret: one of under six characters is none, and would blot out words; digits alone would
            blot out figures, unless they are many.
    """
    secret = secret.strip()
    shortest = _SHORTEST_NUMBER if secret.isdecimal() else _SHORTEST_SECRET
    if len(secret) >= shortest:
        _remember(_forms(secret))


def remember_password(password: str, user: str = "") -> None:
    """Has a password masked from now on, alone and as the header that it is sent in.

    Args:
        password: one that is short or a plain word is masked in addresses and headers alone.
        user: whom it belongs to.
    """
    plain = unquote(password)
    remember_secret(_in_base64(f"{unquote(user)}:{plain}"))
    if len(plain) >= _SHORTEST_PASSWORD and not plain.isalpha():
        remember_secret(password)


def remember_address(address: str) -> None:
    """Has the password or token of an address masked from now on, that of its query as well."""
    authority, rest = _parted(address.partition("://")[2])
    user, colon, password = authority.partition(":")
    if colon and password:
        remember_password(password, user)
    for each in rest.partition("?")[2].split("&"):
        name, _, value = each.partition("=")
        if name.lower().endswith("password"):
            remember_password(value)
        if name.lower().endswith("token"):
            remember_secret(value)


def masked(text: str) -> str:
    """The text without any secret that is remembered; takes time in proportion to its length."""
    for form in _Remembered.forms:
        if form in text:
            text = text.replace(form, MASK)
    return text


def masked_answer(answer: bytes) -> bytes:
    """What a service sent, as `masked` has it; it may have repeated what it was sent.

    A key that is a plain word stays: here it may have been said.
    """
    for form in _Remembered.encoded:
        if form in answer:
            answer = answer.replace(form, MASK.encode())
    return answer


def redacted(text: str) -> str:
    """The text without secrets, and its addresses without users, passwords and queries.

    A query may hold a signature or a token under any name.
    """
    text = masked(text)
    return _ADDRESS.sub(lambda found: _shown(found[0]), text) if "://" in text else text


def without_credentials(address: str, ends: str = "?") -> str:
    """An address, or a chain of them (`a::b`), without user, password and query.

    A password may hold what should have been escaped: `@`, `/` and `?`.

    Args:
        address: with its scheme.
        ends: what begins the query, or whatever else is left out.
    """
    shown = []
    for each in _CHAINED.split(address):
        scheme, separator, rest = each.partition("://")
        place = _parted(rest)[1]
        shown.append(f"{scheme}{separator}{re.split(f'[{re.escape(ends)}]', place, maxsplit=1)[0]}")
    return "::".join(shown)


class RedactingFilter(logging.Filter):
    """Replaces secrets in a record's text and traceback by `MASK`, see `redacted`.

    Put it on handlers, not on loggers: a logger's filter does not see its children's records.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Masks the record in place and lets it pass."""
        text = record.getMessage()
        if (shown := redacted(text)) != text:
            record.msg, record.args = shown, None
        if record.exc_info:
            record.exc_text = redacted(logging.Formatter().formatException(record.exc_info))
        return True


def _shown(address: str) -> str:
    """What follows `://` in a text, with the punctuation of the text behind it."""
    place = _parted(address)[1]
    shown = re.split("[?#]", place, maxsplit=1)[0]
    if len(shown) == len(place):
        return place
    after = len(place) - len(place.rstrip(_NOT_THE_ADDRESS))
    return f"{shown}{place[len(place) - after :]}"


def _parted(rest: str) -> tuple[str, str]:
    """User and password of what follows `://`, or nothing, and the rest.

    Whatever stands before the last `@` of the authority is one of them. A password may hold the
    `/` or `?` that seems to end it: then what precedes is neither a host nor a host with a port.
    """
    end = min((at for each in "/?#" if (at := rest.find(each)) >= 0), default=len(rest))
    # The brackets of an IPv6 address hold colons of their own.
    host = rest[:end].rpartition("]")[2] if rest.startswith("[") else rest[:end]
    port = host.partition(":")[2]
    is_host = not port or port.isdecimal()
    at = rest.rfind("@", 0, end if "@" in rest[:end] or is_host else len(rest))
    return ("", rest) if at < 0 else (rest[:at], rest[at + 1 :])


def _remember(forms: Iterator[str]) -> None:
    with _Remembered.lock:
        known = {*_Remembered.forms, *(each for each in forms if len(each) >= _SHORTEST_SECRET)}
        _Remembered.forms = tuple(sorted(known, key=lambda each: (-len(each), each)))
        # A self-hosted service may have a word for its key, and callers may say it.
        named = (each for each in _Remembered.forms if not each.isalpha())
        _Remembered.encoded = tuple(each.encode() for each in named)


def _forms(secret: str) -> Iterator[str]:
    """The secret as addresses, headers, JSON and pages write it."""
    for plain in {secret, unquote(secret), unquote_plus(secret)}:
        percent = quote(plain, safe="")
        in_json = json.dumps(plain)[1:-1]
        yield from (plain, percent, quote_plus(plain), quote(plain), html.escape(plain))
        yield re.sub("%..", lambda found: found[0].lower(), percent)
        yield from (in_json, in_json.replace("/", "\\/"), repr(plain)[1:-1])
        in_base64 = _in_base64(plain)
        yield from (in_base64, in_base64.replace("+", "-").replace("/", "_"))


def _in_base64(text: str) -> str:
    # Without the signs that fill it up, which a header may or may not have.
    return base64.b64encode(text.encode()).decode().rstrip("=")
