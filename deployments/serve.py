"""`make serve`: a local Prefect server with its UI, and every deployment served from here.

`python -m deployments.serve stream calibrate-and-stream` serves only those named, as a machine
with a microphone does beside a work pool for the rest.
"""

import sys

if __name__ == "__main__":
    # Before what is imported below, which takes a second.
    from deployments.ctrl_c import end_in_one_line

    end_in_one_line()

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from config.env_files import variables_in
from config.prefect_client import connect
from config.reports import serving_reports
from config.settings import settings
from deployments.catalogue import Deployment, chosen
from deployments.ctrl_c import ask_to_end_in_good_order
from deployments.in_one_line import errors_in_one_line
from deployments.register import register
from fermata.errors import UsageError
from fermata.private_files import keep_new_files_private

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import ConcurrencyLimitConfig
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Schedule

_WORKER_ENV_FILE = Path(__file__).with_name("worker.env")


def main(names: Sequence[str]) -> None:
    """Serves the deployments until Ctrl-C; the server stays up, `make stop` ends it.

    Args:
        names: which deployments; all where none is named.
    """
    keep_new_files_private()
    with errors_in_one_line():
        deployments = chosen(names)
        for name, value in variables_in(_WORKER_ENV_FILE).items():
            os.environ.setdefault(name, value)
        prefect = connect(settings().prefect_port, _say_that_it_takes_a_moment)
        register()
        served = [to_serve(deployment) for deployment in deployments]
    for deployment in deployments:
        sys.stderr.write(f"{deployment.name}: {_when(deployment)}\n")
    if prefect.how_to_log_in:
        sys.stderr.write(f"{prefect.ui_url}: {prefect.how_to_log_in}.\n")
    with serving_reports() as told:
        sys.stderr.write(f"{told}.\n")
        ask_to_end_in_good_order()
        address = f"{prefect.ui_url}/deployments"
        sys.stderr.write(f"Start runs from {address}; Ctrl-C ends this worker.\n")
        _serve(served)


def to_serve(deployment: Deployment) -> "RunnerDeployment":
    """A deployment of the catalogue as Prefect serves it.

    Raises:
        UsageError: its schedule is none.
    """
    # Prefect reads the server's address as it is imported.
    from prefect.flows import load_flow_from_entrypoint  # noqa: PLC0415
    from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415

    flow: Flow[..., Any] = load_flow_from_entrypoint(
        deployment.entrypoint, use_placeholder_flow=False
    )
    made = flow.to_deployment(
        name=deployment.name,
        tags=list(deployment.tags),
        entrypoint_type=EntrypointType.MODULE_PATH,
        concurrency_limit=_limit(deployment),
        schedule=_schedule(deployment),
    )
    return cast("RunnerDeployment", made)


def _limit(deployment: Deployment) -> "ConcurrencyLimitConfig | None":
    from prefect.client.schemas.objects import (  # noqa: PLC0415
        ConcurrencyLimitConfig,
        ConcurrencyLimitStrategy,
    )

    if deployment.most_at_once is None:
        return None
    return ConcurrencyLimitConfig(
        limit=deployment.most_at_once,
        collision_strategy=ConcurrencyLimitStrategy.ENQUEUE,
    )


def _schedule(deployment: Deployment) -> "Schedule | None":
    from prefect.schedules import Cron  # noqa: PLC0415

    wanted = deployment.schedule
    if wanted is None:
        return None
    try:
        return Cron(wanted.cron, timezone=wanted.timezone, active=wanted.is_active)
    except ValueError as error:
        raise UsageError(f"FERMATA_NIGHTLY_CRON: {error}") from None


def _when(deployment: Deployment) -> str:
    schedule = deployment.schedule
    if schedule is None:
        return "when it is started"
    if not schedule.is_active:
        return "no schedule as long as FERMATA_RECORDINGS names nothing to look through"
    return f"by the schedule {schedule.cron}, {schedule.timezone}"


def _serve(deployments: "list[RunnerDeployment]") -> None:
    from prefect import serve  # noqa: PLC0415

    # Schedules must outlive a restart of this process.
    serve(*deployments, pause_on_shutdown=False)


def _say_that_it_takes_a_moment() -> None:
    sys.stderr.write("Bringing up the Prefect server (about 15 s the first time).\n")


if __name__ == "__main__":
    main(sys.argv[1:])
