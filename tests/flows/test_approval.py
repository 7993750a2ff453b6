"""Settings wait for a person's word in the UI, where that is wanted, and changes are told."""

import os
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from fermata.calibration import MAIN, history
from tests.e2e.prefect_api import PrefectApi, eventually
from tests.flows.running import FlowRunner
from tests.unit.calibration.publishing_folder import QUICK_MS, SLOW_MS, USUAL_MS, Folder

pytestmark = pytest.mark.timeout(240)


class Deployed:
    """A deployment of the flow `approving` in a data folder with settings in force."""

    def __init__(self, api: PrefectApi, deployment_id: str, folder: Folder) -> None:
        self.api = api
        self.folder = folder
        self._deployment_id = deployment_id

    def start(self, **parameters: Any) -> str:
        """Starts a run as the UI does, and works on it until it is suspended or ends."""
        path = f"deployments/{self._deployment_id}/create_flow_run"
        run_id = str(self.api.post(path, parameters=parameters)["id"])
        self.work_on(run_id)
        return run_id

    def resume(self, run_id: str, **answer: Any) -> None:
        """Resumes a run as the UI's form does, and works on it until it ends."""
        assert self.api.post(f"flow_runs/{run_id}/resume", run_input=answer)["status"] == "ACCEPT"
        self.work_on(run_id)

    def work_on(self, run_id: str) -> None:
        """Runs the flow from the top in this process, as a worker's process would."""
        from prefect.client.orchestration import get_client
        from prefect.exceptions import Pause
        from prefect.flow_engine import run_flow

        from tests.flows.approving import approving

        with get_client(sync_client=True) as client:
            run = client.read_flow_run(UUID(run_id))
        with suppress(Pause):
            run_flow(approving, flow_run=run, parameters=dict(run.parameters), return_type="state")

    def events(self, run_id: str) -> list[dict[str, Any]]:
        """What was told of changes in a run."""
        chosen = {"event": {"name": ["fermata.recommendation.changed"]}}
        found = self.api.post("events/filter", filter=chosen, limit=50)["events"]
        return [each for each in found if each["payload"]["run_id"] == run_id]


@pytest.fixture
def deployed(flows: FlowRunner) -> Deployed:
    """Its settings in force are those of the run `run-1`."""
    from prefect.types.entrypoint import EntrypointType

    from tests.flows.approving import approving

    made = approving.to_deployment("approving", entrypoint_type=EntrypointType.MODULE_PATH)
    folder = Folder(flows.data_dir)
    folder.publish({"ivr": QUICK_MS})
    return Deployed(PrefectApi(os.environ["PREFECT_API_URL"]), str(made.apply()), folder)


def test_a_run_waits_for_approval_in_no_process_and_publishes_when_it_is_given(
    deployed: Deployed,
) -> None:
    run_id = deployed.start(gap_ms=SLOW_MS)
    waiting = deployed.api.state(run_id)
    assert waiting["name"] == "Suspended"
    assert waiting["message"].startswith("waits until 20")
    assert "settings of all recordings, ivr: press Resume and submit the form" in waiting["message"]
    assert "Without an answer those before stay" in waiting["message"]
    assert deployed.folder.runs == {"*": "run-1", "ivr": "run-1"}
    assert "800 / 3600" in deployed.api.artifacts(run_id)["approval"]["data"]
    deployed.resume(run_id, publish=True, reason="heard\nten calls")
    state = deployed.api.state(run_id)
    assert state["type"] == "COMPLETED"
    assert state["name"] == "Published"
    assert state["message"].startswith("published (approved: heard ten calls): all recordings:")
    assert deployed.folder.runs == {"*": run_id, "ivr": run_id}
    newest = history(deployed.folder.storage, MAIN)[-1]
    assert (newest.by, newest.reason) == ("approved", "approved: heard ten calls")
    assert "800 / 3600" in deployed.api.artifacts(run_id)["recommendation-changed"]["data"]
    told = eventually(lambda: found if len(found := deployed.events(run_id)) == 2 else None)
    by_id = {each["resource"]["prefect.resource.id"]: each["payload"] for each in told}
    ivr = by_id["fermata.group.ivr"]
    assert (ivr["old_max_turn_silence_ms"], ivr["new_max_turn_silence_ms"]) == (400, 3_600)


def test_without_a_yes_the_settings_before_stay_in_force_and_the_run_says_so(
    deployed: Deployed,
) -> None:
    run_id = deployed.start(gap_ms=SLOW_MS)
    deployed.resume(run_id, reason="too slow")
    state = deployed.api.state(run_id)
    assert state["type"] == "COMPLETED"
    assert state["name"] == "Not approved"
    assert state["message"] == "not approved: too slow; the settings before stay in force"
    assert deployed.folder.runs == {"*": "run-1", "ivr": "run-1"}
    assert len(history(deployed.folder.storage, MAIN)) == 1


def test_the_answer_to_an_older_question_does_not_push_out_what_a_newer_one_published(
    deployed: Deployed,
) -> None:
    older = deployed.start(gap_ms=SLOW_MS, nights=1)
    newer = deployed.start(gap_ms=USUAL_MS, nights=2)
    deployed.resume(newer, publish=True)
    deployed.resume(older, publish=True)
    state = deployed.api.state(older)
    assert (state["type"], state["name"]) == ("COMPLETED", "Overtaken")
    assert "published later for all recordings, ivr goes before this" in state["message"]
    assert deployed.folder.runs == {"*": newer, "ivr": newer}


def test_an_answer_that_the_form_does_not_allow_leaves_the_run_waiting(deployed: Deployed) -> None:
    run_id = deployed.start(gap_ms=SLOW_MS)
    answer = {"publish": True, "reason": "x" * 501}
    told = deployed.api.post(f"flow_runs/{run_id}/resume", run_input=answer)
    assert told["status"] == "REJECT"
    assert deployed.api.state(run_id)["name"] == "Suspended"


def test_nobody_is_asked_where_nothing_changes(deployed: Deployed) -> None:
    run_id = deployed.start(gap_ms=QUICK_MS + 1)
    state = deployed.api.state(run_id)
    assert state["message"] == "published (the settings are the same as before): nothing changed"
    assert deployed.folder.runs == {"*": run_id, "ivr": run_id}
    assert deployed.api.artifacts(run_id) == {}


def test_a_night_that_need_not_ask_publishes_at_once(flows: FlowRunner) -> None:
    from flows.approval import Approval
    from tests.flows.approving import approving

    run: Any = approving
    state = run(SLOW_MS, approval=Approval.NONE, return_state=True)
    assert state.is_completed()
    (record,) = history(Folder(flows.data_dir).storage, MAIN)
    assert record.by == "automatic"


def test_where_nobody_can_be_asked_nothing_is_published_and_it_says_how_to(
    flows: FlowRunner,
) -> None:
    from flows.approval import Approval
    from tests.flows.approving import approving

    run: Any = approving
    state = run(SLOW_MS, approval=Approval.REQUIRED, return_state=True)
    assert state.name == "Not approved"
    assert "nobody can be asked: the run has no deployment of its own" in state.message
    assert f"fermata publish {str(state.state_details.flow_run_id)[:8]}" in state.message
    assert history(Folder(flows.data_dir).storage, MAIN) == ()
