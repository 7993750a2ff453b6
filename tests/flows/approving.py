"""A flow that calibrates at once and publishes as the nightly one does, for tests of approval."""

from prefect import flow, runtime
from prefect.client.schemas.objects import State

from config.settings import settings
from flows.approval import Approval, answered
from flows.publishing import publish_night
from flows.resumed import is_resumed
from tests.unit.calibration.publishing_folder import Folder


@flow(name="approving", persist_result=False)
def approving(gap_ms: int, nights: int = 1, approval: Approval = Approval.REQUIRED) -> State:
    """Calibrates one group on one gap, so many nights after the settings in force."""
    run_id = str(runtime.flow_run.id)
    if not is_resumed():
        Folder(settings().data_dir, runs=nights).calibrate({"ivr": gap_ms}, run_id)
    return answered(publish_night(run_id, asks=approval is Approval.REQUIRED))
