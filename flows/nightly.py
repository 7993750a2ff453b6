"""The flow `nightly`: last day's new recordings in, the settings brought up to date."""

from dataclasses import replace
from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from config.choices import Engine
from config.choosing import choosing
from config.logging import set_up_logging
from config.recordings import night_of, nightly_sources
from config.services import choose_engine
from config.stopping import stopping_at_end
from config.wiring import ledger, storage
from fermata.assemblyai.options import MultichannelMode
from fermata.calibration import ChooseBy
from fermata.recordings import GroupBy
from fermata.runs.freshness import is_up_to_date
from flows.ahead import tabulating_ahead
from flows.approval import Approval, answered
from flows.conclusion import conclude, final_state
from flows.covering import covering
from flows.missed import make_up_for_missed
from flows.publishing import publish_night
from flows.resumed import is_resumed
from flows.transcription import transcribe_all
from tasks.discover import discover
from tasks.drift import watch_drift
from tasks.policy import thread_pool, unvisited
from tasks.tidy import tidy


def _run_name() -> str:
    return f"nightly {night_of(runtime.flow_run.scheduled_start_time)}"


@flow(
    name="nightly",
    flow_run_name=_run_name,
    task_runner=thread_pool(),
    persist_result=False,
)
def nightly(
    recordings: list[str] = Field(default=[]),
    engine: Engine = Engine.AUTO,
    group_by: GroupBy = GroupBy.FOLDER,
    multichannel: MultichannelMode = MultichannelMode.AUTO,
    choose_by: ChooseBy = ChooseBy.AUTO,
    goal: str = "",
    customer: str = "",
    approval: Approval = Approval.NONE,
    accept_audio_hours: float | None = None,
    scope: str = "",
) -> State[Any]:
    """Transcribe the recordings that are new since last time and bring the settings up to date.

    Known recordings cost nothing: they are recognised by the ledger. Where none is new and the
    same is asked as the last time, the run ends within seconds and changes nothing.

    Args:
        recordings: Folders, files or addresses; empty for those of FERMATA_RECORDINGS.
        engine: Who transcribes. auto: AssemblyAI where a key is set, else the local engine.
        group_by: What makes a group. folder: the first sub-folder below each source.
        multichannel: Whether each channel is one speaker. auto: where there are several.
        choose_by: Which rule. auto: replay where the recordings suffice, else average-gap.
        goal: What to aim for, such as "mid-sentence <= 5 %"; empty for one cut-in = 5 s of waiting.
        customer: The customer's channel or label, such as 2 or B; empty to count everybody's turns.
        approval: required: wait here for a person's answer before other settings are published.
        accept_audio_hours: The most audio to send, if more than FERMATA_MAX_AUDIO_HOURS_PER_RUN.
        scope: A name for what the settings belong to; empty for that of the recordings' folders.
    """
    set_up_logging()
    run_id = str(runtime.flow_run.id)
    if is_resumed():
        return answered(publish_night(run_id, asks=approval is Approval.REQUIRED))
    make_up_for_missed()
    chosen = choose_engine(engine)
    how = choosing(choose_by, goal, customer)
    with stopping_at_end(run_id):
        worklist = discover(
            nightly_sources(recordings), run_id, chosen, group_by, multichannel, scope=scope
        )
        tidy()
        if is_up_to_date(worklist, ledger(), storage(), how):
            return Completed(name="Nothing new", message=f"nothing new: {worklist.summary}")
        with tabulating_ahead(worklist) as read_ahead:
            unsettled = transcribe_all(worklist, chosen, accept_audio_hours)
        with covering(worklist, how) as covered:
            result = conclude(
                worklist, unsettled, read_ahead, run_id=run_id, engine=chosen, how=how
            )
            night = night_of(runtime.flow_run.scheduled_start_time)
            watch_drift(run_id, night, unvisited(covered.groups), worklist.scope)
            publishing = publish_night(run_id, asks=approval is Approval.REQUIRED)
            covered.counts = publishing.is_settled
    return final_state(replace(result, publishing=publishing))
