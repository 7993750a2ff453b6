"""Task `announce`: tells the server and the reader that other settings are recommended now."""

import logging
from collections.abc import Sequence
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event

from fermata.calibration import Change, LatestChoice
from tasks.policy import LOCAL_WORK

logger = logging.getLogger(__name__)

EVENT = "fermata.recommendation.changed"
ARTIFACT_KEY = "recommendation-changed"


@task(name="announce", task_run_name="announce changes", **LOCAL_WORK)
def announce(changes: Sequence[Change]) -> None:
    """Emits an event per changed group and creates one artifact; nothing without a change."""
    raise NotImplementedError
