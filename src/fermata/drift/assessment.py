"""From the table `nights` to what moved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from fermata.drift.baseline import Baseline, Night, learn
from fermata.drift.chart import Standing, limit, walk
from fermata.drift.models import DriftFinding, DriftRule, DriftState, Measure
from fermata.drift.nights import mix_of, one_row_per_night, recognisers_of
from fermata.drift.recognisers import recogniser_finding
from fermata.drift.scales import SCALES, Scale
from fermata.thresholds import ALL_GROUPS


@dataclass(frozen=True, slots=True)
class _Series:
    group: str
    measure: Measure
    nights: tuple[Night, ...]

    @property
    def scale(self) -> Scale:
        return SCALES[self.measure]


def assess(
    nights: pd.DataFrame,
    rule: DriftRule | None = None,
    baseline_from: Mapping[str, date] | None = None,
) -> tuple[DriftFinding, ...]:
    """Says of each group and measure whether it moved away from its usual level.

    Args:
        nights: the table `nights`, in any order.
        rule: when a movement counts; None for `DriftRule()`.
        baseline_from: by group, the night from which its usual level is learned anew, such as
            the one on which its settings were last changed.

    Returns:
        By group and measure; those of which no night says anything are left out.
    """
    wanted = rule or DriftRule()
    rows = one_row_per_night(nights, baseline_from or {})
    series = [each for each in _all_series(rows, wanted) if each.nights]
    charts = sum(len(each.nights) > wanted.baseline_nights for each in series)
    found = [_finding(each, wanted, max(charts, 1)) for each in series]
    found += [
        recogniser_finding(group, of_group, wanted) for group, of_group in recognisers_of(rows)
    ]
    order = list(Measure)
    return tuple(sorted(found, key=lambda each: (each.group, order.index(each.measure))))


def _all_series(rows: pd.DataFrame, rule: DriftRule) -> Iterator[_Series]:
    for group, of_group in rows.groupby("group", sort=True):
        for measure in (Measure.GAPS, Measure.PAUSES, Measure.CLOCK):
            yield _series(str(group), measure, of_group, rule)
    for group, of_group in mix_of(rows[rows["group"] != ALL_GROUPS]):
        yield _series(group, Measure.MIX, of_group, rule)


def _series(group: str, measure: Measure, rows: pd.DataFrame, rule: DriftRule) -> _Series:
    scale = SCALES[measure]
    judged = rows[rows[scale.column].notna() & (rows[scale.calls] >= rule.fewest_recordings)]
    columns = (judged["night"], judged[scale.column], judged[scale.calls])
    nights = tuple(
        Night(night, scale.to_scale(float(value)), int(calls))
        for night, value, calls in zip(*columns, strict=True)
    )
    return _Series(group, measure, nights)


def _finding(series: _Series, rule: DriftRule, charts: int) -> DriftFinding:
    usual, newer = (
        series.nights[: rule.baseline_nights],
        series.nights[rule.baseline_nights :],
    )
    if not newer:
        return _still_learning(series, rule)
    scale = series.scale
    baseline = learn(usual, scale.least_spread)
    standings = walk(
        newer,
        baseline,
        rule,
        limit=limit(baseline, rule, charts),
        least_shift=scale.least_shift,
    )
    *_, last = standings
    return _judged(series, baseline, last)


def _still_learning(series: _Series, rule: DriftRule) -> DriftFinding:
    saw = f"{len(series.nights)} of {rule.baseline_nights} nights to learn what is usual"
    return DriftFinding(
        group=series.group,
        measure=series.measure,
        state=DriftState.STEADY,
        since=None,
        usual=None,
        now=None,
        nights=len(series.nights),
        saw=saw,
        do="nothing",
    )


def _judged(series: _Series, baseline: Baseline, last: Standing) -> DriftFinding:
    scale = series.scale
    usual = scale.from_scale(baseline.level)
    now = scale.from_scale(baseline.level + last.average * baseline.spread)
    return DriftFinding(
        group=series.group,
        measure=series.measure,
        state=last.state,
        since=last.since,
        usual=usual,
        now=now,
        nights=len(series.nights),
        saw=_saw(scale, usual, now, series.nights),
        do="nothing" if last.state is DriftState.STEADY else scale.do,
    )


def _saw(scale: Scale, usual: float, now: float, nights: Sequence[Night]) -> str:
    last = scale.from_scale(nights[-1].value)
    return (
        f"{scale.show(usual)} is usual, {scale.show(now)} the moving average, "
        f"{scale.show(last)} the newest night"
    )
