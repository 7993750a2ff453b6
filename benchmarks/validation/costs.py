"""Which way to set the thresholds costs least on calls that it was not fitted on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.validation.ground import NAMED
from benchmarks.validation.trials import Trial
from fermata.replay import EXCHANGE_RATE_MS
from fermata.thresholds import GUIDE, RECOMMENDATION, VENDOR_DEFAULT, Goal, Policy
from fermata.thresholds.decide import decide, suffices
from fermata.thresholds.search import ranked
from fermata.thresholds.study import Study

RATES_MS = (1_000, 5_000, 20_000)
"""What one cut-in is worth in waiting."""

HINDSIGHT = "hindsight"
"""The best pair of the judged half itself, which nobody can know: what is left to gain."""

PRESENTS = (VENDOR_DEFAULT, "balanced")
"""The settings that are tried as the present one."""


def kept_or_changed(present: str) -> str:
    """The name of what Fermata would set where a setting is in force."""
    return f"Fermata from {present}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way cost on the judged calls of one trial.

    Attributes:
        rate_ms: what one cut-in is worth.
        way: its name.
        policy: what it set.
        cost_ms: per turn.
    """

    rate_ms: int
    way: str
    policy: Policy
    cost_ms: float


def costs_of(trial: Trial) -> Iterator[Cost]:
    """Every way at every rate; what Fermata would set at its default rate alone."""
    for rate_ms in RATES_MS:
        judged = trial.judged.cost_ms(rate_ms)
        ways = _ways(trial, rate_ms)
        if rate_ms == EXCHANGE_RATE_MS:
            ways |= _settled_from_each(trial)
        for way, policy in ways.items():
            cost_ms = float(judged[trial.ground.column(policy)])
            yield Cost(rate_ms, way, policy, cost_ms)
        least = int(np.argmin(judged))
        yield Cost(rate_ms, HINDSIGHT, trial.judged.policies[least], float(judged[least]))


def _ways(trial: Trial, rate_ms: int) -> dict[str, Policy]:
    fitted = trial.fitted.whole
    best = ranked(fitted.cost_ms(rate_ms), fitted, NAMED[VENDOR_DEFAULT])[0]
    return {
        GUIDE: trial.ground.guided(trial.drawn),
        **NAMED,
        RECOMMENDATION: fitted.policies[best],
    }


def settled_costs_of(trial: Trial) -> Iterator[Cost]:
    """What Fermata would set, beside the settings in force."""
    rate_ms = EXCHANGE_RATE_MS
    judged = trial.judged.cost_ms(rate_ms)
    for way, policy in {**NAMED, **_settled_from_each(trial)}.items():
        yield Cost(rate_ms, way, policy, float(judged[trial.ground.column(policy)]))


def _settled_from_each(trial: Trial) -> dict[str, Policy]:
    return {kept_or_changed(name): settled(trial, NAMED[name]) for name in PRESENTS}


def settled(trial: Trial, present: Policy) -> Policy:
    """What is in force after the advice has been followed: the present policy unless it changes."""
    evidence, calls = trial.fitted, trial.drawn.size
    if not suffices(evidence.effective_calls, evidence.effective_turns):
        return present
    study = Study.of(evidence, Goal(), NAMED, present, present)
    return decide(study, calls).policy or present


def mean_ms(costs: Sequence[Cost], way: str) -> float:
    """The mean cost of a way over all trials."""
    return float(np.mean([cost.cost_ms for cost in costs if cost.way == way]))


def shares(costs: Sequence[Cost], way: str, other: str) -> tuple[float, float]:
    """In which share of trials a way is cheaper than another, and in which it costs the same."""
    one = np.array([cost.cost_ms for cost in costs if cost.way == way])
    two = np.array([cost.cost_ms for cost in costs if cost.way == other])
    same = np.isclose(one, two, rtol=0, atol=1e-6)
    return float(np.mean((one < two) & ~same)), float(np.mean(same))
