"""Where recordings live: local paths, http(s) URLs and fsspec's URLs; opening and showing them."""

from typing import Any, BinaryIO, cast

from fermata.drivers import is_chained, is_local, local_path, open_driver, scheme_of
from fermata.errors import UsageError
from fermata.redact import without_credentials

_WEB = frozenset({"http", "https"})
_PACKAGES = {"s3": "s3fs", "s3a": "s3fs"}


def is_web(address: str) -> bool:
    """Whether it is an http(s) URL, which is passed on to the service and never downloaded."""
    return scheme_of(address) in _WEB


def without_secrets(address: str) -> str:
    """The address as it may be shown and stored: a URL without user, password and query."""
    if is_local(address):
        return address
    return without_credentials(address, "?#" if is_web(address) else "?")


def described(error: BaseException, address: str) -> str:
    """The first line of an error of a driver; only its type where it might repeat a secret."""
    kind = type(error).__name__
    first_line = str(error).strip().partition("\n")[0]
    if not first_line or without_secrets(address) != address:
        return kind
    return f"{kind}: {first_line}"


def filesystem_of(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL and the path in it.

    Raises:
        UsageError: The scheme is unknown, its driver isn't installed, it can't be set up, or the
            address is a chained one, such as `zip://a::s3://b`.
    """
    scheme = scheme_of(url)
    if is_chained(url):
        raise UsageError(f"{without_secrets(url)}: chained addresses (a::b) are not supported")
    try:
        return open_driver(url)
    except ImportError as error:
        package = _PACKAGES.get(scheme)
        cure = f"{package}, which `make setup` in Fermata's folder installs" if package else error
        raise UsageError(f"{without_secrets(url)}: {scheme}:// needs a driver: {cure}") from error
    except Exception as error:  # drivers raise what they like while they connect
        if isinstance(error, ValueError) and "Protocol not known" in str(error):
            raise UsageError(
                f"{without_secrets(url)}: the scheme {scheme}:// is not known; give a folder, a "
                "file, an http(s) address or an address such as s3://bucket/folder"
            ) from error
        raise UsageError(
            f"{without_secrets(url)}: can't be reached ({described(error, url)}); check the "
            "address and the access to it"
        ) from error


def open_content(uri: str) -> BinaryIO:
    """Opens a recording's content for reading, local or remote.

    Raises:
        OSError: It can't be opened; drivers of remote storage may raise errors of their own.
        UsageError: An http(s) URL, which only the service requests, or a URL without a driver.
    """
    if is_local(uri):
        return local_path(uri).open("rb")
    if is_web(uri):
        raise UsageError(f"{without_secrets(uri)}: an http(s) recording is never downloaded")
    filesystem, path = filesystem_of(uri)
    return cast("BinaryIO", filesystem.open(path, "rb"))
