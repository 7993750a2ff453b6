"""What goes into a recommendation of thresholds, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fermata.errors import UsageError
from fermata.replay import DEFAULT_CONFIDENCE, Assumptions, CallPauses, Rule
from fermata.replay.pauses import Integers, Numbers
from fermata.thresholds.goal import Goal

ALL_GROUPS = "*"
"""The name under which all groups are pooled."""

PRESENT = "present"
"""The name by which a goal means the setting in force."""


@dataclass(frozen=True, slots=True, order=True)
class Policy:
    """The two silences that end a turn.

    Attributes:
        min_turn_silence_ms: after what sounds complete.
        max_turn_silence_ms: in any case; at least the minimum.
    """

    min_turn_silence_ms: int
    max_turn_silence_ms: int

    def __post_init__(self) -> None:
        """Checks the order.

        Raises:
            UsageError: a silence is below 1 ms, or the minimum is above the maximum.
        """
        if not 1 <= self.min_turn_silence_ms <= self.max_turn_silence_ms:
            raise UsageError(f"{self} is no pair: give 1 ms <= minimum <= maximum")

    def __str__(self) -> str:
        return f"{self.min_turn_silence_ms}/{self.max_turn_silence_ms} ms"


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call, as far as thresholds go.

    Attributes:
        call_id: unique among the calls; their order is that of these.
        group: queue, team or whatever settings are told apart by.
        pauses: the silences of the speakers analysed.
        gaps_ms: positive gaps between utterances, which the guide's rule averages.
    """

    call_id: str
    group: str
    pauses: CallPauses
    gaps_ms: Integers


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval from a bootstrap over calls."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of the distance between its ends."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Judged:
    """What a policy does to callers. Rates are shares of turns, from 0 to 1.

    Attributes:
        policy: the pair.
        cut_in_rate: turns with a cut-in of any kind.
        mid_sentence_rate: with one in an open hold; `max_turn_silence` governs.
        after_sentence_rate: with one after a complete sentence; `min_turn_silence` governs.
        mean_wait_ms: from the end of a turn to the end-of-turn message, detection included.
        p50_wait_ms: the wait that half of the turn ends do not exceed.
        p90_wait_ms: that 90 % do not exceed.
        p95_wait_ms: that 95 % do not exceed.
        cost_ms: mean wait + exchange rate of the goal * cut-in rate.
        no_fire_rate: turn ends at which the rule has no chance to fire.
        cancelled_share: of the cut-ins, those over before the agent is heard; 0 without any.
        cut_ins_per_minute: of speech; 0 without speech.
    """

    policy: Policy
    cut_in_rate: Estimate
    mid_sentence_rate: Estimate
    after_sentence_rate: Estimate
    mean_wait_ms: Estimate
    p50_wait_ms: Estimate
    p90_wait_ms: Estimate
    p95_wait_ms: Estimate
    cost_ms: Estimate
    no_fire_rate: float
    cancelled_share: float
    cut_ins_per_minute: float


