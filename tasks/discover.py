"""Task `discover`: lists the recordings, leaves out the known ones, plans the new ones."""

import logging
from collections.abc import Sequence

from prefect import task

from config.choices import Engine
from config.settings import settings
from config.wiring import ledger, request_options, storage
from config.withheld import whole
from fermata.assemblyai.options import MultichannelMode
from fermata.recordings import GroupBy
from fermata.runs.worklist import Worklist, make_worklist
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)


@task(name="discover", task_run_name="list recordings", **LOCAL_WORK)
def discover(
    sources: Sequence[str],
    run_id: str,
    engine: Engine,
    group_by: GroupBy,
    multichannel: MultichannelMode,
    *,
    scope: str = "",
) -> Worklist:
    """Finds the recordings and what there is to do; known ones cost no task run."""
    if wanted := settings().send_again:
        logger.warning("to be sent again: %d recordings", ledger().vanished.send_again(wanted))
    worklist = make_worklist(
        whole(sources),
        group_by,
        options_for=request_options(engine, multichannel),
        ledger=ledger(),
        storage=storage(),
        run_id=run_id,
        scope_name=scope,
    )
    for line in worklist.recovered:
        logger.warning("%s", line)
    logger.info("%s", worklist.summary)
    return worklist
