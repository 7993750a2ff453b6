"""Ways to set the thresholds side by side, judged on calls that they were not fitted on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from fermata.errors import UsageError
from fermata.replay.pauses import Integers, Numbers
from fermata.thresholds.bootstrap import Draws
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.material import Material, assumed, in_order, names_with, usual_policy
from fermata.thresholds.models import (
    ALL_GROUPS,
    PRESENT,
    Call,
    Compared,
    Comparison,
    Policy,
    Question,
)
from fermata.thresholds.search import Budgets
from fermata.thresholds.study import best_column
from fermata.thresholds.tally import Tally

FOLDS = 5
"""Into how many parts the calls are dealt, by id."""

GUIDE = "guide"
RECOMMENDATION = "recommendation"

Guide = Callable[[Integers], Policy]
"""The guide's rule: from the pooled positive gaps, in ms and perhaps none, to a policy."""


def compare(
    calls: Iterable[Call], question: Question, policies: Mapping[str, Policy], guide: Guide
) -> Comparison:
    """Cross-validates the guide's choice and the recommendation beside fixed policies.

    The calls are dealt to folds in the order of their ids. The guide's rule and the search are
    fitted on all folds but one and judged on that one; the figures of a row are those of all
    folds together. The search takes the nearest policy where none meets the budgets.

    Args:
        calls: in any order, all groups together.
        question: rule, goal, assumptions and named policies.
        policies: the rows between guide and recommendation, such as presets and `present`.
        guide: the guide's rule.

    Raises:
        UsageError: the rule is not known, fewer than five calls have a finished turn, or the
            goal names the present setting and `policies` has none.
    """
    usable = in_order(calls)
    if len(usable) < FOLDS:
        raise UsageError(
            f"{len(usable)} calls with a finished turn cannot be dealt to {FOLDS} folds: add some"
        )
    folds = [str(at % FOLDS) for at in range(len(usable))]
    guided = _guided(usable, folds, guide)
    material = Material.of(usable, folds, question, [*policies.values(), *guided.values()])
    fitted = _fitted(material, policies.get(PRESENT))
    rows = [_row(material, GUIDE, guided)]
    rows += [_row(material, name, _fixed(policy)) for name, policy in policies.items()]
    rows += [_row(material, RECOMMENDATION, fitted)]
    turns = round(material.turns_of(ALL_GROUPS))
    return Comparison(tuple(rows), len(usable), turns, assumed(question), question.goal)


def _folds() -> Sequence[str]:
    return [str(fold) for fold in range(FOLDS)]


def _fixed(policy: Policy) -> dict[str, Policy]:
    return dict.fromkeys([ALL_GROUPS, *_folds()], policy)


def _guided(calls: Sequence[Call], folds: Sequence[str], guide: Guide) -> dict[str, Policy]:
    def without(held_out: str) -> Policy:
        training = [call for call, fold in zip(calls, folds, strict=True) if fold != held_out]
        return guide(np.concatenate([call.gaps_ms for call in training]))

    return {fold: without(fold) for fold in (ALL_GROUPS, *_folds())}


def _fitted(material: Material, present: Policy | None) -> dict[str, Policy]:
    usual = usual_policy(material.question, present)
    named = names_with(material.question, present)
    turns, labels = material.rows.turns[:, 0], np.asarray(material.blocks.labels)

    def without(held_out: str) -> Policy:
        draws = Draws.of(turns, [(np.flatnonzero(labels != held_out), 1.0)])
        evidence = Evidence.of(material.rows, draws)
        budgets = Budgets.of(evidence, material.question.goal, named)
        return evidence.whole.policies[best_column(evidence, budgets, usual)]

    return {fold: without(fold) for fold in (ALL_GROUPS, *_folds())}


def _row(material: Material, name: str, by_fold: Mapping[str, Policy]) -> Compared:
    column = {fold: material.column(by_fold[fold]) for fold in _folds()}
    columns = [column[fold] for fold in material.blocks.labels]
    crossed = _crossed(material.rows, np.array(columns), by_fold[ALL_GROUPS])
    evidence = Evidence.of(crossed, material.draws_of(ALL_GROUPS))
    used = tuple(by_fold[fold] for fold in _folds())
    return Compared(name, evidence.judged(0, material.question.goal), used)


def _crossed(rows: Tally, columns: Integers, policy: Policy) -> Tally:
    """One column under the policy's name, with each row's counts under a policy of its own."""
    each = np.arange(columns.size)

    def picked(counts: Numbers) -> Numbers:
        return counts[each, columns][:, None]

    waits_ms, which = np.unique(rows.wait_ms[:, columns], return_inverse=True)
    answered = np.zeros((waits_ms.size, columns.size, 1))
    for at, counts in zip(which.reshape(-1, columns.size), rows.answered, strict=True):
        answered[at, each] += picked(counts)
    return replace(
        rows,
        policies=(policy,),
        wait_ms=waits_ms[:, None],
        cut_in_turns=picked(rows.cut_in_turns),
        mid_sentence_turns=picked(rows.mid_sentence_turns),
        after_sentence_turns=picked(rows.after_sentence_turns),
        cut_ins=picked(rows.cut_ins),
        cancelled_replies=picked(rows.cancelled_replies),
        no_fires=picked(rows.no_fires),
        answered=answered,
    )
