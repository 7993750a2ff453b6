"""The study's tables in markdown."""

from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.validation.budgets import GOALS
from benchmarks.validation.costs import (
    HINDSIGHT,
    PRESENTS,
    RATES_MS,
    Cost,
    kept_or_changed,
    mean_ms,
    shares,
)
from benchmarks.validation.coverage import AT_BEST, COST, GAIN, MEASURES, Cover
from benchmarks.validation.ground import NAMED
from benchmarks.validation.methods import METHODS, Tried
from benchmarks.validation.study import HALVES, Found, drawn_name
from fermata.replay import EXCHANGE_RATE_MS
from fermata.thresholds import GUIDE, RECOMMENDATION

WAYS = (GUIDE, *NAMED, RECOMMENDATION)


def table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def costs_table(found: Iterable[Found], rate_ms: int) -> str:
    """Mean cost of each way on the unseen half."""
    head = ["set", "calls", "turns", *WAYS, HINDSIGHT]
    return table(head, (_costs_row(each, rate_ms) for each in found))


def _costs_row(found: Found, rate_ms: int) -> list[str]:
    costs = _at(found.costs, rate_ms)
    means = [f"{mean_ms(costs, way):,.0f}" for way in (*WAYS, HINDSIGHT)]
    return [found.name, str(found.calls), f"{found.turns:,}", *means]


def wins_table(found: Iterable[Found]) -> str:
    """In which share of splits the recommendation is cheaper, at each exchange rate."""
    rows = [_wins_row(each, rate_ms) for each in found for rate_ms in RATES_MS]
    return table(["set", "one cut-in =", *(f"than {way}" for way in WAYS[:-1])], rows)


def _wins_row(found: Found, rate_ms: int) -> list[str]:
    costs = _at(found.costs, rate_ms)
    wins = (shares(costs, RECOMMENDATION, way) for way in WAYS[:-1])
    return [found.name, f"{rate_ms // 1_000} s", *(_with_ties(*each) for each in wins)]


def settled_table(found: Iterable[Found]) -> str:
    """What Fermata sets from a present setting, which it keeps unless the gain is certain."""
    head = ["set", "judged by", "present", "J of it", "J of what is set", "changed", "then cheaper"]
    rows = [
        [each.name, judge, *_settled_row(costs, present)]
        for each in found
        for judge, costs in _settled(each).items()
        for present in PRESENTS
    ]
    return table(head, rows)


def _settled(found: Found) -> dict[str, Sequence[Cost]]:
    halves: dict[str, Sequence[Cost]] = {HALVES: _at(found.costs, EXCHANGE_RATE_MS)}
    if not found.settled_of_draws:
        return halves
    return {**halves, drawn_name(found.calls): found.settled_of_draws}


def _settled_row(costs: Sequence[Cost], present: str) -> list[str]:
    way = kept_or_changed(present)
    is_changed = np.array([c.policy != NAMED[present] for c in costs if c.way == way])
    is_cheaper = _cost_ms(costs, way) < _cost_ms(costs, present)
    share = _percent(is_cheaper[is_changed].mean()) if is_changed.any() else "-"
    means = [f"{mean_ms(costs, each):,.0f}" for each in (present, way)]
    return [present, *means, _percent(is_changed.mean()), share]


def budgets_table(found: Iterable[Found]) -> str:
    """How often budgets are kept, by the upper bound and by the estimate alone."""
    head = ["set", "budget"]
    for kind in ("on the upper bound", "on the estimate"):
        head += [f"met {kind}", "kept in the other half", "kept in truth"]
    rows = [_budget_row(each, goal) for each in found if each.kept for goal in GOALS]
    return table(head, rows)


def _budget_row(found: Found, goal: str) -> list[str]:
    halves = [each for each in found.kept if each.goal == goal]
    drawn = [each for each in found.kept_of_draws if each.goal == goal]
    sure = _kept([each.surely for each in halves], [each.surely for each in drawn])
    naive = _kept([each.naively for each in halves], [each.naively for each in drawn])
    return [found.name, goal, *sure, *naive]


