"""How each measure of the table `nights` is charted: its values, scale and least shift."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fermata.drift.models import Measure


@dataclass(frozen=True, slots=True)
class Scale:
    """A measure on the scale on which it varies alike at every level.

    Attributes:
        column: of the table `nights`.
        calls: the column that says how many calls it rests on.
        to_scale: from the column's unit.
        from_scale: back again.
        least_spread: of a night by chance, on the scale.
        least_shift: that is worth telling of, on the scale.
        show: a value in the column's unit, for people.
        do: what to do when it has moved.
    """

    column: str
    calls: str
    to_scale: Callable[[float], float]
    from_scale: Callable[[float], float]
    least_spread: float
    least_shift: float
    show: Callable[[float], str]
    do: str


def _ms(value: float) -> str:
    return f"{value:,.0f} ms"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _angle(share: float) -> float:
    # The variance of a share's angle hardly depends on the share.
    return math.asin(math.sqrt(share))


def _share(angle: float) -> float:
    return math.sin(min(max(angle, 0.0), math.pi / 2)) ** 2


def _same(value: float) -> float:
    return value


def _within_one(value: float) -> float:
    return min(max(value, 0.0), 1.0)


_TEN_PERCENT = math.log(1.1)
_TEMPO = "listen to some calls of these nights; calibrate on newer recordings alone"

SCALES: Mapping[Measure, Scale] = {
    Measure.GAPS: Scale(
        column="typical_gap_ms",
        calls="calls_with_gaps",
        to_scale=math.log,
        from_scale=math.exp,
        least_spread=0.01,
        least_shift=_TEN_PERCENT,
        show=_ms,
        do=_TEMPO,
    ),
    Measure.PAUSES: Scale(
        column="typical_pause_ms",
        calls="calls_with_pauses",
        to_scale=math.log,
        from_scale=math.exp,
        least_spread=0.01,
        least_shift=_TEN_PERCENT,
        show=_ms,
        do=_TEMPO,
    ),
    Measure.MIX: Scale(
        column="share",
        calls="recordings_of_night",
        to_scale=_angle,
        from_scale=_share,
        least_spread=0.01,
        # Five points at one half, three at one tenth.
        least_shift=0.05,
        show=_percent,
        do="stream with the settings of the group, not with those of all recordings",
    ),
    Measure.CLOCK: Scale(
        column="clock_off_share",
        calls="calls_with_clocks",
        to_scale=_same,
        from_scale=_within_one,
        # Chance alone puts some talk on another clock: 0.6 % of it in voxconverse.
        least_spread=0.02,
        least_shift=0.05,
        show=_percent,
        do="check that both channels are recorded on one clock; gaps are wrong by the offset",
    ),
}
