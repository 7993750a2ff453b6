"""`make stop`: ends the local Prefect server that Fermata started."""

import sys

from config.prefect_server import stop_local_server
from deployments.in_one_line import errors_in_one_line


def main() -> None:
    """Stops the server, and says so."""
    with errors_in_one_line():
        stopped = stop_local_server()
    sys.stderr.write("Prefect server stopped.\n" if stopped else "No Prefect server was running.\n")


if __name__ == "__main__":
    main()
