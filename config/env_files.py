"""Files of environment variables: those that are part of the project, and the user's `.env`."""

from pathlib import Path

from config import PROJECT_ROOT
from fermata.errors import UsageError

_PREFECT_ENV_FILE = PROJECT_ROOT / "config" / "prefect.env"


def tuned_environment() -> dict[str, str]:
    """The variables in `config/prefect.env`."""
    return variables_in(_PREFECT_ENV_FILE)


def variables_in(env_file: Path) -> dict[str, str]:
    """The variables in a file of lines `NAME=value`, without its comments."""
    lines = env_file.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def check_env_file(env_file: Path) -> None:
    """Makes sure that a file of variables can be read, if it is there.

    Raises:
        UsageError: this user may not read it, or it is not UTF-8.
    """
    try:
        content = env_file.read_bytes() if env_file.is_file() else b""
        content.decode("utf-8")
    except OSError as error:
        raise UsageError(f"{env_file} can't be read ({error.strerror}): see to that") from None
    except UnicodeDecodeError:
        raise _not_utf_8(env_file) from None
    if b"\0" in content:
        # UTF-16 without the mark in front is UTF-8 by its letter, and no name in it is found.
        raise _not_utf_8(env_file)


def _not_utf_8(env_file: Path) -> UsageError:
    return UsageError(f"{env_file} is not UTF-8 text: save it in that encoding")
