"""Which of two choices is set: the guide's, from the average gap, or the replay's."""

from dataclasses import dataclass, replace

from fermata.calibration.choice import CUSTOM, Choice, ChooseBy, ChosenBy
from fermata.quality import GateFinding
from fermata.replay import DEFAULT_CONFIDENCE
from fermata.thresholds import Advice, Policy, Verdict


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the replay says of one group.

    Attributes:
        advice: the recommendation.
        findings: what the quality gates saw before.
    """

    advice: Advice
    findings: tuple[GateFinding, ...]


def decide(guide: Choice, replayed: Replayed | None, choose_by: ChooseBy) -> Choice:
    """The choice to set, whose reasoning says which rule it is by and why.

    Args:
        guide: the choice of the guide's rule.
        replayed: what the replay says; None where it was not run.
        choose_by: the rule that was asked for. `REPLAY` takes the best pair though the calls
            are too few or a budget is out of reach; a gate's refusal nobody can overrule.
    """
    if choose_by is ChooseBy.AVERAGE_GAP or replayed is None:
        return guide
    advice = replayed.advice
    policy = advice.policy
    if policy is None and choose_by is ChooseBy.REPLAY and advice.verdict is not Verdict.REFUSED:
        policy = advice.best.policy if advice.best else None
    if policy is None:
        return replace(guide, reasoning=f"{guide.reasoning}. Not by replay: {advice.reason}")
    return _by_replay(policy, advice)


def _by_replay(policy: Policy, advice: Advice) -> Choice:
    return Choice(
        preset=CUSTOM,
        title="Kept" if advice.verdict is Verdict.KEEP else "Replayed",
        min_turn_silence_ms=policy.min_turn_silence_ms,
        max_turn_silence_ms=policy.max_turn_silence_ms,
        end_of_turn_confidence_threshold=DEFAULT_CONFIDENCE,
        description=f"Learned by replaying {advice.calls:,} calls for: {advice.goal}",
        use_cases="",
        reasoning=advice.reason,
        chosen_by=ChosenBy.REPLAY,
    )
