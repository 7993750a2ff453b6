"""Follows the assessment night by night and notes when a measure comes to be drifted."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from fermata.drift import DriftRule, DriftState, Measure
from fermata.drift.assessment import _all_series
from fermata.drift.baseline import learn
from fermata.drift.chart import limit, walk
from fermata.drift.nights import one_row_per_night


@dataclass(frozen=True)
class Alarm:
    """A measure of a group that came to be drifted on a night."""

    group: str
    measure: Measure
    on: date


def alarms(nights: pd.DataFrame, rule: DriftRule) -> list[Alarm]:
    """All alarms of a span of nights, as `assess` would have raised them one after the other."""
    series = [
        each
        for each in _all_series(one_row_per_night(nights, {}), rule)
        if len(each.nights) > rule.baseline_nights
    ]
    found = []
    for each in series:
        baseline = learn(each.nights[: rule.baseline_nights], each.scale.least_spread)
        standings = walk(
            each.nights[rule.baseline_nights :],
            baseline,
            rule,
            limit=limit(baseline, rule, len(series)),
            least_shift=each.scale.least_shift,
        )
        before = DriftState.STEADY
        for standing in standings:
            if standing.state is DriftState.DRIFTED and before is not DriftState.DRIFTED:
                found.append(Alarm(each.group, each.measure, standing.on))
            before = standing.state
    return found
