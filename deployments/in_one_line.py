"""What goes wrong as a deployment's program starts, told in one line as the command does."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from config.foreign import EXIT_USAGE, explain_foreign
from fermata.errors import FermataError


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Ends the process with exit code 2 where anything goes wrong meanwhile."""
    try:
        yield
    except FermataError as error:
        told = str(error)
    except Exception as error:  # noqa: BLE001 - whatever the surroundings have in store
        told = explain_foreign(error)
    else:
        return
    sys.stderr.write(f"fermata: {told}\n")
    sys.exit(EXIT_USAGE)
