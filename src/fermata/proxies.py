"""Which proxy an address is reached through, decided once for requests and streams alike.

The variables are those of curl: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`. Each
library reads them in its own way, so `requests` decides for all: `NO_PROXY` holds names with what
is below them (`example.com` and `.example.com` are the same), names with a port, IPv4 addresses
and networks (`10.0.0.0/8`), or `*` for everything. A proxy without a scheme is one of HTTP.
This machine's loopback is never reached through a proxy, for none could.
"""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy

from fermata import __version__
from fermata.assemblyai.address import is_loopback
from fermata.errors import UsageError
from fermata.quoting import quoted

_HTTP_PORT = 80
_TLS_PORT = 443
_REFUSAL = re.compile(r"Tunnel connection failed: (\d{3}.*)")
_AS_REQUEST = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy.

    Attributes:
        host: Its name or number.
        port: Where it listens.
        is_spoken_to_over_tls: Whether the connection to the proxy itself is encrypted.
        headers: What it wants to see of who asks, which is a secret.
    """

    host: str
    port: int
    is_spoken_to_over_tls: bool = False
    headers: dict[str, str] = field(default_factory=dict, repr=False)


def open_session(url: str) -> requests.Session:
    """A session for requests to one server, through the proxy that is set for it.

    Args:
        url: any http(s) address of the server.

    Raises:
        UsageError: The proxy is of a kind that can't be used, or the file of certificates that is
            set is not there.
    """
    proxy_for(url)
    session = requests.Session()
    session.headers["User-Agent"] = f"fermata/{__version__}"
    # A proxy that is set for the outside world can't reach this machine's loopback.
    session.trust_env = not is_loopback(urlsplit(url).hostname or "")
    _check_certificates(session.merge_environment_settings(url, {}, None, None, None)["verify"])
    return session


def proxy_for(url: str) -> Proxy | None:
    """The proxy that an address is reached through; None where it is reached directly.

    Args:
        url: an http(s) or ws(s) address.

    Raises:
        UsageError: The proxy is of a kind that can't be used.
    """
    parts = urlsplit(url)
    if is_loopback(parts.hostname or ""):
        return None
    asked = parts._replace(scheme=_AS_REQUEST.get(parts.scheme, parts.scheme)).geturl()
    address = select_proxy(asked, get_environ_proxies(asked))
    return checked_proxy(address) if address else None


def checked_proxy(address: str, variable: str = "the proxy") -> Proxy:
    """Reads a proxy's address.

    Args:
        address: as it stands in a variable, with or without a scheme.
        variable: what an error calls it.

    Raises:
        UsageError: It is no HTTP proxy. The text does not repeat the address, which may hold a
            password.
    """
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme not in {"http", "https"}:
        raise UsageError(
            f"{variable} is set to a {parts.scheme}:// address, and Fermata goes through HTTP "
            "proxies alone: name one in HTTPS_PROXY (http://host:port), or unset it"
        )
    try:
        port, host = parts.port, parts.hostname
    except ValueError:
        port, host = None, None
    if not host:
        raise UsageError(f"{variable} holds no address of a proxy: write it as http://host:port")
    secure = parts.scheme == "https"
    return Proxy(host, port or (_TLS_PORT if secure else _HTTP_PORT), secure, _login(parts.netloc))


def _check_certificates(verify: object) -> None:
    # Otherwise requests raises an OSError in the middle of a request.
    if isinstance(verify, str) and not Path(verify).exists():
        raise UsageError(
            f"there are no certificates at {verify}, which REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE "
            "names: correct it, or unset it"
        )


def refusal_in(error: BaseException) -> str | None:
    """The status by which a proxy refused a tunnel; None where it was something else.

    Args:
        error: of `http.client` or urllib3, which tell it in a text alone.
    """
    told = _REFUSAL.search(str(error))
    return quoted(told[1]) if told else None


def _login(netloc: str) -> dict[str, str]:
    """The header for the user and password in an address (RFC 7617)."""
    if "@" not in netloc:
        return {}
    user, _, password = netloc.rpartition("@")[0].partition(":")
    pair = f"{unquote(user)}:{unquote(password)}".encode()
    return {"Proxy-Authorization": f"Basic {b64encode(pair).decode()}"}
