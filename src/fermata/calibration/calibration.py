"""A run's gaps, pooled by group and overall, with the preset chosen for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from fermata.calibration.choice import (
    Choice,
    ChooseBy,
    ChosenBy,
    Variability,
    choose,
    variability_of,
    variability_ratio,
)
from fermata.calibration.decision import Replayed, decide
from fermata.calibration.presets import Presets
from fermata.thresholds import ALL_GROUPS
from fermata.turntaking import GapStatistics, gap_statistics

_Key = tuple[str | None, str | None]
_GapsMs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RecordingOutcome:
    """What became of one recording of a run.

    Attributes:
        recording_id: its content hash; None where its content was never read.
        options_hash: the request options its transcript was made with; None likewise.
        group: the group it has in this run's listing.
        total_utterances: how many utterances its transcript holds, 0 without one.
    """

    recording_id: str | None
    options_hash: str | None
    group: str
    total_utterances: int


@dataclass(frozen=True, slots=True)
class GroupCalibration:
    """What the recordings of one group say together, and the preset that follows.

    Attributes:
        group: its name, `*` for all recordings.
        recordings_found: how many different recordings were listed.
        recordings_analysed: how many of them have at least one positive gap.
        recording_ids: which those are.
        total_utterances: in the analysed ones.
        statistics: of the positive gaps of all, pooled; None where there are none.
        average_of_file_averages_ms: the mean of each analysed recording's average gap.
        choice: the settings chosen, by one of the rules.
        guide: the choice of the guide's rule, whichever was taken.
        replayed: what the replay says, whichever was taken; None where it was not run.
        speech_model: the streaming model that it was chosen for.
        note: one line where that model gives the numbers another meaning.
    """

    group: str
    recordings_found: int
    recordings_analysed: int
    recording_ids: frozenset[str]
    total_utterances: int
    statistics: GapStatistics | None
    average_of_file_averages_ms: float | None
    choice: Choice
    guide: Choice
    replayed: Replayed | None
    speech_model: str
    note: str | None

    @property
    def total_gaps(self) -> int:
        """How many positive gaps the figures rest on."""
        return self.statistics.total_gaps if self.statistics else 0

    @property
    def variability_ratio(self) -> float | None:
        """The longest gap over the average one; None without gaps."""
        return variability_ratio(self.statistics) if self.statistics else None

    @property
    def variability(self) -> Variability | None:
        """The guide's label for that ratio; None without gaps."""
        ratio = self.variability_ratio
        return None if ratio is None else variability_of(ratio)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The result of one run.

    Attributes:
        run_id: which run.
        chosen_at: when, with a time zone.
        overall: all recordings together, group `*`.
        groups: each group, by name.
        scope: the name of the scope that the recordings belong to.
    """

    run_id: str
    chosen_at: datetime
    overall: GroupCalibration
    groups: tuple[GroupCalibration, ...]
    scope: str = ""


def calibrate(
    *,
    run_id: str,
    chosen_at: datetime,
    outcomes: Iterable[RecordingOutcome],
    gaps: pd.DataFrame,
    presets: Presets,
    speech_model: str,
    choose_by: ChooseBy = ChooseBy.AUTO,
    replayed: Mapping[str, Replayed] | None = None,
    scope: str = "",
) -> Calibration:
    """Pools the gaps of a run per group and overall, and chooses a preset for each.

    A recording counts once in each group and once overall, however often its content was
    listed.

    Args:
        run_id: which run this is.
        chosen_at: when the choice is made, with a time zone.
        outcomes: every recording that the run listed.
        gaps: the positive gaps with columns `recording_id`, `options_hash`, `gap_ms`, as
            `fermata.tables.positive_gaps` gives them. A recording without a row here
            counts as found and not analysed.
        presets: pairs, boundaries and texts.
        speech_model: the streaming model to choose for.
        choose_by: the rule to choose with.
        replayed: what the replay says of each group, `*` for all; None where it was not run.
        scope: the name of the scope that the recordings belong to.
    """
    listed = tuple(outcomes)
    gaps_ms = _gaps_by_recording(gaps)

    by_group = replayed or {}

    def pooled(group: str, members: Iterable[RecordingOutcome]) -> GroupCalibration:
        return _calibrate_group(
            group,
            _each_once(members),
            gaps_ms,
            presets=presets,
            speech_model=speech_model,
            choose_by=choose_by,
            replayed=by_group.get(group),
        )

    names = sorted({outcome.group for outcome in listed})
    by_name = {name: [each for each in listed if each.group == name] for name in names}
    return Calibration(
        run_id=run_id,
        chosen_at=chosen_at,
        overall=pooled(ALL_GROUPS, listed),
        groups=tuple(pooled(name, members) for name, members in by_name.items()),
        scope=scope,
    )


def _gaps_by_recording(gaps: pd.DataFrame) -> dict[_Key, _GapsMs]:
    gaps_ms = gaps["gap_ms"].to_numpy(dtype=np.int64)
    grouped = gaps.groupby(["recording_id", "options_hash"], observed=True, sort=False)
    positions = cast("Mapping[_Key, npt.NDArray[np.intp]]", grouped.indices)
    return {key: gaps_ms[at] for key, at in positions.items()}


def _each_once(outcomes: Iterable[RecordingOutcome]) -> list[RecordingOutcome]:
    unread: list[RecordingOutcome] = []
    read: dict[str, RecordingOutcome] = {}
    for outcome in outcomes:
        if outcome.recording_id is None:
            unread.append(outcome)
        else:
            read.setdefault(outcome.recording_id, outcome)
    return [*read.values(), *unread]


def _calibrate_group(
    group: str,
    members: Sequence[RecordingOutcome],
    gaps_ms: Mapping[_Key, _GapsMs],
    *,
    presets: Presets,
    speech_model: str,
    choose_by: ChooseBy,
    replayed: Replayed | None,
) -> GroupCalibration:
    analysed = [each for each in members if (each.recording_id, each.options_hash) in gaps_ms]
    per_recording = [gaps_ms[each.recording_id, each.options_hash] for each in analysed]
    statistics = gap_statistics(np.concatenate(per_recording)) if per_recording else None
    guide = choose(statistics, presets)
    choice = decide(guide, replayed, choose_by)
    by_the_guide = choice.chosen_by is ChosenBy.AVERAGE_GAP
    return GroupCalibration(
        group=group,
        recordings_found=len(members),
        recordings_analysed=len(analysed),
        recording_ids=frozenset(each.recording_id for each in analysed if each.recording_id),
        total_utterances=sum(each.total_utterances for each in analysed),
        statistics=statistics,
        average_of_file_averages_ms=_average_of_averages(per_recording),
        choice=choice,
        guide=guide,
        replayed=replayed,
        speech_model=speech_model,
        # A pair that was replayed by the model's own rule means what it says.
        note=presets.note_for(speech_model) if by_the_guide else None,
    )


def _average_of_averages(per_recording: Sequence[_GapsMs]) -> float | None:
    averages = [float(values.mean()) for values in per_recording]
    return sum(averages) / len(averages) if averages else None
