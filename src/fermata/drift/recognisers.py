"""Whether other recognisers than usual transcribe a group's recordings.

No chance is involved, so there is no chart: a recogniser is known or it is not. Word times, and
with them gaps and pauses, differ between recognisers by more than most groups differ.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fermata.drift.chart import next_state
from fermata.drift.models import DriftFinding, DriftRule, DriftState, Measure
from fermata.drift.phases import first_accepted

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


@dataclass(frozen=True, slots=True)
class Course:
    """How it went with the recognisers of a group.

    Attributes:
        nights: since the present ones were last accepted.
        known: what transcribed on the first of those.
        states: how it stood after each of the others.
        changed_on: when others took over, or the former ones again, over all nights.
    """

    nights: tuple[RecognisersOfNight, ...]
    known: frozenset[str]
    states: tuple[tuple[date, DriftState], ...]
    changed_on: tuple[date, ...]


def follow(
    nights: Sequence[RecognisersOfNight], rule: DriftRule, accepted: Collection[date]
) -> Course:
    """Goes through the nights of a group.

    Args:
        nights: in order.
        rule: how many nights it takes.
        accepted: the nights on which others that had been told of by then were accepted.
    """
    left, changed_on = tuple(nights), list[date]()
    while True:
        known = frozenset(name for night in left[:_BASELINE_NIGHTS] for name in night.recordings)
        states = tuple(_states(left[_BASELINE_NIGHTS:], known, rule))
        ended = first_accepted(states, accepted)
        seen = [each for each in states if ended is None or each[0] <= ended]
        changed_on += _changes(seen)
        if ended is None:
            return Course(left, known, states, tuple(changed_on))
        left = tuple(night for night in left if night.on > ended)


def recogniser_finding(group: str, course: Course) -> DriftFinding:
    """How it stands with the recognisers of a group after the newest night.

    Args:
        group: whose recordings.
        course: of at least one night.
    """
    state = course.states[-1][1] if course.states else DriftState.STEADY
    share = _share_of_others(course.nights[-1], course.known)
    return DriftFinding(
        group=group,
        measure=Measure.RECOGNISER,
        state=state,
        since=_since(course.states),
        usual=0.0,
        now=share,
        nights=len(course.nights),
        saw=_saw(course.nights, course.known, share),
        do="nothing" if state is DriftState.STEADY else _DO,
    )


def _states(
    nights: Sequence[RecognisersOfNight], known: frozenset[str], rule: DriftRule
) -> Iterator[tuple[date, DriftState]]:
    state = DriftState.STEADY
    beyond = calm = 0
    for night in nights:
        share = _share_of_others(night, known)
        beyond = beyond + 1 if share >= _DRIFTED_FROM_SHARE else 0
        is_near = share < _WATCH_FROM_SHARE
        calm = calm + 1 if is_near else 0
        state = next_state(state, rule, beyond=beyond, calm=calm, is_near=is_near)
        yield night.on, state


def _changes(states: Sequence[tuple[date, DriftState]]) -> Iterator[date]:
    """The nights on which a state of drift began or ended."""
    has_drifted = False
    for on, state in states:
        if (state is DriftState.DRIFTED) is not has_drifted:
            has_drifted = not has_drifted
            yield on


def _since(states: Sequence[tuple[date, DriftState]]) -> date | None:
    before, since = DriftState.STEADY, None
    for on, state in states:
        if state is not before:
            before, since = state, on
    return since


def _share_of_others(night: RecognisersOfNight, known: frozenset[str]) -> float:
    others = sum(count for name, count in night.recordings.items() if name not in known)
    return others / sum(night.recordings.values())


def _saw(nights: Sequence[RecognisersOfNight], known: frozenset[str], share: float) -> str:
    usual = ", ".join(sorted(known))
    if len(nights) == 1:
        return f"transcribed by {usual}"
    others = ", ".join(sorted(set(nights[-1].recordings) - known))
    if not others:
        return f"transcribed by {usual}, as before"
    return f"{100 * share:.0f} % transcribed by {others}; before by {usual}"
