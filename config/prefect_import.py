"""Prefect's settings, read as it is imported: what it stumbles over there, told in one line.

Its import takes 2 s, reads variables, a `.env` and profiles, and says what it dislikes about them
on standard error, in many lines, before it fails.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

from pydantic import ValidationError

from fermata.errors import UsageError
from fermata.quoting import quoted

if TYPE_CHECKING:
    from prefect.settings import Settings


def prefect_settings() -> "Settings":
    """What the environment and Prefect's profile say.

    Raises:
        UsageError: Prefect can't read them.
    """
    # Who starts a server in that folder says it better.
    warnings.filterwarnings("ignore", message="Failed to create the Prefect home directory")
    try:
        with _words_of_failure_withheld():
            from prefect.settings import get_current_settings  # noqa: PLC0415

            return get_current_settings()
    except Exception as error:  # whatever an import can meet in variables and files
        raise UsageError(
            f"Prefect can't read its settings ({_what(error)}): correct the variables PREFECT_…, "
            "or profiles.toml in its folder"
        ) from error


def _what(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return f"{type(error).__name__}: {quoted(str(error))}"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


class _Withholding:
    """Standard error that keeps its words for a while; a log handler may hold it for ever."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._held: list[str] | None = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        if self._held is None:
            return self._stream.write(text)
        self._held.append(text)
        return len(text)

    def let_go(self, *, say: bool) -> None:
        held, self._held = self._held, None
        if say:
            self._stream.write("".join(held or ()))


@contextmanager
def _words_of_failure_withheld() -> Iterator[None]:
    before, withholding = sys.stderr, _Withholding(sys.stderr)
    sys.stderr = cast("TextIO", withholding)
    try:
        yield
    except BaseException:
        withholding.let_go(say=False)
        raise
    else:
        withholding.let_go(say=True)
    finally:
        sys.stderr = before
