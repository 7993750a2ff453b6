"""The flow `reprocess`: tables and settings again from the archive, or other transcripts."""

from datetime import date
from typing import TYPE_CHECKING, Any

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed

from config.again import engine_for_again, models_in
from config.choices import Engine, Publish
from config.choosing import choosing
from config.logging import set_up_logging
from config.scopes import members_of
from config.stopping import stopping_at_end
from config.wiring import ledger
from fermata.assemblyai.options import LOCAL_ENGINE, MultichannelMode
from fermata.calibration import ChooseBy
from fermata.quoting import quoted
from fermata.runs.again import plan_again
from fermata.runs.archived import Archived, Selection
from fermata.runs.worklist import Worklist
from flows.ahead import tabulating_ahead
from flows.approval import answered
from flows.conclusion import conclude, final_state
from flows.covering import covering
from flows.publishing import publish_run, published
from flows.resumed import is_resumed
from flows.stoppable import stoppable
from flows.transcription import transcribe_all
from tasks.archived import estimate, find_again, find_archived
from tasks.gaps import compute_gaps
from tasks.policy import thread_pool, unvisited
from tasks.processors import processors

if TYPE_CHECKING:
    from fermata.ledger import JobKey
    from fermata.runs.ahead import ReadAhead
    from fermata.runs.unsettled import Unsettled


def _run_name() -> str:
    parameters = runtime.flow_run.parameters
    parts = [
        f"{word} {parameters[name]}"
        for word, name in (("group", "group"), ("since", "since"), ("until", "until"))
        if parameters.get(name)
    ]
    return quoted(f"reprocess {', '.join(parts) or 'all'}")


@flow(
    name="reprocess",
    flow_run_name=_run_name,
    task_runner=thread_pool(),
    persist_result=False,
)
@stoppable
def reprocess(
    since: date | None = None,
    until: date | None = None,
    group: str = "",
    choose_by: ChooseBy = ChooseBy.AUTO,
    goal: str = "",
    customer: str = "",
    speech_models: str = "",
    multichannel: MultichannelMode = MultichannelMode.AUTO,
    accept_cost_usd: float | None = None,
    price_usd_per_hour: float | None = None,
    publish: Publish = Publish.AUTO,
    scope: str = "",
) -> State[Any]:
    """Compute tables and settings again from archived transcripts, without calling a service.

    With speech models named, the recordings are transcribed again with those instead: first the
    cost is estimated, and nothing is sent until that cost is accepted.

    Args:
        since: First day (UTC) on which the transcripts arrived; None for no bound.
        until: Last such day; None for no bound.
        group: Only recordings of this group; empty for all.
        choose_by: Which rule. auto: replay where the recordings suffice, else average-gap.
        goal: What to aim for, such as "mid-sentence <= 5 %"; empty for one cut-in = 5 s of waiting.
        customer: The customer's channel or label, such as 2 or B; empty to count everybody's turns.
        speech_models: Transcribe again with these models, separated by commas; costs money.
        multichannel: When transcribing again: whether each channel is one speaker.
        accept_cost_usd: The most that transcribing again may cost; None to see an estimate.
        price_usd_per_hour: Your price for an hour of audio; None for the list price.
        publish: Whether to put the settings in force. auto: where none are, or this run rests on as
            many recordings; ask: after somebody agreed here; yes; no.
        scope: Only recordings of this scope; empty for the main one.
    """
    set_up_logging()
    run_id = str(runtime.flow_run.id)
    if is_resumed():
        return answered(publish_run(run_id, publish))
    how = choosing(choose_by, goal, customer)
    models = models_in(speech_models)
    engine = engine_for_again(models, accept_cost_usd, price_usd_per_hour)
    found = find_archived(Selection(since, until, group or None, members_of(scope)))
    unsettled: dict[JobKey, Unsettled] = {}
    read_ahead: ReadAhead | None = None
    with stopping_at_end(run_id):
        if engine is None:
            engine, worklist = _tabulated_again(found)
        else:
            worklist = find_again(unvisited(found), engine, multichannel, models)
            cost = estimate(unvisited(worklist), models, price_usd_per_hour)
            if not worklist.items or not cost.is_covered_by(accept_cost_usd):
                return Completed(name="Estimated", message=cost.message, data=cost)
            plan_again(worklist, ledger(), run_id)
            with tabulating_ahead(worklist) as read_ahead:
                unsettled = transcribe_all(worklist, engine, cost.hours)  # accepted with the cost
        with covering(worklist, how) as covered:
            result = conclude(
                worklist, unsettled, read_ahead, run_id=run_id, engine=engine, how=how
            )
            return final_state(published(result, covered, publish, [group] if group else None))


def _tabulated_again(found: Archived) -> tuple[Engine, Worklist]:
    """Writes all batches of the transcripts anew; returns who transcribed, and what."""
    with processors() as busy:
        busy.each(compute_gaps, batch=found.batches).result()
    engines = {job.engine for job in found.jobs}
    return Engine.LOCAL if engines == {LOCAL_ENGINE} else Engine.ASSEMBLYAI, found.worklist
