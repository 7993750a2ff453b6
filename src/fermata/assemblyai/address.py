"""The service's address: checked before a key is sent to it."""

import ipaddress
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from fermata.errors import UsageError
from fermata.redact import remember_secret


def checked_base_url(base_url: str, allow_insecure_hosts: Collection[str] = ()) -> str:
    """Returns the address without a slash at its end, if a key may be sent to it.

    Args:
        base_url: Such as `https://api.assemblyai.com`.
        allow_insecure_hosts: Hosts other than loopback that a key may be sent to over http.

    Raises:
        UsageError: It is no http(s) address, holds more than an address, or would send a key
            in the clear to another machine.
    """
    parts, host = _parts(base_url)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            f"the address of {host} must hold no user, password or query: take them out"
        )
    if parts.scheme == "http" and not _may_be_insecure(host, allow_insecure_hosts):
        raise UsageError(
            f"a key would go to {host} unencrypted: use https, or allow this host by name"
        )
    return base_url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its name or number alone (no name is looked up)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_key(api_key: str) -> str:
    """Returns the key without white space around it, and has it masked from now on.

    Raises:
        UsageError: It is empty, or can't stand in an HTTP header.
    """
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(
            "ASSEMBLYAI_API_KEY is empty or holds spaces or odd characters: set it anew"
        )
    remember_secret(key)
    return key


def _parts(base_url: str) -> tuple[SplitResult, str]:
    try:
        parts = urlsplit(base_url)
        # Reading the port checks it.
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts, parts.hostname
    except ValueError:
        pass
    raise UsageError("the service's address must be like https://api.assemblyai.com: correct it")


def _may_be_insecure(host: str, allowed: Collection[str]) -> bool:
    return is_loopback(host) or host in {name.lower() for name in allowed}
