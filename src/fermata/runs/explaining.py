"""The page of a run: its figures with the pauses that decide, written below `reports/`."""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from fermata.archive import TranscriptArchive
from fermata.errors import FermataError
from fermata.explain import Clip, DecidingPause, Spoken, cut_clip, deciding_pauses, words_around
from fermata.ledger import JobKey
from fermata.recordings import Recording, open_content
from fermata.report.page import Lengths, Page, ShownPause, render_page
from fermata.report.result import CalibrationResult
from fermata.runs.pages import page_path
from fermata.runs.replaying import RunReplay
from fermata.runs.worklist import Worklist
from fermata.storage import Storage
from fermata.tables import SILENCES, positive_gaps, read_arrow, rows_of
from fermata.thresholds import ALL_GROUPS, Advice
from fermata.turntaking import Conversation, SilenceKind
from fermata.turntaking.shapes import read_transcript

_COLUMNS = (
    *("recording_id", "options_hash", "speaker", "kind"),
    *("start_ms", "own_ms", "is_complete"),
)


def write_page(
    result: CalibrationResult, replay: RunReplay, worklist: Worklist, storage: Storage
) -> str:
    """Writes the page of a run.

    Words come from the archive and sound from the recordings; what is not at hand any more is
    left out of the page.

    Returns:
        Its path below the data folder.

    Raises:
        TableError: a file of a table cannot be read.
        StorageError: the page could not be written.
    """
    calibration = result.calibration
    silences = _silences(worklist.groups, replay.customer, storage)
    page = Page(
        run_id=calibration.run_id,
        chosen_at=calibration.chosen_at,
        speech_model=calibration.overall.speech_model,
        summary=result.summary,
        overall=calibration.overall,
        groups=calibration.groups,
        notes=result.notes,
        lengths=_lengths(silences, worklist.groups, storage),
        landscape=replay.plane,
        comparison=replay.comparison,
        pauses=tuple(_pauses(silences, replay, worklist, storage)),
    )
    path = page_path(calibration.chosen_at, calibration.run_id)
    # What was said may hold half of a character, where a service has cut it.
    storage.write_atomically(path, render_page(page).encode(errors="replace"))
    return path


def _silences(groups: Mapping[JobKey, str], customer: str | None, storage: Storage) -> pd.DataFrame:
    rows = read_arrow(storage, SILENCES, _COLUMNS, rows_of(groups))
    frame: pd.DataFrame = rows.to_pandas()
    if customer is not None:
        frame = frame[frame["speaker"] == customer]
    found = [groups[key] for key in map(JobKey, frame["recording_id"], frame["options_hash"])]
    return frame.assign(group=found)


def _lengths(silences: pd.DataFrame, keys: Collection[JobKey], storage: Storage) -> Lengths | None:
    holds = silences[silences["kind"] == SilenceKind.HOLD]
    if holds.empty:
        return None
    complete = holds["is_complete"].to_numpy(np.bool_)
    lengths_ms = holds["own_ms"].to_numpy(np.int64)
    gaps_ms = positive_gaps(storage, keys)["gap_ms"].to_numpy(np.int64)
    return Lengths(lengths_ms[~complete], lengths_ms[complete], gaps_ms)


def _pauses(
    silences: pd.DataFrame, replay: RunReplay, worklist: Worklist, storage: Storage
) -> Iterator[ShownPause]:
    recordings = {item.key: item.recording for item in worklist.items}
    archive = TranscriptArchive(storage)
    for pause in _deciding(silences, replay):
        key = JobKey(pause.recording_id, pause.options_hash)
        with contextlib.suppress(FermataError):
            talk = read_transcript(archive.read(pause.recording_id, pause.options_hash))
            yield _shown(pause, recordings[key], talk)


def _deciding(silences: pd.DataFrame, replay: RunReplay) -> Sequence[DecidingPause]:
    advice: Advice = replay.groups[ALL_GROUPS].advice
    rule = replay.question.rule
    if rule is None or advice.best is None or advice.present is None:
        return ()
    return deciding_pauses(silences, advice.present.policy, advice.best.policy, rule)


def _shown(pause: DecidingPause, recording: Recording, talk: Conversation) -> ShownPause:
    spoken: Spoken = words_around(talk, pause.speaker, pause.start_ms)
    return ShownPause(pause, recording.name, spoken, _clip(pause, recording))


def _clip(pause: DecidingPause, recording: Recording) -> Clip | None:
    """How the pause sounds: the speaker's channel where labels are channels, else all mixed."""
    is_channel = bool(recording.channels and recording.channels > 1 and pause.speaker.isdecimal())
    channel = int(pause.speaker) - 1 if is_channel else None
    try:
        with open_content(recording.uri) as file:
            return cut_clip(file, pause.start_ms, pause.hold_ms, channel)
    except (FermataError, OSError):
        return None
