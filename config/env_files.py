"""Files of environment variables that are part of the project."""

from pathlib import Path

from config import PROJECT_ROOT

_PREFECT_ENV_FILE = PROJECT_ROOT / "config" / "prefect.env"


def tuned_environment() -> dict[str, str]:
    """The variables in `config/prefect.env`."""
    return variables_in(_PREFECT_ENV_FILE)


def variables_in(env_file: Path) -> dict[str, str]:
    """The variables in a file of lines `NAME=value`, without its comments."""
    lines = env_file.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}
