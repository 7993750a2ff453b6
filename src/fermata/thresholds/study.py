"""A group's search: the best policy, the present one, and what lies between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from fermata.thresholds.evidence import Evidence, score_ms
from fermata.thresholds.goal import Goal
from fermata.thresholds.models import Estimate, Judged, Policy
from fermata.thresholds.search import Budgets, best_in, ranked, searched
from fermata.thresholds.selection import Selection


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What was found for a group.

    Attributes:
        goal: what was sought.
        evidence: every policy's figures.
        budgets: how each stands to the goal's limits.
        selection: of the best policy. Where none meets the budgets, it is the one that needs
            the fewest more calls to do so, and failing that the one nearest to them.
        present: that of the setting in force; None if unknown.
        gain_ms: of the best over the present one; None without the latter.
    """

    goal: Goal
    evidence: Evidence
    budgets: Budgets
    selection: Selection
    present: int | None
    gain_ms: Estimate | None

    @classmethod
    def of(
        cls,
        evidence: Evidence,
        goal: Goal,
        named: Mapping[str, Policy],
        present: Policy | None,
        usual: Policy,
    ) -> Self:
        """Searches.

        Args:
            evidence: every policy's figures.
            goal: what is sought.
            named: the policies that the goal may name.
            present: the setting in force, if known.
            usual: the policy that a tie goes to.
        """
        budgets = Budgets.of(evidence, goal, named)
        allowed = (budgets.excess_in(evidence.samples) == 0) & searched(evidence.whole)
        best = best_column(evidence, budgets, usual)
        selection = Selection.of(evidence, goal, best, allowed)
        if present is None:
            return cls(goal, evidence, budgets, selection, None, None)
        at = evidence.whole.policies.index(present)
        return cls(goal, evidence, budgets, selection, at, selection.gain_ms(at))

    @property
    def best(self) -> int:
        """The column of the best policy."""
        return self.selection.best

    @property
    def best_judged(self) -> Judged:
        """The figures of the best policy."""
        return self.selection.judged()

    @property
    def present_judged(self) -> Judged | None:
        """Those of the setting in force."""
        return None if self.present is None else self.evidence.judged(self.present, self.goal)


def best_column(evidence: Evidence, budgets: Budgets, usual: Policy) -> int:
    """The best policy; where none meets the budgets, the one that `Study` names."""
    sums = evidence.whole
    order = ranked(score_ms(sums, budgets.goal), sums, usual)
    # 1 for each policy that meets the budgets already, so that the first of these is taken.
    needed = budgets.more_calls[order]
    if np.isfinite(needed).any():
        return int(order[np.argmin(needed)])
    return best_in(sums, budgets, usual)
