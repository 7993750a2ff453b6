"""Where Prefect's UI is, the login that it asks for, and opening it."""

import sys
import webbrowser

from config.prefect_login import ASKS_NOBODY, CLIENT_VARIABLE, LOGIN_FILE
from config.prefect_reached import PrefectApi, configured_api, local_at, reached_api
from config.prefect_server import server_home
from fermata.errors import UsageError


def ui(*, open_page: bool) -> int:
    """Prints where the UI is and how to log in; returns the exit code.

    Args:
        open_page: open it in the browser.

    Raises:
        UsageError: no server runs, it takes another login, or no browser could be started.
    """
    api = reached_api()
    if api is None:
        raise UsageError("no Prefect server runs here: `make serve` starts one, and so does a run")
    url = api.url.removesuffix("/api")
    sys.stdout.write(f"{url}\n")
    _tell_login(api)
    if open_page and not webbrowser.open(url):
        raise UsageError("no browser could be started here: open the address above yourself")
    return 0


def _tell_login(api: PrefectApi) -> None:
    """Says how to log in; the login itself only to a person who looks, not to a file or log."""
    configured = configured_api()
    if configured and not local_at(configured):
        sys.stdout.write(f"login: that of your own server; commands send {CLIENT_VARIABLE}\n")
    elif api.login is None:
        sys.stdout.write(f"{ASKS_NOBODY}\n")
    elif sys.stdout.isatty() and sys.__stdout__:
        # Past what masks secrets in all that is printed: this one was asked for.
        sys.stdout.flush()
        sys.__stdout__.write(f"login: {api.login.get_secret_value()}\n")
    else:
        sys.stdout.write(f"login: in {server_home() / LOGIN_FILE}\n")
