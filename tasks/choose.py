"""Task `choose`: publishes the preset chosen, per group and overall, for streaming clients."""

import logging

from prefect import task

from config.wiring import presets, storage
from fermata.calibration import Calibration, PublishedBy, publish
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)

WITHOUT_ASKING = "published as the run ended; no approval was asked for"


@task(name="choose", task_run_name="choose preset", **LOCAL_WORK)
def choose(calibration: Calibration) -> str:
    """Puts the run's settings in `calibrations/latest.json`; returns where that is."""
    run_id = calibration.run_id
    path = publish(storage(), presets(), run_id, by=PublishedBy.AUTOMATIC, reason=WITHOUT_ASKING)
    for group in (*calibration.groups, calibration.overall):
        choice = group.choice
        logger.info(
            "group %s: %s, min_turn_silence %d ms, max_turn_silence %d ms",
            *(group.group, choice.title),
            *(choice.min_turn_silence_ms, choice.max_turn_silence_ms),
        )
    return storage().uri(path)
