"""`python -m deployments.register`: limits and automations, as the settings say, into Prefect.

Safe to run again and again. `make serve` does it first; where deployments go to a work pool, run
it beside `prefect deploy`.
"""

import sys

from config.prefect_client import connect
from config.settings import settings
from deployments.automations import register_automations
from deployments.in_one_line import errors_in_one_line
from deployments.limits import register_limits


def register() -> None:
    """Brings the limits and automations of the Prefect server up to date.

    Raises:
        UsageError: the notification block that the settings name does not exist.
    """
    from prefect.client.orchestration import get_client  # noqa: PLC0415

    with get_client(sync_client=True) as client:
        for line in (*register_limits(client), *register_automations(client)):
            sys.stderr.write(f"{line}\n")


def main() -> None:
    """Registers with the server that is configured, or with a local one."""
    with errors_in_one_line():
        connect(settings().prefect_port, lambda: None)
        register()


if __name__ == "__main__":
    main()
