"""The files of certificates that variables name: each is looked at before a library stumbles."""

import os
import ssl
from pathlib import Path

from fermata.errors import UsageError

_VARIABLES = (
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CA_BUNDLE"),
    "PREFECT_API_SSL_CERT_FILE",
)


def check_certificates() -> None:
    """Makes sure that certificates can be read where variables say that they are.

    Raises:
        UsageError: a variable names a file without certificates, or none that is there.
    """
    good: set[str] = set()
    for name in _VARIABLES:
        path = os.environ.get(name)
        if path and path not in good:
            _check(name, path)
            good.add(path)


def _check(name: str, path: str) -> None:
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if Path(path).is_dir():
            trusting.load_verify_locations(capath=path)
        else:
            trusting.load_verify_locations(cafile=path)
    except OSError as error:
        is_text = isinstance(error, ssl.SSLError)
        reason = "no certificate is in it" if is_text else error.strerror
        raise UsageError(
            f"{name} names {path}, from which no certificates can be read ({reason}): correct it, "
            "or unset it"
        ) from None
