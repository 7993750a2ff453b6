"""When a request is sent again: after a wait that grows, or as long as the service asks for."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from fermata.assemblyai.errors import StoppedError, TransientServiceError

T = TypeVar("T")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a request is sent again.

    Attributes:
        attempts: How often it is sent at most.
        total_s: No attempt begins later than this after the first, but for the wait.
        wait_initial_s: The first wait is chosen between zero and this.
        wait_max_s: Waits that grow by themselves don't grow beyond this.
        retry_after_max_s: A wait the service asks for is cut to this.
    """

    attempts: int = 6
    total_s: float = 300.0
    wait_initial_s: float = 1.0
    wait_max_s: float = 20.0
    retry_after_max_s: float = 120.0


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed later."""
    return isinstance(error, TransientServiceError)


def surely_not_accepted(error: BaseException) -> bool:
    """Whether the request may be sent again although a second acceptance would cost money."""
    return isinstance(error, TransientServiceError) and not error.answer_lost


def with_retries(
    send: Callable[[], T],
    policy: RetryPolicy,
    stop: threading.Event,
    worth_it: Callable[[BaseException], bool],
) -> T:
    """Calls `send` until it succeeds, fails in a way not worth it, or patience ends.

    Args:
        send: Sends the request.
        policy: How often and how patiently.
        stop: Ends every wait at once when set.
        worth_it: Whether to try again after this error.

    Returns:
        What `send` returns.

    Raises:
        StoppedError: `stop` was set before an attempt.
        Exception: The last error of `send`.
    """

    def raise_if_stopped(_: tenacity.RetryCallState) -> None:
        if stop.is_set():
            raise StoppedError("stopped before the request was sent; start again to go on")

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(worth_it),
        stop=tenacity.stop_any(
            tenacity.stop_after_attempt(policy.attempts),
            tenacity.stop_after_delay(policy.total_s),
        ),
        wait=_wait(policy),
        sleep=tenacity.sleep_using_event(stop),
        before=raise_if_stopped,
        before_sleep=_log,
        reraise=True,
    )
    return retrying(send)


def _wait(policy: RetryPolicy) -> Callable[[tenacity.RetryCallState], float]:
    """Honours `Retry-After`; else full jitter, so that many clients don't come back at once."""
    growing = tenacity.wait_random_exponential(
        multiplier=policy.wait_initial_s, max=policy.wait_max_s
    )

    def wait_s(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, TransientServiceError) and error.retry_after_s is not None:
            return min(error.retry_after_s, policy.retry_after_max_s)
        return growing(state)

    return wait_s


def _log(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    _logger.info(
        "attempt %d failed, next one in %.1f s: %s",
        state.attempt_number,
        state.upcoming_sleep,
        error,
    )
