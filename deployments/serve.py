"""`make serve`: a local Prefect server with its UI, and every deployment served from here."""

import sys
from typing import TYPE_CHECKING, cast

from config.prefect_client import connect
from config.settings import settings

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment


def main() -> None:
    """Serves the deployments until Ctrl-C; the server stays up, `make stop` ends it."""
    ui_url = connect(settings().prefect_port, _say_that_it_takes_a_moment)
    sys.stderr.write(f"Start runs from {ui_url}/deployments; Ctrl-C ends this worker.\n")
    _serve_all()


def _say_that_it_takes_a_moment() -> None:
    sys.stderr.write("Bringing up the Prefect server (about 15 s the first time).\n")


def _serve_all() -> None:
    # Prefect reads the server's address as it is imported.
    from prefect import serve  # noqa: PLC0415
    from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415

    from flows.calibrate import calibrate  # noqa: PLC0415

    deployment = calibrate.to_deployment(
        name="calibrate",
        tags=["fermata"],
        # A file path would import the flow as a top-level module of another name.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    # Schedules must outlive a restart of this process.
    serve(cast("RunnerDeployment", deployment), pause_on_shutdown=False)


if __name__ == "__main__":
    main()
