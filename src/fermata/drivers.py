"""Opens the fsspec driver of an address, with bounded patience where it goes over a network.

Who may enter, and where the storage is, its driver finds out by itself: for `s3://` from the
standard variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_PROFILE`, `AWS_ENDPOINT_URL`
(MinIO, Ceph, R2 and the like), or from fsspec's own configuration, which wins over what is here.
"""

from collections.abc import Mapping
from typing import Any, cast

import fsspec

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
_PUT_TIMEOUT_S = 600.0
_SLOWEST_LINE_BYTES_PER_S = 20_000


def open_driver(url: str, **options: Any) -> tuple[Any, str]:
    """The file system of an address and the path in it.

    Args:
        url: a path, or an address of any scheme that fsspec knows.
        options: for the driver.

    Raises:
        ValueError: the scheme is unknown.
        ImportError: its driver is not installed.
    """
    return cast("tuple[Any, str]", fsspec.core.url_to_fs(url, **_patience(url), **options))


def _patience(url: str) -> dict[str, Any]:
    """Timeouts and retries; each that the user configured for fsspec stays as it is."""
    scheme = url.partition("://")[0].lower()
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