class Verdict(StrEnum):
    """What to do about the setting of a group."""

    CHANGE = "change"
    KEEP = "keep"
    NOT_ENOUGH_CALLS = "not-enough-calls"
    OUT_OF_REACH = "out-of-reach"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the calls.

    Attributes:
        rule: of the streaming model; None where the model's rule is not documented.
        goal: what the setting shall achieve.
        confidence: end-of-turn confidence threshold, read by `Rule.CONFIDENCE` alone.
        assumptions: about the live system, stated in every answer.
        named: policies that a goal may name and that the grid shall hold: presets,
            `vendor default`.
    """

    rule: Rule | None
    goal: Goal = field(default_factory=Goal)
    confidence: float = DEFAULT_CONFIDENCE
    assumptions: Assumptions = field(default_factory=Assumptions)
    named: Mapping[str, Policy] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Checks the names.

        Raises:
            UsageError: the goal names a policy that is not among the named ones.
        """
        known = [*self.named, PRESENT]
        for name in self.goal.no_slower_than:
            if name not in known:
                raise UsageError(f"no setting is named {name!r}: name one of {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A policy that no other beats in both cut-ins and wait.

    Attributes:
        policy: the pair.
        cut_in_rate: share of turns with a cut-in.
        mean_wait_ms: the mean wait.
        meets_budgets: whether it meets every budget of the goal.
    """

    policy: Policy
    cut_in_rate: Estimate
    mean_wait_ms: Estimate
    meets_budgets: bool


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How an error of the streaming model's punctuation changes the advice.

    Attributes:
        error: share of marks that are missed and of marks that are made up: `q` and `m`.
        judged: the advised best policy under that error.
        best: the policy that would be best under that error.
        best_cost_ms: the cost of that one.
    """

    error: float
    judged: Judged
    best: Policy
    best_cost_ms: float


@dataclass(frozen=True, slots=True)
class Advice:
    """The recommendation for a group.

    Attributes:
        group: its name; `*` for all calls.
        verdict: what to do.
        reason: one line with figures.
        policy: what to set: the best where the verdict is CHANGE, the present one where it is
            KEEP, else None.
        best: the best policy, the upper ends of its figures allowing for the search; the one
            nearest to the budgets where none meets them; None where too few calls or none were
            there to judge by.
        present: the setting in force; None where unknown or nothing could be judged.
        gain_ms: by how much the best is better than the present one, in ms of the goal's
            objective, corrected for having searched. None without both.
        calls: the group's own calls with a finished turn; all of them where REFUSED.
        turns: its own finished turns.
        own_share: how much the group's own turns weigh in its figures, from 0 to 1; the rest
            is what the other groups' calls weigh.
        calls_needed: how many more calls would settle it; None where that is not the question.
        curve: the trade-off, from the fewest cut-ins to the shortest wait.
        by_exchange_rate: the cheapest policy for one cut-in worth 1 to 20 s, in ms, whatever
            the budgets.
        sensitivity: to the punctuation's error; empty where the rule reads no punctuation.
        assumptions: as they were made.
        goal: as it was stated.
    """

    group: str
    verdict: Verdict
    reason: str
    policy: Policy | None
    best: Judged | None
    present: Judged | None
    gain_ms: Estimate | None
    calls: int
    turns: int
    own_share: float
    calls_needed: int | None
    curve: tuple[CurvePoint, ...]
    by_exchange_rate: tuple[tuple[int, Policy], ...]
    sensitivity: tuple[Sensitivity, ...]
    assumptions: Assumptions
    goal: Goal


@dataclass(frozen=True, slots=True)
class Compared:
    """A row of a comparison.

    Attributes:
        name: `guide`, `recommendation`, or the name that was given with a policy.
        judged: the policy fitted on all calls, with figures from calls it was not fitted on.
        by_fold: the policy used in each fold; one for all where nothing is fitted.
    """

    name: str
    judged: Judged
    by_fold: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ways to set the thresholds, each judged on calls that it has not seen.

    Attributes:
        rows: in the order guide, named policies, recommendation.
        calls: how many.
        turns: how many finished ones.
        assumptions: as they were made.
        goal: as it was stated.
    """

    rows: tuple[Compared, ...]
    calls: int
    turns: int
    assumptions: Assumptions
    goal: Goal


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """The whole plane for a heat map; arrays of shape (minima, maxima), NaN where min > max.

    Attributes:
        min_ms: the minima, increasing.
        max_ms: the maxima, increasing.
        cut_in_rate: share of turns with a cut-in, from 0 to 1.
        mid_sentence_rate: with one in an open hold.
        after_sentence_rate: with one after a complete sentence.
        mean_wait_ms: the mean wait.
        cost_ms: at the goal's exchange rate.
    """

    min_ms: Integers
    max_ms: Integers
    cut_in_rate: Numbers
    mid_sentence_rate: Numbers
    after_sentence_rate: Numbers
    mean_wait_ms: Numbers
    cost_ms: Numbers