def _kept(halves: Sequence[bool | None], drawn: Sequence[bool | None]) -> list[str]:
    met = [each for each in halves if each is not None]
    met_drawn = [each for each in drawn if each is not None]
    return [
        _percent(len(met) / len(halves)),
        _percent(np.mean(met)) if met else "-",
        _percent(np.mean(met_drawn)) if met_drawn else "-",
    ]


def coverage_table(found: Iterable[Found]) -> str:
    """How often 95 % intervals hold the truth, in percent: on average (lowest to highest)."""
    figures = [*MEASURES, COST]
    head = ["set", "judged by", *(f"{each}, fixed" for each in figures)]
    head += [*(f"{each}, best" for each in figures), GAIN]
    rows = [
        _coverage_row(each.name, way, covers)
        for each in found
        for way, covers in each.covers.items()
    ]
    return table(head, rows)


def _coverage_row(name: str, way: str, covers: Sequence[Cover]) -> list[str]:
    figures = [*MEASURES, COST]
    fixed = [_coverage(covers, figure, NAMED) for figure in figures]
    best = [_coverage(covers, figure, [AT_BEST]) for figure in figures]
    return [name, way, *fixed, *best, _coverage(covers, GAIN, NAMED)]


def _coverage(covers: Sequence[Cover], figure: str, policies: Iterable[str]) -> str:
    by_policy = [
        [not cover.error for cover in covers if (cover.figure, cover.policy) == (figure, policy)]
        for policy in policies
        if not all(c.is_exact for c in covers if (c.figure, c.policy) == (figure, policy))
    ]
    if not by_policy:
        return "exact"
    each = [100 * float(np.mean(held)) for held in by_policy]
    spread = f" ({min(each):.0f}-{max(each):.0f})" if len(each) > 1 else ""
    return f"{np.mean(each):.1f}{spread}"


def methods_table(found: Iterable[Found]) -> str:
    """How often intervals by each method hold cut-ins and J of the named policies, and how wide.

    On average over them (the worst of them); the width as a share of the figure, median.
    """
    rows = [
        [each.name, drawn_name(size), *(_method(tried, method) for method in METHODS)]
        for each in found
        for size, tried in each.tried.items()
    ]
    return table(["set", "judged by", *METHODS], rows)


def _method(tried: Sequence[Tried], method: str) -> str:
    ours = [each for each in tried if each.method == method]
    figures = {each.figure for each in ours}
    held = [100 * np.mean([t.holds for t in ours if t.figure == figure]) for figure in figures]
    width = np.median([each.width for each in ours])
    return f"{np.mean(held):.1f} ({min(held):.0f}), {_percent(width)}"


def pairs_table(found: Iterable[Found]) -> str:
    """The best pair over all calls, and how far those of the splits are from each other."""
    return table(["set", "all calls", "minimum", "maximum"], [_pairs_row(each) for each in found])


def _pairs_row(found: Found) -> list[str]:
    costs = _at(found.costs, EXCHANGE_RATE_MS)
    pairs = [cost.policy for cost in costs if cost.way == RECOMMENDATION]
    minima = [each.min_turn_silence_ms for each in pairs]
    maxima = [each.max_turn_silence_ms for each in pairs]
    return [found.name, str(found.best), _spread(minima), _spread(maxima)]


def _spread(values_ms: Sequence[int]) -> str:
    low, high = np.quantile(values_ms, [0.05, 0.95], method="nearest")
    return f"{low:,} to {high:,} ms"


def _at(costs: Iterable[Cost], rate_ms: int) -> list[Cost]:
    return [cost for cost in costs if cost.rate_ms == rate_ms]


def _cost_ms(costs: Iterable[Cost], way: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([cost.cost_ms for cost in costs if cost.way == way])


def _with_ties(share: float, same: float) -> str:
    return _percent(share) + (f" (same {_percent(same)})" if same else "")


def _percent(share: float | np.floating) -> str:
    return f"{100 * share:.0f} %"
