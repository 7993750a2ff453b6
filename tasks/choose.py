"""Task `choose`: publishes the preset chosen, per group and overall, for streaming clients."""

import logging

from prefect import task

from config.wiring import presets, storage
from fermata.calibration import Calibration, write_latest
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@task(name="choose", task_run_name="choose preset", **LOCAL_WORK)
def choose(calibration: Calibration) -> str:
    """Writes `calibrations/latest.json`; returns where it is."""
    path = write_latest(storage(), presets())
    for group in (*calibration.groups, calibration.overall):
        choice = group.choice
        logger.info(
            "group %s: %s, min_turn_silence %d ms, max_turn_silence %d ms",
            *(group.group, choice.title),
            *(choice.min_turn_silence_ms, choice.max_turn_silence_ms),
        )
    return storage().uri(path)
