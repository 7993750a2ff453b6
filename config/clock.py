"""This machine's clock against that of a server that it depends on."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

from fermata.errors import UsageError
from fermata.proxies import open_session

MOST_SKEW_S = 60.0
"""A session token lives for a minute at least (AssemblyAI), so that much does no harm."""

_TIMEOUT_S = 5.0

_HALF_A_SECOND = timedelta(seconds=0.5)
"""What is on average cut off from a time in whole seconds (RFC 9110, 5.6.7)."""


def clock_skew_s(url: str) -> float | None:
    """How far this machine's clock is ahead of a server's; None where it tells no time.

    Right to about a second: a server tells whole seconds, and busy ones a little late.

    Args:
        url: any address of the server; nothing but the answer's date is looked at.

    Raises:
        UsageError: the server cannot be reached.
    """
    asked = datetime.now(UTC)
    try:
        with open_session(url) as session:
            answer = session.head(url, timeout=_TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise UsageError(
            f"{url} cannot be reached ({type(error).__name__}): check network and address"
        ) from None
    date = answer.headers.get("Date")
    if date is None:
        return None
    told = parsedate_to_datetime(date) + _HALF_A_SECOND
    before, after = asked - told, datetime.now(UTC) - told
    return (before + after).total_seconds() / 2
