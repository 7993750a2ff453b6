"""From the table `nights` to what moved."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from fermata.drift.baseline import Baseline, Night
from fermata.drift.models import DriftFinding, DriftRule, DriftState, Measure
from fermata.drift.nights import mix_of, one_row_per_night, recognisers_of
from fermata.drift.phases import Charts, Phase, phases
from fermata.drift.recognisers import Course, follow, recogniser_finding
from fermata.drift.scales import SCALES, Scale
from fermata.thresholds import ALL_GROUPS

# The settings of a group answer to its tempo; a share matters to those of all recordings. Clocks
# that run apart are a fault, and no setting makes them usual.
_ACCEPTED_WITH_ALL = frozenset({Measure.MIX})
_NEVER_ACCEPTED = frozenset({Measure.CLOCK})
_OF_ONE_RECOGNISER = frozenset({Measure.GAPS, Measure.PAUSES})

Accepted = Mapping[str, Collection[date]]


@dataclass(frozen=True, slots=True)
class _Series:
    """The nights of a chart that can be judged, and of them those by the present recogniser."""

    group: str
    measure: Measure
    nights: tuple[Night, ...]
    nights_in_all: int
    accepted: Collection[date]

    @property
    def scale(self) -> Scale:
        return SCALES[self.measure]


def assess(
    nights: pd.DataFrame, rule: DriftRule | None = None, accepted: Accepted | None = None
) -> tuple[DriftFinding, ...]:
    """Says of each group and measure whether it moved away from its usual level.

    What is usual is learned anew after a movement was accepted, and that of gaps and pauses
    also where another recogniser took over, since those before and after are not comparable.

    Args:
        nights: the table `nights`, in any order.
        rule: when a movement counts; None for `DriftRule()`.
        accepted: by group, `*` for all, the nights on which whatever of it had been told by
            then was accepted, such as by other settings.

    Returns:
        By group and measure; those of which no night says anything are left out.
    """
    wanted, by_group = rule or DriftRule(), accepted or {}
    rows = one_row_per_night(nights[nights["recordings"] > 0])
    courses = {
        group: follow(of_group, wanted, by_group.get(group, ()))
        for group, of_group in recognisers_of(rows)
    }
    every = [each for each in _all_series(rows, wanted, by_group) if each.nights]
    charts = Charts((each.nights for each in every), wanted)
    found = [_finding(_by_one_recogniser(each, courses), wanted, charts) for each in every]
    found += [
        recogniser_finding(group, course)
        for group, course in courses.items()
        if group != ALL_GROUPS and course.nights
    ]
    order = list(Measure)
    return tuple(sorted(found, key=lambda each: (each.group, order.index(each.measure))))


def _all_series(rows: pd.DataFrame, rule: DriftRule, accepted: Accepted) -> Iterator[_Series]:
    for group, of_group in rows.groupby("group", sort=True):
        for measure in (Measure.GAPS, Measure.PAUSES, Measure.CLOCK):
            yield _series(str(group), measure, of_group, rule, accepted)
    for group, of_group in mix_of(rows[rows["group"] != ALL_GROUPS]):
        yield _series(group, Measure.MIX, of_group, rule, accepted)


def _series(
    group: str, measure: Measure, rows: pd.DataFrame, rule: DriftRule, accepted: Accepted
) -> _Series:
    scale = SCALES[measure]
    judged = rows[rows[scale.column].notna() & (rows[scale.calls] >= rule.fewest_recordings)]
    columns = (judged["night"], judged[scale.column], judged[scale.calls])
    nights = tuple(
        Night(night, scale.to_scale(float(value)), int(calls))
        for night, value, calls in zip(*columns, strict=True)
    )
    decided_for = ALL_GROUPS if measure in _ACCEPTED_WITH_ALL else group
    by_then = () if measure in _NEVER_ACCEPTED else accepted.get(decided_for, ())
    return _Series(group, measure, nights, len(nights), by_then)


def _by_one_recogniser(series: _Series, courses: Mapping[str, Course]) -> _Series:
    """The same from the night on which the present recogniser took over."""
    course = courses.get(series.group)
    if course is None or not course.changed_on or series.measure not in _OF_ONE_RECOGNISER:
        return series
    since = course.changed_on[-1]
    return replace(series, nights=tuple(each for each in series.nights if each.on >= since))


def _finding(series: _Series, rule: DriftRule, charts: Charts) -> DriftFinding:
    *_, phase = phases(series.nights, series.scale, rule, charts, series.accepted)
    if phase.baseline is None:
        return _still_learning(series, phase, rule)
    return _judged(series, phase, phase.baseline)


def _still_learning(series: _Series, phase: Phase, rule: DriftRule) -> DriftFinding:
    anew = " anew" if len(phase.nights) < series.nights_in_all else ""
    saw = f"{len(phase.nights)} of {rule.baseline_nights} nights to learn{anew} what is usual"
    return DriftFinding(
        group=series.group,
        measure=series.measure,
        state=DriftState.STEADY,
        since=None,
        usual=None,
        now=None,
        nights=len(phase.nights),
        saw=saw,
        do="nothing",
    )


def _judged(series: _Series, phase: Phase, baseline: Baseline) -> DriftFinding:
    scale = series.scale
    *_, last = phase.standings
    usual = scale.from_scale(baseline.level)
    now = scale.from_scale(baseline.level + last.average * baseline.spread)
    return DriftFinding(
        group=series.group,
        measure=series.measure,
        state=last.state,
        since=last.since,
        usual=usual,
        now=now,
        nights=len(phase.nights),
        saw=_saw(scale, usual, now, phase.nights),
        do="nothing" if last.state is DriftState.STEADY else scale.do,
    )


def _saw(scale: Scale, usual: float, now: float, nights: Sequence[Night]) -> str:
    last = scale.from_scale(nights[-1].value)
    return (
        f"{scale.show(usual)} is usual, {scale.show(now)} the moving average, "
        f"{scale.show(last)} the newest night"
    )
