"""The whole plane of policies as arrays, for a heat map."""

from collections.abc import Iterable

import numpy as np

from fermata.errors import UsageError
from fermata.replay.pauses import Numbers
from fermata.thresholds.goal import Measure
from fermata.thresholds.material import Material, in_order
from fermata.thresholds.models import ALL_GROUPS, Call, Landscape, Question


def landscape(calls: Iterable[Call], question: Question) -> Landscape:
    """What each policy of the standard grid does to all calls together.

    Args:
        calls: in any order.
        question: its rule, assumptions, exchange rate and named policies; budgets are not read.

    Raises:
        UsageError: the rule is not known, or no call has a finished turn.
    """
    usable = in_order(calls)
    if not usable:
        raise UsageError("no call has a finished turn: there is no plane to show")
    material = Material.of(usable, [ALL_GROUPS] * len(usable), question, ())
    grid, sums = material.grid, material.rows.weighed(np.ones(len(material.blocks.labels)))
    shown = grid.min_ms[:, None] <= grid.max_ms[None, :]

    def plane(values: Numbers) -> Numbers:
        cells = np.full(grid.shape, np.nan)
        cells[shown] = values
        return cells

    return Landscape(
        min_ms=grid.min_ms,
        max_ms=grid.max_ms,
        cut_in_rate=plane(sums.measure(Measure.CUT_INS)),
        mid_sentence_rate=plane(sums.measure(Measure.MID_SENTENCE)),
        after_sentence_rate=plane(sums.measure(Measure.AFTER_SENTENCE)),
        mean_wait_ms=plane(sums.measure(Measure.MEAN_WAIT)),
        cost_ms=plane(sums.cost_ms(question.goal.exchange_rate_ms)),
    )
