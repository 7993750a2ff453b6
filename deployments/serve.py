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
    from flows.calibrate_and_stream import calibrate_and_stream  # noqa: PLC0415
    from flows.stream import stream  # noqa: PLC0415

    deployments = [
        flow.to_deployment(
            name=flow.name,
            tags=["fermata"],
            # A file path would import the flow as a top-level module of another name.
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for flow in (calibrate, calibrate_and_stream, stream)
    ]
    # Served, not sent to a process worker: only so does a cancellation reach a live session.
    # Schedules must outlive a restart of this process.
    serve(*cast("list[RunnerDeployment]", deployments), pause_on_shutdown=False)


if __name__ == "__main__":
    main()
