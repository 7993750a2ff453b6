"""Task `replay`: what the thresholds would have done in the recordings, and which are best."""

import logging

from prefect import task

from config.wiring import presets, storage
from fermata.calibration import present
from fermata.report.replayed import shown_name
from fermata.runs.choosing import Choosing
from fermata.runs.replaying import RunReplay, gather, replay_run
from fermata.runs.worklist import Worklist
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@task(name="replay", task_run_name="replay pauses under each setting", **LOCAL_WORK)
def replay(worklist: Worklist, choosing: Choosing) -> RunReplay:
    """Examines and replays the run's calls; returns what follows for each group."""
    evidence = gather(worklist.groups, choosing.customer, storage())
    found = replay_run(evidence, choosing, presets(), present(storage(), presets(), worklist.scope))
    for group, each in sorted(found.groups.items()):
        logger.info("replay of %s: %s", shown_name(group), each.advice.verdict)
    return found
