"""What can be started, by whom and when: one entry for each deployment.

`deployments/serve.py` serves these entries; `deployments/prefect.yaml` says the same for work
pools, and a test holds the two together. Descriptions and forms come from the flows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from config.settings import settings
from fermata.errors import UsageError

WORK_POOL = "fermata"
TAG = "fermata"


class RunsOn(StrEnum):
    """Who may run a deployment."""

    ANY_WORKER = "any worker"
    # A process worker that is stopped kills its runs at once, without a chance to end a session
    # that is billed by the second. A serving process passes the signal on and waits.
    SERVING_PROCESS = "a serving process"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a deployment runs by itself.

    Attributes:
        cron: minute, hour, day, month and weekday.
        timezone: whose clock, by its IANA name; summer time is its matter.
        is_active: whether it does so now.
    """

    cron: str
    timezone: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Deployment:
    """A flow as it is offered in the Prefect UI.

    Attributes:
        entrypoint: the flow by its module path. A file path would import it as a module of
            another name, with the folder `flows` first among all places to import from.
        tags: what it is found by.
        runs_on: who may run it.
        most_at_once: how many runs at once; one more waits for its turn. Cancelled as it comes,
            a run that was resumed with an answer would lose that answer. None for no bound.
        schedule: when it runs by itself.
    """

    entrypoint: str
    tags: tuple[str, ...] = (TAG,)
    runs_on: RunsOn = RunsOn.ANY_WORKER
    most_at_once: int | None = None
    schedule: Schedule | None = field(default=None, kw_only=True)

    @property
    def name(self) -> str:
        """The name of the flow, which is the deployment's too."""
        return self.entrypoint.rpartition(".")[2].replace("_", "-")


def catalogue() -> tuple[Deployment, ...]:
    """All deployments, with the schedule of the settings."""
    live = RunsOn.SERVING_PROCESS
    return (
        Deployment(
            "flows.nightly.nightly",
            (TAG, "recordings", "scheduled"),
            most_at_once=1,
            schedule=nightly_schedule(),
        ),
        Deployment("flows.calibrate.calibrate", (TAG, "recordings")),
        Deployment("flows.reprocess.reprocess", (TAG, "recordings"), most_at_once=1),
        Deployment("flows.chunk.transcribe_chunk", (TAG, "not-by-hand")),
        Deployment("flows.stream.stream", (TAG, "live"), live),
        Deployment(
            "flows.calibrate_and_stream.calibrate_and_stream", (TAG, "recordings", "live"), live
        ),
        Deployment(
            "flows.measure_punctuation.measure_punctuation", (TAG, "recordings", "live"), live
        ),
    )


def nightly_schedule() -> Schedule:
    """When the nightly run starts; inactive as long as it has nothing to look through."""
    current = settings()
    return Schedule(
        current.nightly_cron, current.nightly_timezone, is_active=bool(current.recordings)
    )


def chosen(names: Sequence[str]) -> tuple[Deployment, ...]:
    """The deployments of these names, or all where none is named.

    Raises:
        UsageError: a name is not in the catalogue.
    """
    by_name = {deployment.name: deployment for deployment in catalogue()}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise UsageError(f"no deployment {', '.join(unknown)}; there are {', '.join(by_name)}")
    return tuple(by_name[name] for name in names or by_name)
