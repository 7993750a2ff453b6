"""What became of every file of a run: its listing joined with the tables and its failures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fermata.calibration import (
    Calibration,
    ChooseBy,
    Presets,
    RecordingOutcome,
    Replayed,
    calibrate,
)
from fermata.ledger import JobKey
from fermata.recordings import Recording, Rejection
from fermata.report.histogram import Bin, histogram
from fermata.report.result import RecordingResult
from fermata.runs.coverage import warn_of_other_gaps
from fermata.runs.unsettled import Unsettled
from fermata.runs.worklist import Item, Worklist
from fermata.storage import Storage
from fermata.tables import GAP_FIGURES, RECORDINGS, RecordingStatus, positive_gaps, read_arrow
from fermata.turntaking import GapStatistics

_COLUMNS = (
    *("recording_id", "options_hash", "status", "reason", "transcript_id"),
    *("total_utterances", "total_gaps", *GAP_FIGURES),
)
_Rows = Mapping[JobKey, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A run's recordings taken together.

    Attributes:
        recordings: every file of the run, by name.
        calibration: the pooled figures and the choices.
        histogram: the positive gaps of all recordings, counted by length.
    """

    recordings: tuple[RecordingResult, ...]
    calibration: Calibration
    histogram: tuple[Bin, ...]


_STILL_OPEN = Unsettled("not settled in this run; the next one goes on with it", None)


def recording_results(
    worklist: Worklist, unsettled: Mapping[JobKey, Unsettled], storage: Storage
) -> tuple[RecordingResult, ...]:
    """Every file of the run by name, with its figures or the reason why it has none.

    Args:
        worklist: what the run found.
        unsettled: the recordings that could not be brought to an end in this run (a deadline
            passed, the network was away); the tables know of the others.
        storage: the data folder with the tables.
    """
    rows = _rows_of(worklist.items, storage)
    originals = {
        item.recording.recording_id: _result(item, rows, unsettled) for item in worklist.items
    }
    return tuple(
        sorted(
            (
                *originals.values(),
                *(_repeated(each, originals[each.recording_id]) for each in worklist.duplicates),
                *(_rejected(each) for each in worklist.rejections),
            ),
            key=lambda result: result.name,
        )
    )


def aggregate_run(
    *,
    run_id: str,
    chosen_at: datetime,
    worklist: Worklist,
    unsettled: Mapping[JobKey, Unsettled],
    choose_by: ChooseBy,
    replayed: Mapping[str, Replayed],
    presets: Presets,
    speech_model: str,
    storage: Storage,
) -> Aggregate:
    """Joins the run's listing with the tables, pools its gaps and chooses a preset per group.

    Groups are those of this run's listing, since folders may be renamed between runs.
    """
    results = recording_results(worklist, unsettled, storage)
    gaps = positive_gaps(storage, (item.key for item in worklist.items))
    warn_of_other_gaps(results, gaps)
    calibration = calibrate(
        run_id=run_id,
        chosen_at=chosen_at,
        outcomes=_outcomes(worklist, results),
        gaps=gaps,
        choose_by=choose_by,
        replayed=replayed,
        presets=presets,
        speech_model=speech_model,
        scope=worklist.scope.name,
    )
    return Aggregate(results, calibration, histogram(gaps["gap_ms"].to_numpy()))


def _outcomes(worklist: Worklist, results: Sequence[RecordingResult]) -> Iterator[RecordingOutcome]:
    utterances = {each.recording_id: each.total_utterances for each in results}
    keys = {item.key.recording_id: item.key for item in worklist.items}
    listed = (*(item.recording for item in worklist.items), *worklist.duplicates)
    for recording in listed:
        key = keys[recording.recording_id]
        yield RecordingOutcome(
            recording_id=key.recording_id,
            options_hash=key.options_hash,
            group=recording.group,
            total_utterances=utterances[key.recording_id],
        )
    for rejection in worklist.rejections:
        yield RecordingOutcome(None, None, rejection.group, 0)


def _rows_of(items: Sequence[Item], storage: Storage) -> _Rows:
    wanted = {item.key for item in items}
    rows = read_arrow(storage, RECORDINGS, _COLUMNS).to_pylist()
    by_key = {JobKey(row["recording_id"], row["options_hash"]): row for row in rows}
    return {key: row for key, row in by_key.items() if key in wanted}


def _result(item: Item, rows: _Rows, unsettled: Mapping[JobKey, Unsettled]) -> RecordingResult:
    row = rows.get(item.key)
    if row is None or item.key in unsettled:
        why = unsettled.get(item.key, _STILL_OPEN)
        return _without_figures(item.recording, why.reason, why.transcript_id, why.status)
    return RecordingResult(
        name=item.recording.name,
        group=item.recording.group,
        status=RecordingStatus(row["status"]),
        reason=row["reason"],
        transcript_id=row["transcript_id"],
        recording_id=item.recording.recording_id,
        total_utterances=row["total_utterances"],
        statistics=_statistics(row),
    )


def _statistics(row: Mapping[str, Any]) -> GapStatistics | None:
    if not row["total_gaps"]:
        return None
    return GapStatistics(**{name: row[name] for name in ("total_gaps", *GAP_FIGURES)})


def _without_figures(
    recording: Recording | Rejection,
    reason: str,
    transcript_id: str | None = None,
    status: RecordingStatus = RecordingStatus.FAILED,
) -> RecordingResult:
    return RecordingResult(
        name=recording.name,
        group=recording.group,
        status=status,
        reason=reason,
        transcript_id=transcript_id,
        recording_id=recording.recording_id if isinstance(recording, Recording) else None,
    )


def _rejected(rejection: Rejection) -> RecordingResult:
    return _without_figures(rejection, rejection.reason)


def _repeated(recording: Recording, original: RecordingResult) -> RecordingResult:
    return RecordingResult(
        name=recording.name,
        group=recording.group,
        status=original.status,
        reason=original.reason,
        transcript_id=original.transcript_id,
        recording_id=original.recording_id,
        duplicate_of=original.name,
        total_utterances=original.total_utterances,
        statistics=original.statistics,
    )
