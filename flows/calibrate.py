"""The flow `calibrate`: a folder of recordings in, a turn-detection preset out."""

from typing import Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State

from config.choices import Engine, Publish
from config.choosing import choosing
from config.logging import set_up_logging
from config.services import choose_engine
from config.stopping import stopping_at_end
from fermata.assemblyai.options import MultichannelMode
from fermata.calibration import ChooseBy
from fermata.quoting import quoted
from fermata.recordings import GroupBy
from flows.ahead import tabulating_ahead
from flows.resumed import is_resumed
from flows.stoppable import stoppable
from flows.transcription import transcribe_all
from tasks.discover import discover
from tasks.policy import thread_pool


def _run_name() -> str:
    sources = runtime.flow_run.parameters.get("recordings") or ["recordings"]
    more = f" and {len(sources) - 1} more" if len(sources) > 1 else ""
    return quoted(f"calibrate {sources[0]}{more}")


@flow(
    name="calibrate",
    flow_run_name=_run_name,
    task_runner=thread_pool(),
    persist_result=False,
)
@stoppable
def calibrate(
    recordings: list[str],
    engine: Engine = Engine.AUTO,
    group_by: GroupBy = GroupBy.FOLDER,
    multichannel: MultichannelMode = MultichannelMode.AUTO,
    choose_by: ChooseBy = ChooseBy.AUTO,
    goal: str = "",
    customer: str = "",
    accept_audio_hours: float | None = None,
    publish: Publish = Publish.AUTO,
    scope: str = "",
) -> State[Any]:
    """Learn turn-detection settings from recordings, for each group and for all.

    Transcribes what is new, chooses by the guide's rule and by replay, and shows both. The one
    that is taken is put in force where that takes nothing away; else it says how to do it.
    Recordings known from earlier runs are not sent again.

    Args:
        recordings: Folders, files, http(s) addresses or fsspec URLs (s3://bucket/calls).
        engine: Who transcribes. auto: AssemblyAI where a key is set, else the local engine.
        group_by: What makes a group. folder: the first sub-folder below each source.
        multichannel: Whether each channel is one speaker. auto: where there are several.
        choose_by: Which rule. auto: replay where the recordings suffice, else average-gap.
        goal: What to aim for, such as "mid-sentence <= 5 %"; empty for one cut-in = 5 s of waiting.
        customer: The customer's channel or label, such as 2 or B; empty to count everybody's turns.
        accept_audio_hours: The most audio to send, if more than FERMATA_MAX_AUDIO_HOURS_PER_RUN.
        publish: Whether to put the settings in force. auto: where none are, or this run rests on as
            many recordings; ask: after somebody agreed here; yes; no.
        scope: A name for what the settings belong to; empty for that of the recordings' folders.
    """
    set_up_logging()
    run_id = str(runtime.flow_run.id)
    if is_resumed():
        from flows.approval import answered  # noqa: PLC0415 - figures, see below
        from flows.publishing import publish_run  # noqa: PLC0415 - figures, see below

        return answered(publish_run(run_id, publish))
    chosen = choose_engine(engine)
    how = choosing(choose_by, goal, customer)
    with stopping_at_end(run_id):
        worklist = discover(recordings, run_id, chosen, group_by, multichannel, scope=scope)
        with tabulating_ahead(worklist) as read_ahead:
            unsettled = transcribe_all(worklist, chosen, accept_audio_hours)
        # Figures and report: a second of imports, made while the service works (see ahead).
        from flows.conclusion import conclude, final_state  # noqa: PLC0415
        from flows.covering import covering  # noqa: PLC0415
        from flows.publishing import published  # noqa: PLC0415

        with covering(worklist, how) as covered:
            result = conclude(
                worklist, unsettled, read_ahead, run_id=run_id, engine=chosen, how=how
            )
            result = published(result, covered, publish)
    return final_state(result)
