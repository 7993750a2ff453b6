"""A run that is suspended says in its state who has to do what.

Prefect gives that state no message, and a person sees an empty one in every list of runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from prefect import flow_runs


@contextmanager
def suspended_with(message: str) -> Iterator[None]:
    """Gives this message to the state in which the block suspends the run.

    Args:
        message: who has to do what, until when, and what follows if nobody does.
    """
    # `suspend_flow_run` takes no message. A second state with one, set after the first, would
    # undo the answer of whoever resumed the run in between.
    names = vars(flow_runs)
    made = names["Suspended"]
    names["Suspended"] = partial(made, message=message)
    try:
        yield
    finally:
        names["Suspended"] = made
