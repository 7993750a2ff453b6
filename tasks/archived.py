"""Tasks of `reprocess`: what the archive holds, and what sending it again would cost."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from prefect import task
from prefect.artifacts import create_markdown_artifact

from config.choices import Engine
from config.wiring import ledger, prices, request_options, storage
from fermata.assemblyai.options import MultichannelMode
from fermata.report.cells import cell
from fermata.runs.again import worklist_again
from fermata.runs.archived import Archived, Selection, archived
from fermata.runs.estimate import CostEstimate, estimate_cost
from fermata.runs.worklist import Worklist
from tasks.artifacts import shown
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)

ESTIMATE_KEY = "cost-estimate"


@task(name="find-archived", task_run_name="find archived transcripts", **LOCAL_WORK)
def find_archived(selection: Selection) -> Archived:
    """Finds the transcribed recordings of a selection in the ledger."""
    found = archived(selection, ledger(), storage())
    for line in found.recovered:
        logger.warning("%s", line)
    logger.info(
        "%d transcribed recordings in %d batches (%s)",
        *(len(found.jobs), len(found.batches), selection.text),
    )
    return found


@task(name="find-again", task_run_name="find the recordings again", **LOCAL_WORK)
def find_again(
    found: Archived, engine: Engine, multichannel: MultichannelMode, models: Sequence[str]
) -> Worklist:
    """Finds the recordings themselves, and which of them lack a transcript by these models."""
    options = request_options(engine, multichannel, tuple(models))
    worklist = replace(worklist_again(found.jobs, options, ledger()), scope=found.scope)
    logger.info("%s", worklist.summary)
    return worklist


@task(name="estimate-cost", task_run_name="estimate the cost", **LOCAL_WORK)
def estimate(
    worklist: Worklist, models: Sequence[str], price_usd_per_hour: float | None
) -> CostEstimate:
    """Estimates what sending the new recordings costs, and shows it in the UI."""
    found = estimate_cost(worklist, models, prices(), price_usd_per_hour)
    markdown = "\n".join(f"- {cell(line)}" for line in found.lines)
    shown(create_markdown_artifact, markdown=markdown, key=ESTIMATE_KEY, description=found.summary)
    logger.info("%s", found.summary)
    return found
