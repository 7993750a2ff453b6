"""What a run comes to, in the one line that stands over all its reports.

Tables and plots mark what it names, so that no row recommends what the headline does not.
"""

from collections.abc import Mapping

from fermata.calibration import ChosenBy, GroupCalibration
from fermata.thresholds import GUIDE, PRESENT, RECOMMENDATION, Advice, Policy, Verdict

_BY_THE_GUIDE: Mapping[Verdict, str] = {
    Verdict.REFUSED: "the replay refused",
    Verdict.NOT_ENOUGH_CALLS: "too few calls for the replay",
    Verdict.OUT_OF_REACH: "by the replay no setting reaches the goal",
}
_BY_REPLAY: Mapping[Verdict, str] = {
    Verdict.NOT_ENOUGH_CALLS: "by replay, as asked, on too few calls to be sure",
    Verdict.OUT_OF_REACH: "by replay, as asked, though no setting reaches the goal",
}


def chosen_policy(group: GroupCalibration) -> Policy:
    """The two silences that were chosen for a group."""
    choice = group.choice
    return Policy(choice.min_turn_silence_ms, choice.max_turn_silence_ms)


def chosen_way(group: GroupCalibration) -> str:
    """Which of the ways that a comparison sets side by side the choice was made by."""
    advice = group.replayed.advice if group.replayed else None
    if group.choice.chosen_by is not ChosenBy.REPLAY or advice is None:
        return GUIDE
    return PRESENT if advice.verdict is Verdict.KEEP else RECOMMENDATION


def headline(group: GroupCalibration) -> str:
    """What to set for a group, by which rule, and why not by the other one."""
    policy, advice = chosen_policy(group), group.replayed.advice if group.replayed else None
    if group.choice.chosen_by is ChosenBy.REPLAY and advice:
        return _by_replay(policy, advice)
    chosen = f"{group.choice.title}, {policy}, by the guide's rule"
    return chosen if advice is None else f"{chosen}: {_why_not_by_replay(advice)}"


def _by_replay(policy: Policy, advice: Advice) -> str:
    if advice.verdict is Verdict.KEEP:
        return f"Keep {policy}"
    if advice.verdict is Verdict.CHANGE:
        return f"Change to {policy}"
    return f"{policy}, {_BY_REPLAY[advice.verdict]}"


def _why_not_by_replay(advice: Advice) -> str:
    if advice.policy is None:
        return _BY_THE_GUIDE[advice.verdict]
    wanted = "keep" if advice.verdict is Verdict.KEEP else "change to"
    return f"the replay, which was not asked to choose, says {wanted} {advice.policy}"
