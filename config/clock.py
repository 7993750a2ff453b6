"""This machine's clock against that of a server that it depends on."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from fermata.errors import UsageError

MOST_SKEW_S = 60.0
"""A session token lives for a minute at least (AssemblyAI), so that much does no harm."""

_TIMEOUT_S = 5.0


def clock_skew_s(url: str) -> float | None:
    """How far this machine's clock is ahead of a server's; None where it tells no time.

    Args:
        url: any address of the server; nothing but the answer's date is looked at.

    Raises:
        UsageError: the server cannot be reached.
    """
    try:
        answer = requests.head(url, timeout=_TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise UsageError(
            f"{url} cannot be reached ({type(error).__name__}): check network and address"
        ) from None
    date = answer.headers.get("Date")
    if date is None:
        return None
    return (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()
