"""Errors that nobody in Fermata raised, told in one line; their tracebacks go to a file.

Most come from the surroundings: a file that is not what it should be, a folder that cannot be
written, a library's own settings. The rest are mistakes of ours, which must not go unreported.
"""

import os
import tempfile
import traceback
from contextlib import suppress

from fermata.quoting import quoted
from fermata.redact import masked

EXIT_USAGE = 2
"""The command's exit code for what has to be put right around it."""


def explain_foreign(error: BaseException) -> str:
    """One line on an error: what it says, and where its traceback is, without any secret.

    Args:
        error: as it was caught; its traceback is written to a file of the owner's alone.
    """
    said = quoted(str(error)) or "no text"
    where = _written("".join(traceback.format_exception(error)))
    report = f"report it with {where}" if where else "report it"
    return (
        f"{type(error).__name__}: {said}. If nothing around Fermata explains it (files, folders, "
        f"free space, variables), {report}"
    )


def _written(text: str) -> str | None:
    """The file that the traceback stands in, in the folder for temporary files."""
    with suppress(OSError):
        number, path = tempfile.mkstemp(prefix="fermata-error-", suffix=".log")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(masked(text))
        return path
    return None
