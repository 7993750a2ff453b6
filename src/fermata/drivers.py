"""Opens the fsspec driver of an address, with bounded patience where it goes over a network.

Who may enter, and where the storage is, its driver finds out by itself: for `s3://` from the
standard variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_PROFILE`, `AWS_ENDPOINT_URL`
(MinIO, Ceph, R2 and the like), or from fsspec's own configuration, which wins over what is here.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import fsspec

from fermata.redact import remember_address, remember_secret

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.:-]*)://")
_LOCAL = frozenset({"file", "local", ""})
_THIS_MACHINE = re.compile(r"^localhost/")
_CHAIN = "::"

_S3_OPTION = "config_kwargs"
_S3_SCHEMES = frozenset({"s3", "s3a"})
# A server that takes connections and never answers holds a call up for 200 s: s3fs tries five
# times what timed out, and botocore each time twice. Its own default is five times as long.
_S3_PATIENCE: Mapping[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": 20,
    "retries": {"mode": "standard", "total_max_attempts": 2},
}
# A put first asks the server whether it may go on. aiohttp waits for that answer for ever.
_SECRET_OPTIONS = frozenset({"secret", "token", "password", "account_key", "sas_token"})
_PUT_TIMEOUT_S = 600.0
_SLOWEST_LINE_BYTES_PER_S = 20_000


def scheme_of(address: str) -> str:
    """The scheme of an address in lower case; empty for a path."""
    match = _SCHEME.match(address)
    return match[1].lower() if match else ""


def is_local(address: str) -> bool:
    """Whether it is a path of this machine, bare or as `file://`."""
    return scheme_of(address) in _LOCAL


def local_path(address: str) -> Path:
    """The path of a local address: a bare one letter by letter, a `file://` URL decoded.

    Source: RFC 8089, by which a file's URL names no host or `localhost`, and is percent-encoded.
    """
    if not scheme_of(address):
        return Path(address)
    path = _SCHEME.sub("", address, count=1)
    return Path(unquote(_THIS_MACHINE.sub("/", path)))


def is_chained(url: str) -> bool:
    """Whether it is one storage inside another, such as `zip://a::s3://b`.

    The two colons by themselves are as good as any other characters in the name of an object.
    """
    return "://" in url.partition(_CHAIN)[2]


def open_driver(url: str, **options: Any) -> tuple[Any, str]:
    """The file system of an address and the path in it; its secrets are masked from now on.

    Args:
        url: a path, or an address of any scheme that fsspec knows.
        options: for the driver.

    Raises:
        ValueError: the scheme is unknown, or the address is a chained one.
        ImportError: its driver is not installed.
    """
    if is_local(url):
        filesystem = fsspec.filesystem("file", **options)
        return filesystem, str(local_path(url).expanduser().absolute())
    if is_chained(url):
        raise ValueError("chained addresses (a::b) are not supported")
    _remember_secrets(url)
    # fsspec takes two colons for a chain; what stands before them tells the driver and the host.
    head = url.partition(_CHAIN)[0]
    filesystem, _ = fsspec.core.url_to_fs(head, **_patience(url), **options)
    return filesystem, str(filesystem._strip_protocol(url))  # noqa: SLF001 - as url_to_fs does


def _remember_secrets(url: str) -> None:
    """Those of the address, and those that the user configured for fsspec."""
    remember_address(url)
    for name, value in fsspec.config.conf.get(scheme_of(url), {}).items():
        if name in _SECRET_OPTIONS:
            remember_secret(str(value))


def _patience(url: str) -> dict[str, Any]:
    """Timeouts and retries; each that the user configured for fsspec stays as it is."""
    scheme = scheme_of(url)
    if scheme not in _S3_SCHEMES:
        return {}
    configured = fsspec.config.conf.get("s3", {}).get(_S3_OPTION, {})
    return {_S3_OPTION: {**_S3_PATIENCE, **configured}}


def is_reached_by_path(filesystem: Any) -> bool:
    """Whether a driver needs nothing of the address but the path: no host, no user."""
    return set(filesystem.storage_options) <= {_S3_OPTION}


def put_options(filesystem: Any, size_bytes: int) -> dict[str, Any]:
    """What bounds a put of so many bytes, for drivers that go over a network and take bounds."""
    if not filesystem.async_impl:
        return {}
    return {"timeout": _PUT_TIMEOUT_S + size_bytes / _SLOWEST_LINE_BYTES_PER_S}
