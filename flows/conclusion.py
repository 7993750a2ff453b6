"""How every run over recordings ends: tables, figures, choice, report, and its final state."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from prefect import unmapped
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed

from config.choices import Engine
from config.settings import settings
from config.wiring import ledger, storage
from fermata.errors import FermataError
from fermata.ledger import JobKey
from fermata.quoting import quoted
from fermata.report.result import CalibrationResult
from fermata.runs.addresses import told_unknown_channels
from fermata.runs.ahead import ReadAhead
from fermata.runs.choosing import Choosing
from fermata.runs.outcome import Aggregate
from fermata.runs.tabulate import batches_to_tabulate
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import Worklist, told_passed_over
from tasks.aggregate import aggregate
from tasks.explain import explain
from tasks.gaps import compute_gaps
from tasks.policy import unvisited
from tasks.processors import processors
from tasks.replay import replay
from tasks.report import report

_LOCAL_ENGINE_NOTE = (
    "transcribed by the local engine, offline: it hears one speaker per channel, and one "
    "speaker on a mono recording, where gaps are the silences between stretches of speech"
)


def conclude(
    worklist: Worklist,
    unsettled: Mapping[JobKey, Unsettled],
    read_ahead: ReadAhead | None = None,
    *,
    run_id: str,
    engine: Engine,
    how: Choosing,
) -> CalibrationResult:
    """Tabulates what is settled, chooses the settings of each group, and shows the result.

    What was chosen is in the table `calibrations` then, and not yet in force.

    Args:
        worklist: every recording of the run.
        unsettled: those that could not be brought to an end.
        read_ahead: what was read of their transcripts meanwhile.
        run_id: which run.
        engine: who transcribed.
        how: how to choose.
    """
    with processors() as busy:
        lacking = batches_to_tabulate(storage(), ledger())
        tabulating = busy.each(compute_gaps, batch=lacking, read_ahead=unmapped(read_ahead))
        tabulating.wait()
        unsettled = {**unsettled, **_untabled(lacking, tabulating)}
        replayed = busy.once(replay, worklist=worklist, choosing=how)
    pooled = aggregate(
        unvisited(worklist), unvisited(unsettled), run_id, how.choose_by, unvisited(replayed)
    )
    result = _result(pooled, engine, worklist, replayed.notes)
    page = explain(unvisited(result), unvisited(replayed), unvisited(worklist))
    result = replace(result, written={"report": page, **result.written})
    report(unvisited(result), pooled.histogram)
    return result


def final_state(result: CalibrationResult) -> State[Any]:
    """Failed where nothing could be analysed, or more failed than the settings allow."""
    nothing = result.calibration.overall.recordings_analysed == 0
    if nothing or result.failed_share > settings().max_failed_share:
        return Failed(message=result.summary, data=result)
    name = "Some failed" if result.failed_share else "Completed"
    return Completed(name=name, message=_message(result), data=result)


def _message(result: CalibrationResult) -> str:
    """What was analysed; and that it is not in force, where somebody may take it to be."""
    publishing = result.publishing
    if publishing is None or not publishing.withheld:
        return result.summary
    return f"{result.summary}; {publishing.summary}"


def _untabled(
    batches: Sequence[str], tabulating: Sequence[PrefectFuture[Any]]
) -> dict[JobKey, Unsettled]:
    """The recordings that the tables lack because their batch could not be written, and why."""
    ended = (future.result(raise_on_failure=False) for future in tabulating)
    reasons = {
        batch: str(error)
        if isinstance(error, FermataError)
        else f"unexpected {quoted(repr(error))}"
        for batch, error in zip(batches, ended, strict=True)
        if isinstance(error, BaseException)
    }
    return {
        job.key: Unsettled(f"not in the tables yet: {reasons[job.batch]}", job.transcript_id)
        for job in (ledger().untabled() if reasons else ())
        if job.batch in reasons
    }


def _result(
    pooled: Aggregate, engine: Engine, worklist: Worklist, replay_notes: Sequence[str]
) -> CalibrationResult:
    notes = [_LOCAL_ENGINE_NOTE] if engine is Engine.LOCAL else []
    if note := pooled.calibration.overall.note:
        notes.append(note)
    if others := told_passed_over(worklist.passed_over):
        notes.append(others)
    if unknown := told_unknown_channels(item.recording for item in worklist.items):
        notes.append(unknown)
    return CalibrationResult(
        calibration=pooled.calibration,
        recordings=pooled.recordings,
        engine=engine.value,
        written={
            "settings": storage().uri(worklist.scope.latest_path),
            "recordings": storage().uri("recordings"),
            "gaps": storage().uri("gaps"),
            "calibrations": storage().uri("calibrations"),
            "transcripts": storage().uri("transcripts"),
        },
        notes=(*notes, *replay_notes),
        passed_over=worklist.passed_over,
    )
