"""Calls made ready for a question: ordered, replayed, and weighed for each group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from fermata.errors import UsageError
from fermata.replay import Assumptions, PolicyGrid, Rule
from fermata.replay.pauses import Integers
from fermata.thresholds.blocks import Blocks
from fermata.thresholds.bootstrap import Draws
from fermata.thresholds.credibility import other_turns
from fermata.thresholds.grid import LEAST_MS, MOST_MS, standard_grid
from fermata.thresholds.models import ALL_GROUPS, PRESENT, Call, Policy, Question
from fermata.thresholds.tally import Tally, tally

VENDOR_DEFAULT = "vendor default"
"""The name of what the service does when it is told nothing."""

_DOCUMENTED_DEFAULT = Policy(400, 1_280)
"""AssemblyAI's default for Universal-Streaming, where no default is named."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Replayed calls.

    Attributes:
        question: what is asked of them.
        calls: those with a finished turn.
        blocks: the rows they make.
        grid: the policies.
        rows: what each policy does in each row.
        other_turns: how many turns all others weigh in the figures of one label.
    """

    question: Question
    calls: tuple[Call, ...]
    blocks: Blocks
    grid: PolicyGrid
    rows: Tally
    other_turns: float
    _draws: dict[str, Draws] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls,
        calls: Sequence[Call],
        labels: Sequence[str],
        question: Question,
        policies: Iterable[Policy],
    ) -> Self:
        """Replays calls.

        Args:
            calls: as `in_order` gives them, at least one.
            labels: what each call's row is told apart by.
            question: its rule is known.
            policies: those that the grid shall hold.

        Raises:
            UsageError: the rule is not known.
        """
        if question.rule is None:
            raise UsageError("the model's end-of-turn rule is not documented: name another model")
        wanted = {*policies, *question.named.values(), usual_policy(question, None)}
        on_grid = [*wanted, *_limits(question)]
        grid = standard_grid(question.rule, question.confidence, on_grid)
        blocks = Blocks.of(labels)
        rows = tally([call.pauses for call in calls], blocks.members, grid, assumed(question))
        column = {policy: at for at, policy in enumerate(rows.policies)}
        references = rows.at(sorted(column[policy] for policy in wanted))
        costs_ms = references.cost_ms(question.goal.exchange_rate_ms)
        _, owners = np.unique(blocks.labels, return_inverse=True)
        others = other_turns(costs_ms, rows.turns[:, 0], owners)
        return cls(question, tuple(calls), blocks, grid, rows, others)

    def with_error(self, error: float) -> Tally:
        """The rows under another error of the punctuation: `q` and `m`."""
        stated = assumed(self.question)
        other = replace(stated, complete_read_as_open=error, open_read_as_complete=error)
        if other == stated:
            return self.rows
        pauses = [call.pauses for call in self.calls]
        return tally(pauses, self.blocks.members, self.grid, other)

    def column(self, policy: Policy) -> int:
        """Where a policy of the grid stands among the rows' columns."""
        return self.rows.policies.index(policy)

    def draws_of(self, group: str) -> Draws:
        """The weights of a group's figures, `*` for all calls alike."""
        if group not in self._draws:
            self._draws[group] = self._drawn(group)
        return self._draws[group]

    def _drawn(self, group: str) -> Draws:
        own = self._rows_of(group)
        others = np.setdiff1d(np.arange(len(self.blocks.labels)), own)
        turns = self.rows.turns[:, 0]
        strata = [(own, 1.0)]
        if others.size:
            strata.append((others, min(self.other_turns / float(turns[others].sum()), 1.0)))
        return Draws.of(turns, strata)

    def turns_of(self, group: str) -> float:
        """The finished turns of a group, `*` for all."""
        return float(self.rows.turns[self._rows_of(group), 0].sum())

    def own_share(self, group: str) -> float:
        """How much a group's own turns weigh in its figures: its credibility `Z`."""
        own = self.turns_of(group)
        others = self.turns_of(ALL_GROUPS) - own
        return own / (own + min(self.other_turns, others))

    def _rows_of(self, group: str) -> Integers:
        every = np.arange(len(self.blocks.labels))
        return every if group == ALL_GROUPS else self.blocks.rows_of(group)


def _limits(question: Question) -> Iterable[Policy]:
    """The longest silences that the goal's limits on waits allow, so that none is missed."""
    for budget in question.goal.budgets:
        if not budget.measure.is_share:
            longest_ms = int(budget.at_most) - question.assumptions.detection_delay_ms
            if LEAST_MS <= longest_ms <= MOST_MS:
                yield Policy(longest_ms, longest_ms)


def in_order(calls: Iterable[Call]) -> tuple[Call, ...]:
    """The calls with a finished turn by id, so that the order they come in means nothing."""
    found = (call for call in calls if call.pauses.turn_own_ms.size)
    return tuple(sorted(found, key=lambda call: (call.call_id, call.group)))


def assumed(question: Question) -> Assumptions:
    """The assumptions as far as the rule reads them: silence alone has no marks to misread."""
    if question.rule is not Rule.SILENCE:
        return question.assumptions
    return replace(question.assumptions, complete_read_as_open=0.0, open_read_as_complete=0.0)


def usual_policy(question: Question, present: Policy | None) -> Policy:
    """What a silence that makes no difference stays at: the present, or else the vendor's."""
    return present or question.named.get(VENDOR_DEFAULT, _DOCUMENTED_DEFAULT)


def names_with(question: Question, present: Policy | None) -> Mapping[str, Policy]:
    """The policies that the goal may name.

    Raises:
        UsageError: it names the present one, and there is none.
    """
    if present is not None:
        return {**question.named, PRESENT: present}
    if PRESENT in question.goal.no_slower_than and PRESENT not in question.named:
        raise UsageError("the goal names the present setting: say which one is in force")
    return question.named
