"""How many channels a recording at an http(s) address has, by the beginning of its content.

Not more than `_HEAD_BYTES` are asked for and read, even where the server sends all of it. What is
found there are the channels; the length of what was cut off would be a wrong one.

The request goes where the service's own will go, with what the address itself holds and nothing
else: no key, no `.netrc`, and no redirect is followed, for who may name a recording need not be
one who may reach whatever this machine reaches. For the same reason addresses of the link itself
are left alone: cloud machines keep their credentials at one of them.
"""

import io
import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import HTTPError

from fermata import __version__
from fermata.assemblyai.address import is_loopback
from fermata.audio import NotAudioError, probe

_HEAD_BYTES = 2**18
_PIECE_BYTES = 2**14
_TIMEOUTS_S = (5.0, 10.0)
_DEADLINE_S = 20.0
_ATTEMPTS = 2
_SERVER_FAILED = 500
_PARTIAL, _WHOLE = 206, 200


@dataclass(frozen=True, slots=True)
class Heard:
    """What the beginning of a recording tells.

    Attributes:
        channels: How many it has; None where that cannot be told.
        why_not: Then the reason, in a few words without the address.
    """

    channels: int | None
    why_not: str = ""


class _NoLogin(AuthBase):
    """Keeps requests from reading a `.netrc`."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def heard_at(url: str) -> Heard:
    """Looks at the beginning of a recording; raises nothing, for the service may reach it yet."""
    reason = ""
    for _ in range(_ATTEMPTS):
        try:
            if _is_of_the_link(url):
                return Heard(None, "its host is an address of the local link")
            return _asked(url)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            reason = f"it does not answer ({type(error).__name__})"
    return Heard(None, reason)


def _asked(url: str) -> Heard:
    parts = urlsplit(url)
    with requests.Session() as session:
        # A proxy that is set for the outside world can't reach this machine's loopback.
        session.trust_env = not is_loopback(parts.hostname or "")
        session.auth = (
            HTTPBasicAuth(unquote(parts.username), unquote(parts.password or ""))
            if parts.username
            else _NoLogin()
        )
        headers = {
            "Range": f"bytes=0-{_HEAD_BYTES - 1}",
            "Accept-Encoding": "identity",
            "User-Agent": f"fermata/{__version__}",
        }
        with session.get(
            url, headers=headers, stream=True, timeout=_TIMEOUTS_S, allow_redirects=False
        ) as answer:
            if answer.status_code >= _SERVER_FAILED:
                raise requests.HTTPError
            if answer.status_code not in (_PARTIAL, _WHOLE):
                return Heard(None, _refused(answer))
            return _heard_in(_beginning(answer.raw), parts.path)


def _refused(answer: requests.Response) -> str:
    if answer.is_redirect:
        return "it leads to another address"
    return f"it answers with HTTP {answer.status_code}"


def _beginning(raw: Any) -> bytes:
    """As much as comes in time, however slowly."""
    begun, content = time.monotonic(), bytearray()
    while len(content) < _HEAD_BYTES and time.monotonic() - begun < _DEADLINE_S:
        piece = raw.read1(min(_PIECE_BYTES, _HEAD_BYTES - len(content)))
        if not piece:
            break
        content += piece
    return bytes(content)


def _heard_in(content: bytes, name: str) -> Heard:
    file = io.BytesIO(content)
    # Some formats are known by their extension alone.
    file.name = name
    try:
        return Heard(probe(file).channels)
    except (NotAudioError, OSError):
        return Heard(None, "its beginning does not tell")


def _is_of_the_link(url: str) -> bool:
    """Whether the host is, or its name leads to, such as 169.254.169.254."""
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        # A proxy may know it; whoever asks is told if nobody does.
        return False
    numbers = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    plain = [getattr(each, "ipv4_mapped", None) or each for each in numbers]
    return any(each.is_link_local or each.is_multicast for each in plain)
