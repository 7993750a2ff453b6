"""The login of the local Prefect server: made once, kept in its folder, handed to its clients.

Without one, any page that a browser shows on this machine, and any other user of it, could have
a deployment run commands and could read Secret blocks. The file is readable by its owner alone
from its first byte on; the login goes to processes by their environment, never by arguments.
"""

import base64
import contextlib
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from config.environment_secrets import remember_secrets_in
from fermata.private_files import is_open_to_others, open_private

LOGIN_FILE = "server.login"
"""In the folder of the local server: one line, `user:password`."""

SERVER_VARIABLE = "PREFECT_SERVER_API_AUTH_STRING"
"""What the server asks of its clients."""

CLIENT_VARIABLE = "PREFECT_API_AUTH_STRING"
"""What clients send."""

ASKS_NOBODY = (
    "an older version started it, and it asks nobody for a login: once no run is under way and "
    "nothing is served, `make stop`, and start again"
)
"""What a person is told of a server without a login."""

_USER = "fermata"
_PASSWORD_BYTES = 24
_OWNER_ONLY = 0o600


def made_login(home: Path) -> SecretStr:
    """The login of the server in a folder, made now where there is none yet.

    Args:
        home: the folder of the local server.
    """
    path = home / LOGIN_FILE
    if kept := kept_login(home):
        return kept
    whole = home / f"{LOGIN_FILE}.{os.getpid()}"
    # Left by a process of the same number that was killed here.
    whole.unlink(missing_ok=True)
    login = f"{_USER}:{secrets.token_urlsafe(_PASSWORD_BYTES)}"
    with open_private(whole, "xb") as file:
        file.write(f"{login}\n".encode())
    whole.replace(path)
    remember_secrets_in({CLIENT_VARIABLE: login})
    return SecretStr(login)


def kept_login(home: Path) -> SecretStr | None:
    """The login of the server in a folder; None where none was made, or a crash left it empty.

    Args:
        home: the folder of the local server.
    """
    path = home / LOGIN_FILE
    with contextlib.suppress(FileNotFoundError, UnicodeDecodeError):
        if is_open_to_others(path):
            path.chmod(_OWNER_ONLY)
        login = path.read_text(encoding="utf-8").strip()
        if ":" in login:
            remember_secrets_in({CLIENT_VARIABLE: login})
            return SecretStr(login)
    return None


def basic_authorization(login: SecretStr) -> dict[str, str]:
    """The header by which a request carries a login."""
    encoded = base64.b64encode(login.get_secret_value().encode()).decode()
    return {"Authorization": f"Basic {encoded}"}
