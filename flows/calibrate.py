"""The flow `calibrate`: a folder of recordings in, a turn-detection preset out."""

from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from config.logging import set_up_logging
from config.services import Engine, check_service, choose_engine, speech_service
from config.settings import settings
from config.stopping import stopping_at_end
from config.wiring import storage
from fermata.assemblyai.options import MultichannelMode
from fermata.calibration import ChosenBy
from fermata.ledger import JobKey
from fermata.recordings import GroupBy
from fermata.report.result import CalibrationResult
from fermata.runs.outcome import Aggregate, Unsettled
from fermata.runs.worklist import Worklist
from flows.transcription import batches_to_tabulate, transcribe
from tasks.aggregate import aggregate
from tasks.choose import choose
from tasks.discover import discover
from tasks.gaps import compute_gaps
from tasks.policy import thread_pool, unvisited
from tasks.progress import RunProgress
from tasks.report import report

_LOCAL_ENGINE_NOTE = (
    "transcribed by the local engine, offline: it hears one speaker per channel, and one "
    "speaker on a mono recording, where gaps are the silences between stretches of speech"
)


def _run_name() -> str:
    sources = runtime.flow_run.parameters.get("recordings") or ["recordings"]
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return f"calibrate {sources[0]}{more}"


@flow(
    name="calibrate",
    flow_run_name=_run_name,
    task_runner=thread_pool(),
    persist_result=False,
)
def calibrate(
    recordings: list[str],
    engine: Engine = Engine.AUTO,
    group_by: GroupBy = GroupBy.FOLDER,
    multichannel: MultichannelMode = MultichannelMode.AUTO,
    choose_by: ChosenBy = ChosenBy.AVERAGE_GAP,
) -> State[Any]:
    """Measure the gaps between speakers in recordings and choose turn-detection settings.

    Transcribes what is new, measures the gaps between utterances, pools them by group and
    chooses a preset for each. Recordings known from earlier runs are not sent again.

    Args:
        recordings: Folders, files, http(s) addresses or fsspec URLs (s3://bucket/calls).
        engine: Who transcribes. auto: AssemblyAI where a key is set, else the local engine.
        group_by: What makes a group. folder: the first sub-folder below each source.
        multichannel: Whether each channel is one speaker. auto: where there are several.
        choose_by: The rule that picks the preset. average-gap: the guide's.
    """
    set_up_logging()
    run_id = str(runtime.flow_run.id)
    chosen = choose_engine(engine)
    with stopping_at_end(run_id):
        worklist = discover(recordings, run_id, chosen, group_by, multichannel)
        unsettled = _transcribe(worklist, chosen)
        compute_gaps.map(batches_to_tabulate()).wait()
        pooled = aggregate(unvisited(worklist), unvisited(unsettled), run_id, choose_by)
        latest = choose(unvisited(pooled.calibration))
        result = _result(pooled, chosen, latest)
        report(unvisited(result), pooled.histogram)
    return _final_state(result)


def _transcribe(worklist: Worklist, engine: Engine) -> dict[JobKey, Unsettled]:
    progress = RunProgress(len(worklist.new) + len(worklist.open_jobs))
    if progress.is_complete:
        return {}
    with speech_service(engine) as service:
        check_service(service)
        return transcribe(worklist, service, progress)


def _result(pooled: Aggregate, engine: Engine, latest: str) -> CalibrationResult:
    notes = [_LOCAL_ENGINE_NOTE] if engine is Engine.LOCAL else []
    if note := pooled.calibration.overall.note:
        notes.append(note)
    return CalibrationResult(
        calibration=pooled.calibration,
        recordings=pooled.recordings,
        engine=engine.value,
        written={
            "settings": latest,
            "recordings": storage().uri("recordings"),
            "gaps": storage().uri("gaps"),
            "calibrations": storage().uri("calibrations"),
            "transcripts": storage().uri("transcripts"),
        },
        notes=tuple(notes),
    )


def _final_state(result: CalibrationResult) -> State[Any]:
    nothing = result.calibration.overall.recordings_analysed == 0
    if nothing or result.failed_share > settings().max_failed_share:
        return Failed(message=result.summary, data=result)
    return Completed(message=result.summary, data=result)
