"""How a task keeps to a limit that it shares with all other workers."""

import logging
import threading

from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import rate_limit

from config.shared_limits import SharedLimit

_LOOK_EVERY_S = 5.0

logger = logging.getLogger(__name__)


def wait_for_turn(limit: SharedLimit, stop: threading.Event) -> None:
    """Waits until the limit lets one more through; returns at once where none is set.

    A server that cannot be asked delays nothing: the services refuse what is too fast, and the
    client waits as they say.

    Args:
        limit: which.
        stop: ends the waiting.
    """
    if limit.per_minute is None:
        return
    while not stop.is_set():
        try:
            rate_limit(limit.name, timeout_seconds=_LOOK_EVERY_S)
        except TimeoutError:
            continue
        except ConcurrencySlotAcquisitionError as error:
            logger.warning("limit %s could not be asked (%s); going on", limit.name, error)
        return
