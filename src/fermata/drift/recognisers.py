"""Whether other recognisers than usual transcribe a group's recordings.

No chance is involved, so there is no chart: a recogniser is known or it is not. Word times, and
with them gaps and pauses, differ between recognisers by more than most groups differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fermata.drift.chart import next_state
from fermata.drift.models import DriftFinding, DriftRule, DriftState, Measure

_BASELINE_NIGHTS = 3
_WATCH_FROM_SHARE = 0.1
_DRIFTED_FROM_SHARE = 0.5
_DO = (
    "calibrate on recordings of the new recogniser alone; gaps and pauses before and after are "
    "not comparable"
)


@dataclass(frozen=True, slots=True)
class RecognisersOfNight:
    """Who transcribed a night's recordings.

    Attributes:
        on: which night.
        recordings: how many, by recogniser.
    """

    on: date
    recordings: Mapping[str, int]


def recogniser_finding(
    group: str, nights: Sequence[RecognisersOfNight], rule: DriftRule
) -> DriftFinding:
    """How it stands with the recognisers of a group after the newest night.

    Args:
        group: whose recordings.
        nights: in order, at least one.
        rule: how many nights it takes.
    """
    known = {name for night in nights[:_BASELINE_NIGHTS] for name in night.recordings}
    state, since = DriftState.STEADY, None
    beyond = calm = 0
    share = 0.0
    for night in nights[_BASELINE_NIGHTS:]:
        share = _share_of_others(night, known)
        beyond = beyond + 1 if share >= _DRIFTED_FROM_SHARE else 0
        calm = calm + 1 if share < _WATCH_FROM_SHARE else 0
        is_near = share < _WATCH_FROM_SHARE
        entered = next_state(state, rule, beyond=beyond, calm=calm, is_near=is_near)
        if entered is not state:
            state, since = entered, night.on
    return DriftFinding(
        group=group,
        measure=Measure.RECOGNISER,
        state=state,
        since=since,
        usual=0.0,
        now=share,
        nights=len(nights),
        saw=_saw(nights, known, share),
        do="nothing" if state is DriftState.STEADY else _DO,
    )


def _share_of_others(night: RecognisersOfNight, known: set[str]) -> float:
    others = sum(count for name, count in night.recordings.items() if name not in known)
    return others / sum(night.recordings.values())


def _saw(nights: Sequence[RecognisersOfNight], known: set[str], share: float) -> str:
    usual = ", ".join(sorted(known))
    if len(nights) == 1:
        return f"transcribed by {usual}, on the first night"
    others = ", ".join(sorted(set(nights[-1].recordings) - known))
    if not others:
        return f"transcribed by {usual}, as before"
    return f"{100 * share:.0f} % transcribed by {others}; before by {usual}"
