"""From figures to a verdict: change, keep, not enough calls, or out of reach."""

from dataclasses import dataclass
from math import ceil, isfinite

import numpy as np

from fermata.thresholds.evidence import score_ms
from fermata.thresholds.goal import Goal, Measure, Objective
from fermata.thresholds.models import Advice, Policy, Verdict
from fermata.thresholds.study import Study

LEAST_CALLS = 6
"""The fewest calls, in effect, to judge by: the fewest that the intervals were tried with."""

LEAST_TURNS = 75
"""The fewest turns: even if none of 75 is cut into, the rate may be 4.9 % (Wilson)."""

WORTH_A_CHANGE = 0.02
"""The least gain, as a share of what the present setting costs, that is worth a change.

On real conversations the best pair gains 6 to 23 % of the cost over a preset. Two percent, about
30 ms of 1,500, is less than what another recogniser's word ends do to the figures.
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its reason, one line, and what follows from it.

    Attributes:
        verdict: what to do.
        reason: why, with figures.
        policy: what to set; None where nothing can be said.
        calls_needed: how many more calls would settle it; None where that is not the question.
    """

    verdict: Verdict
    reason: str
    policy: Policy | None = None
    calls_needed: int | None = None


def suffices(effective_calls: float, effective_turns: float) -> bool:
    """Whether calls that say as much as so many equally long ones can be judged at all."""
    return _times_needed(effective_calls, effective_turns) <= 1


def shortage(found: Advice, effective_calls: float, effective_turns: float) -> Decision | None:
    """Says how many calls are lacking to judge at all; None if there are enough.

    Args:
        found: how many calls and turns the group has, and how much they weigh in its figures.
        effective_calls: how many equally long ones its figures say as much as, with what the
            other groups' calls lend them.
        effective_turns: the same for turns.
    """
    times = _times_needed(effective_calls, effective_turns)
    if times <= 1:
        return None
    more = ceil(found.calls / found.own_share * (times - 1))
    reason = (
        f"{_whose(found)} say as much as {effective_calls:.1f} equally long calls with "
        f"{effective_turns:.0f} turns: at least {LEAST_CALLS} and {LEAST_TURNS} turns are needed, "
        f"so about {_count(more, 'more call')}"
    )
    return Decision(Verdict.NOT_ENOUGH_CALLS, reason, calls_needed=more)


def _times_needed(effective_calls: float, effective_turns: float) -> float:
    return max(LEAST_CALLS / effective_calls, LEAST_TURNS / effective_turns)


def _whose(found: Advice) -> str:
    """Whose figures they are: those of all calls, or of a group and what others lend it."""
    own = f"{_count(found.calls, 'call')} with {_count(found.turns, 'turn')}"
    if found.own_share == 1:
        return own
    return f"the group's {own}, pooled with those of the other groups,"


def decide(study: Study, calls: float) -> Decision:
    """The verdict on a group.

    The present setting stays unless the gain's corrected interval excludes zero and the gain
    is worth a change, or unless it breaks a budget that the best policy meets.

    Args:
        study: what was found.
        calls: how many calls the figures rest on, pooled ones included.
    """
    policies, met = study.evidence.whole.policies, study.budgets.met
    best, present = study.best, study.present
    if not met[best]:
        return _unmet(study, calls)
    if present is None:
        return Decision(Verdict.CHANGE, f"best: {_figures(study, best)}", policies[best])
    if best == present:
        reason = f"the present setting is the best: {_figures(study, present)}"
        return Decision(Verdict.KEEP, reason, policies[present])
    if not met[present]:
        reason = (
            f"the present {policies[present]} does not meet the budgets: "
            f"{_missed(study, present)}; the best does: {_figures(study, best)}"
        )
        return Decision(Verdict.CHANGE, reason, policies[best])
    return _by_gain(study, present, calls)


def _unmet(study: Study, calls: float) -> Decision:
    times, policy = study.budgets.more_calls[study.best], study.evidence.whole.policies[study.best]
    missed = _missed(study, study.best)
    if not isfinite(times):
        reason = f"no pair meets the budgets; the nearest is {policy}: {missed}"
        return Decision(Verdict.OUT_OF_REACH, reason)
    more = max(ceil(calls * (times - 1)), 1)
    reason = (
        f"{policy} meets the budgets by its figures, but not with certainty: {missed}; "
        f"{_count(more, 'more call')} would do"
    )
    return Decision(Verdict.NOT_ENOUGH_CALLS, reason, calls_needed=more)


def _by_gain(study: Study, present: int, calls: float) -> Decision:
    gain = study.gain_ms
    assert gain is not None
    policies = study.evidence.whole.policies
    best_policy, present_policy = policies[study.best], policies[present]
    cost_ms = float(score_ms(study.evidence.whole, study.goal)[present])
    low, high = gain.interval.low, gain.interval.high
    saved = f"{gain.value:.0f} ms of {_unit(study.goal)} per turn (95 %: {low:.0f} to {high:.0f})"
    if gain.value <= 0:
        reason = (
            f"no pair is better than {present_policy} once the search is allowed for: "
            f"{best_policy} would save {saved}"
        )
        return Decision(Verdict.KEEP, reason, present_policy)
    if gain.value < WORTH_A_CHANGE * cost_ms:
        least = f"less than {WORTH_A_CHANGE:.0%} of the {cost_ms:.0f} ms of {present_policy}"
        reason = f"the best pair, {best_policy}, would save {saved}: {least}"
        return Decision(Verdict.KEEP, reason, present_policy)
    if low > 0:
        reason = f"{_figures(study, study.best)} saves {saved} over {_figures(study, present)}"
        return Decision(Verdict.CHANGE, reason, best_policy)
    more = max(ceil(calls * (((gain.value - low) / gain.value) ** 2 - 1)), 1)
    reason = (
        f"{best_policy} may save {saved} over {present_policy}, or nothing: "
        f"{_count(more, 'more call')} would tell"
    )
    return Decision(Verdict.NOT_ENOUGH_CALLS, reason, calls_needed=more)


def _figures(study: Study, column: int) -> str:
    sums = study.evidence.whole.at([column])
    rate, wait = sums.measure(Measure.CUT_INS)[0], sums.measure(Measure.MEAN_WAIT)[0]
    return f"{sums.policies[0]} (cut-ins {rate:.1%}, mean wait {wait:.0f} ms)"


def _missed(study: Study, column: int) -> str:
    budgets = study.budgets
    limits = [budget.measure for budget in study.goal.budgets]
    missed = np.flatnonzero(budgets.uppers[:, column] > budgets.limits[:, 0])
    lines = []
    for row in missed:
        value, upper = budgets.values[row, column], budgets.uppers[row, column]
        if row >= len(limits):
            name = study.goal.no_slower_than[row - len(limits)]
            lines.append(f"{value:.0f} ms slower than {name}, up to {upper:.0f}")
        elif limits[row].is_share:
            lines.append(f"{limits[row]} {value:.1%}, up to {upper:.1%}")
        else:
            lines.append(f"{limits[row]} {value:.0f} ms, up to {upper:.0f}")
    return ", ".join(lines)


def _unit(goal: Goal) -> str:
    return {
        Objective.COST: "cost",
        Objective.MEAN_WAIT: "waiting",
        Objective.CUT_INS: "cut-ins' worth",
    }[goal.objective]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
