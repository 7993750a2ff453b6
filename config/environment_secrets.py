"""The secrets that this process was started with, whoever is to read them: all are masked."""

import json
from collections.abc import Mapping
from contextlib import suppress

from fermata.redact import remember_address, remember_password, remember_secret

# Ours, Prefect's, and those of whoever else is reached on the way: storage, databases, models.
_NAMED_LIKE_SECRETS = ("_API_KEY", "_AUTH_STRING", "_SECRET_ACCESS_KEY", "_TOKEN", "_SECRET")
_NAMED_LIKE_PASSWORDS = ("_PASSWORD", "PGPASSWORD")
_HEADERS = "PREFECT_CLIENT_CUSTOM_HEADERS"


def remember_secrets_in(environment: Mapping[str, str | None]) -> None:
    """Has keys, tokens and passwords masked from now on, those in addresses among them.

    Args:
        environment: variables with their values, of the process or of a `.env`.
    """
    for name, value in environment.items():
        if value:
            _remember(name.upper(), value)


def _remember(name: str, value: str) -> None:
    # A word would blot out speech, and is a setting of somebody else's rather than a key.
    if name.endswith(_NAMED_LIKE_SECRETS) and not value.isalpha():
        remember_secret(value)
    if name.endswith(_NAMED_LIKE_PASSWORDS):
        remember_password(value)
    if name.endswith("_AUTH_STRING"):
        user, _, password = value.partition(":")
        remember_password(password, user)
    if name == _HEADERS:
        _remember_headers(value)
    for address in value.split(","):
        if "://" in address:
            remember_address(address.strip())


def _remember_headers(headers: str) -> None:
    with suppress(ValueError):
        for value in dict(json.loads(headers)).values():
            remember_secret(str(value).rpartition(" ")[2])
