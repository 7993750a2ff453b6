"""What an error of the streaming model's punctuation does to a recommendation."""

from collections.abc import Mapping

from fermata.replay import Rule
from fermata.thresholds.drawn import Drawn
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.material import Material, usual_policy
from fermata.thresholds.models import Policy, Sensitivity
from fermata.thresholds.search import Budgets, best_in

ERRORS = (0.0, 0.05, 0.10)
"""The shares of marks that are tried as missed and as made up."""

_NONE: tuple[Sensitivity, ...] = ()


def sensitivities(
    material: Material,
    best: Mapping[str, Policy],
    budgets: Mapping[str, Budgets],
    present: Mapping[str, Policy | None],
) -> dict[str, tuple[Sensitivity, ...]]:
    """Judges each group's best policy under each error, and searches for a better one.

    Args:
        material: the calls.
        best: the policy to judge, by group.
        budgets: as they stand without that error, by group.
        present: the setting in force, which ties go to.

    Returns:
        One line per error for each group; none where the rule reads no punctuation.
    """
    question, found = material.question, dict.fromkeys(best, _NONE)
    if question.rule is Rule.SILENCE:
        return found
    for error in ERRORS:
        rows = material.with_error(error)
        for group, policy in best.items():
            draws, limits = material.draws_of(group), budgets[group]
            sums = Drawn.of(rows, draws.weights)
            column = best_in(sums, limits, usual_policy(question, present[group]))
            evidence = Evidence.of(rows.at([material.column(policy)]), draws)
            line = Sensitivity(
                error=error,
                judged=evidence.judged(0, question.goal),
                best=sums.policies[column],
                best_cost_ms=float(sums.cost_ms(question.goal.exchange_rate_ms)[column]),
            )
            found[group] = (*found[group], line)
    return found
