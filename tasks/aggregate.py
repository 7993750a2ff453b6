"""Task `aggregate`: pools the run's gaps from the tables and adds its row to `calibrations`."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from prefect import task

from config.settings import settings
from config.wiring import presets, storage
from fermata.calibration import ChooseBy, keep_scope, write_calibration
from fermata.ledger import JobKey
from fermata.runs.outcome import Aggregate, aggregate_run
from fermata.runs.replaying import RunReplay
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import Worklist
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@task(name="aggregate", task_run_name="choose settings", **LOCAL_WORK)
def aggregate(
    worklist: Worklist,
    unsettled: Mapping[JobKey, Unsettled],
    run_id: str,
    choose_by: ChooseBy,
    replayed: RunReplay,
) -> Aggregate:
    """Pools the gaps per group and overall and writes them as the run's calibration."""
    pooled = aggregate_run(
        run_id=run_id,
        chosen_at=datetime.now(UTC),
        worklist=worklist,
        unsettled=unsettled,
        choose_by=choose_by,
        replayed=replayed.groups,
        presets=presets(),
        speech_model=settings().streaming_model,
        storage=storage(),
    )
    keep_scope(storage(), worklist.scope)
    path = write_calibration(storage(), pooled.calibration)
    logger.info("%d gaps pooled into %s", pooled.calibration.overall.total_gaps, path)
    return pooled
