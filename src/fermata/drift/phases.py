"""When what is usual is learned anew, and how many charts there are on a night.

A control chart begins again with its first phase once the cause of a movement was found and
accepted (D. C. Montgomery, Introduction to Statistical Quality Control, chapters 5 and 6): before
and after are not the same process, and set beside the old level the new one would be told of for
ever, or a second movement never.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from fermata.drift.baseline import Baseline, Night, learn
from fermata.drift.chart import Standing, limit, walk
from fermata.drift.models import DriftRule, DriftState
from fermata.drift.scales import Scale


@dataclass(frozen=True, slots=True)
class Phase:
    """Nights from one learning of what is usual to the next.

    Attributes:
        nights: all of them, those that it is learned from first.
        baseline: what is usual; None while it is being learned.
        standings: after each night that follows those of the baseline.
    """

    nights: tuple[Night, ...]
    baseline: Baseline | None
    standings: tuple[Standing, ...]


class Charts:
    """How many charts are watched together, night by night.

    What was said of a night must not change afterwards, so a chart counts from the night on
    which its own level was first learned.
    """

    def __init__(self, series: Iterable[Sequence[Night]], rule: DriftRule) -> None:
        """Counts the series that are long enough."""
        learned = (
            nights[rule.baseline_nights].on
            for nights in series
            if len(nights) > rule.baseline_nights
        )
        self._begun = sorted(learned)

    def on(self, night: date) -> int:
        """How many there are on a night, at least one."""
        return max(1, bisect_right(self._begun, night))


def phases(
    nights: tuple[Night, ...],
    scale: Scale,
    rule: DriftRule,
    charts: Charts,
    accepted: Collection[date],
) -> Iterator[Phase]:
    """Goes through the nights of a chart; the last phase is that of the newest night.

    Args:
        nights: in order.
        scale: on which they are charted.
        rule: when a movement counts.
        charts: what is watched beside.
        accepted: the nights on which a movement that had been told by then was accepted.
    """
    while True:
        phase = _phase(nights, scale, rule, charts)
        ended = first_accepted([(each.on, each.state) for each in phase.standings], accepted)
        if ended is None:
            yield phase
            return
        kept = tuple(each for each in phase.standings if each.on <= ended)
        yield Phase(tuple(each for each in nights if each.on <= ended), phase.baseline, kept)
        nights = tuple(each for each in nights if each.on > ended)


def first_accepted(
    states: Sequence[tuple[date, DriftState]], accepted: Collection[date]
) -> date | None:
    """The first night on which something that had drifted was accepted; None where there is none.

    Args:
        states: how it stood after each night, in order.
        accepted: nights, also such as are not among those.
    """
    following = [*(on for on, _ in states[1:]), date.max]
    for (on, state), until in zip(states, following, strict=False):
        if state is DriftState.DRIFTED:
            meanwhile = [each for each in accepted if on <= each < until]
            if meanwhile:
                return min(meanwhile)
    return None


def _phase(nights: tuple[Night, ...], scale: Scale, rule: DriftRule, charts: Charts) -> Phase:
    usual, newer = nights[: rule.baseline_nights], nights[rule.baseline_nights :]
    if not newer:
        return Phase(nights, None, ())
    baseline = learn(usual, scale.least_spread)

    @cache
    def limit_of(count: int) -> float:
        return limit(baseline, rule, count)

    standings = walk(
        newer,
        baseline,
        rule,
        limit=lambda night: limit_of(charts.on(night)),
        least_shift=scale.least_shift,
    )
    return Phase(nights, baseline, tuple(standings))
