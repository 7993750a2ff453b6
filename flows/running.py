"""Running a flow in this process, as each command that starts one does."""

import logging
import sys
from typing import Any, cast

from httpx import HTTPError, HTTPStatusError, codes
from prefect import Flow
from prefect.client.schemas.objects import State
from prefect.exceptions import TerminationSignal

from config.ending import current_ending
from fermata.errors import FermataError, UsageError

_REFUSED = frozenset({codes.UNAUTHORIZED, codes.FORBIDDEN})
_ASKS_FOR_A_LOGIN = (
    "the Prefect server of PREFECT_API_URL asks for another login: set PREFECT_API_AUTH_STRING="
    "user:password, or PREFECT_API_KEY for Prefect Cloud; nothing was started"
)
_GONE = "the Prefect server stopped answering"
_UNTOLD = f"{_GONE}: its page of this run ends early, the run itself did not\n"


class PrefectGoneError(FermataError):
    """The Prefect server stopped answering before the run could come to an end."""


def run_flow(flow: Flow[..., Any], **parameters: Any) -> State[Any]:
    """Runs a flow to its end and returns its state.

    Where only Prefect's server could not be told of the end, it is the end all the same.

    Raises:
        KeyboardInterrupt: it was to end before it began.
        UsageError: the server refuses the login.
        PrefectGoneError: the server went away before there was anything to show.
    """
    ending = current_ending()
    assert ending is not None
    # Prefect's thread that sends logs would otherwise write to the terminal that it cannot.
    logging.raiseExceptions = False
    try:
        return cast("State[Any]", flow(**parameters, return_state=True))
    except TerminationSignal:
        # Prefect's own handler, which stands until the flow's body begins.
        ending.because_cancelled()
        raise KeyboardInterrupt from None
    except HTTPError as error:
        if isinstance(error, HTTPStatusError) and error.response.status_code in _REFUSED:
            raise UsageError(_ASKS_FOR_A_LOGIN) from None
        ending.is_untold = True
        if ending.returned is None:
            raise PrefectGoneError(f"{_GONE}; the next run goes on from here") from None
        sys.stderr.write(_UNTOLD)
        return cast("State[Any]", ending.returned)


def result_of(state: State[Any]) -> Any:
    """What a flow came to.

    Raises:
        KeyboardInterrupt: it was ended before its time.
        Exception: what the flow raised.
    """
    if state.is_cancelled():
        raise KeyboardInterrupt
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    return result
