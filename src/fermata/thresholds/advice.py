"""The recommendation for each group of calls."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from fermata.thresholds.decide import Decision, decide, shortage
from fermata.thresholds.evidence import Evidence
from fermata.thresholds.material import Material, assumed, in_order, names_with, usual_policy
from fermata.thresholds.models import ALL_GROUPS, Advice, Call, Policy, Question, Verdict
from fermata.thresholds.pareto import by_exchange_rate, curve
from fermata.thresholds.search import Budgets
from fermata.thresholds.sensitivity import sensitivities
from fermata.thresholds.study import Study

NO_SPEAKER_CHANGE = (
    "no speaker change was found in any call: check that the transcripts tell speakers apart"
)
"""Why nothing is advised where no call has a finished turn."""

# Most of it is sums, which Python's lock does not hold up; each takes memory.
_SIDE_BY_SIDE = 2


def advise(
    calls: Iterable[Call], question: Question, present: Mapping[str, Policy] | None = None
) -> dict[str, Advice]:
    """What to set for all calls together, and for each group of them.

    A small group's figures are pooled with those of all others (`fermata.thresholds.credibility`).
    Calls without a finished turn say nothing of rates and waits, and are left out.

    Args:
        calls: in any order; `call_id` is unique.
        question: rule, goal, assumptions and named policies.
        present: the setting in force by group, `*` for all others.

    Returns:
        Advice by group: first `*`, all calls, then the groups by name.

    Raises:
        UsageError: the goal names the present setting, and none is known for a group.
    """
    listed = tuple(calls)
    groups = [ALL_GROUPS, *sorted({call.group for call in listed})]
    settings = _settings(groups, present or {})
    usable = in_order(listed)
    advice = {group: _refused(group, listed, question) for group in groups}
    if question.rule is None or not usable:
        return advice
    labels = [call.group for call in usable]
    in_force = [policy for policy in settings.values() if policy]
    material = Material.of(usable, labels, question, in_force)
    judged = [group for group in groups if group == ALL_GROUPS or group in labels]
    budgets: dict[str, Budgets] = {}
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as beside:
        answers = beside.map(lambda group: _answer(group, material, settings[group]), judged)
    for group, (advice[group], found) in zip(judged, answers, strict=True):
        if found:
            budgets[group] = found
    return advice | _with_sensitivity(material, advice, budgets, settings)


def _settings(groups: Iterable[str], present: Mapping[str, Policy]) -> dict[str, Policy | None]:
    return {group: present.get(group, present.get(ALL_GROUPS)) for group in groups}


def _answer(
    group: str, material: Material, present: Policy | None
) -> tuple[Advice, Budgets | None]:
    """The advice for a group, and how policies stand to the budgets if it was searched."""
    question = material.question
    calls = sum(group in {ALL_GROUPS, call.group} for call in material.calls)
    empty = _empty(
        group,
        question,
        calls=calls,
        turns=round(material.turns_of(group)),
        own_share=material.own_share(group),
    )
    draws = material.draws_of(group)
    lacking = shortage(empty, draws.effective_calls, draws.effective_turns)
    if lacking:
        return _with_decision(empty, lacking), None
    usual = usual_policy(question, present)
    named = names_with(question, present)
    evidence = Evidence.of(material.rows, draws)
    study = Study.of(evidence, question.goal, named, present, usual)
    decided = _with_decision(empty, decide(study, calls / empty.own_share))
    return replace(
        decided,
        best=study.best_judged,
        present=study.present_judged,
        gain_ms=study.gain_ms,
        curve=curve(evidence, study.budgets.met),
        by_exchange_rate=by_exchange_rate(evidence.whole, usual),
    ), study.budgets


def _with_sensitivity(
    material: Material,
    advice: Mapping[str, Advice],
    budgets: Mapping[str, Budgets],
    settings: Mapping[str, Policy | None],
) -> dict[str, Advice]:
    best = {group: found.policy for group in budgets if (found := advice[group].best) is not None}
    lines = sensitivities(material, best, budgets, settings)
    return {group: replace(advice[group], sensitivity=lines[group]) for group in budgets}


def _refused(group: str, calls: Iterable[Call], question: Question) -> Advice:
    own = [call for call in calls if group in {ALL_GROUPS, call.group}]
    turns = sum(call.pauses.turn_own_ms.size for call in own)
    reason = (
        "the model's end-of-turn rule is not documented: set the service's default, or "
        "stream with a model whose rule is known"
        if question.rule is None
        else NO_SPEAKER_CHANGE
    )
    empty = _empty(group, question, calls=len(own), turns=turns, own_share=0.0)
    return _with_decision(empty, Decision(Verdict.REFUSED, reason))


def _empty(group: str, question: Question, *, calls: int, turns: int, own_share: float) -> Advice:
    return Advice(
        group=group,
        verdict=Verdict.REFUSED,
        reason="",
        policy=None,
        best=None,
        present=None,
        gain_ms=None,
        calls=calls,
        turns=turns,
        own_share=own_share,
        calls_needed=None,
        curve=(),
        by_exchange_rate=(),
        sensitivity=(),
        assumptions=assumed(question),
        goal=question.goal,
    )


def _with_decision(advice: Advice, decision: Decision) -> Advice:
    return replace(
        advice,
        verdict=decision.verdict,
        reason=decision.reason,
        policy=decision.policy,
        calls_needed=decision.calls_needed,
    )
